/** Uploaded announcements and hold music (contract README §11). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeWebexId, SOUND_BYTES_MAX, SOUND_NAME_CHARS_MAX } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(() => {
  api.ports.allSounds.length = 0
})

const URL = '/tandem/v1/announcements'
const upload = (
  query: string,
  payload: Buffer | string | undefined,
  type: string | undefined = 'audio/wav',
): Promise<LightMyRequestResponse> =>
  api.send('admin', {
    method: 'POST',
    url: URL + query,
    ...(payload === undefined ? {} : { payload }),
    headers: type === undefined ? {} : { 'content-type': type },
  })

describe('announcements', () => {
  it('are uploaded as they are, listed and deleted', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128])
    const answer = await upload('?name=%20Hold%20music%20', bytes, 'Audio/WAV; codecs=1')
    assert.equal(answer.statusCode, 201, answer.body)
    const announcement = answer.json()
    assert.deepEqual(announcement, {
      id: announcement.id,
      name: 'Hold music',
      sizeBytes: 5,
      durationMs: 1_000,
      created: '1970-01-01T00:00:00.000Z',
    })
    assert.deepEqual(Buffer.from(api.ports.allSounds[0]?.bytes ?? []), bytes)
    const list = async (caller: CallerName): Promise<unknown> => (await api.send(caller, { url: URL })).json()
    assert.deepEqual(await list('admin'), { items: [announcement] })
    assert.deepEqual(await list('foreign'), { items: [] }, 'another organisation has its own')
    const remove = async (caller: CallerName, id: string): Promise<number> =>
      (await api.send(caller, { method: 'DELETE', url: `${URL}/${id}` })).statusCode
    assert.equal(await remove('foreign', announcement.id), 404)
    assert.equal(await remove('admin', 'x'), 404)
    assert.equal(await remove('admin', announcement.id.toUpperCase()), 204)
    assert.equal(await remove('admin', announcement.id), 404)
  })

  it('need a name, a body, and a media type that is a sound', async () => {
    const sound = Buffer.from('x')
    const longest = 'n'.repeat(SOUND_NAME_CHARS_MAX)
    assert.equal((await upload(`?name=${longest}`, sound)).statusCode, 201)
    assert.equal((await upload(`?name=${longest}n`, sound)).statusCode, 400)
    assert.equal((await upload('', sound)).statusCode, 400)
    assert.equal((await upload('?name=%20', sound)).statusCode, 400)
    assert.equal((await upload('?name=a', undefined)).statusCode, 400)
    assert.equal((await upload('?name=a', '')).statusCode, 400)
    for (const type of ['application/json', 'text/plain', 'audio', 'application/audio/wav'])
      assert.equal((await upload('?name=a', sound, type)).statusCode, 415, type)
    assert.equal(api.ports.allSounds.length, 1)
  })

  it('may have 16 MiB, and not one byte more', async () => {
    const largest = Buffer.alloc(SOUND_BYTES_MAX)
    assert.equal((await upload('?name=a', largest)).statusCode, 201)
    assert.equal((await upload('?name=a', Buffer.alloc(SOUND_BYTES_MAX + 1))).statusCode, 413)
  })

  it('say what is wrong with a sound that cannot be read', async () => {
    const answer = await upload('?name=a', Buffer.from('MThd'), 'audio/midi')
    assert.equal(answer.statusCode, 400)
    assert.equal(answer.json().message, 'MIDI is not taken')
  })

  it('are the only bodies that may be sounds', async () => {
    const url = '/v1/telephony/calls/push'
    const headers = { 'content-type': 'audio/wav' }
    const answer = await api.send('owner', { method: 'POST', url, headers, payload: Buffer.from('x') })
    assert.equal(answer.statusCode, 415)
  })
})

describe('PUT /tandem/v1/locations/{locationId}/holdMusic', () => {
  const put = async (location: string, payload: object, caller: CallerName = 'admin'): Promise<number> => {
    const url = `/tandem/v1/locations/${location}/holdMusic`
    return (await api.send(caller, { method: 'PUT', url, payload })).statusCode
  }

  it('chooses an uploaded sound, and the built-in music with null', async () => {
    const { id } = (await upload('?name=a', Buffer.from('x'))).json()
    for (const location of [IDS.location, encodeWebexId('LOCATION', IDS.location)]) {
      assert.equal(await put(location, { announcementId: id }), 204)
      assert.equal(api.ports.locations.get(IDS.location)?.holdMusic, id)
      assert.equal(await put(location, { announcementId: null }), 204)
      assert.equal(api.ports.locations.get(IDS.location)?.holdMusic, null)
    }
    assert.equal(await put(IDS.location, { announcementId: id }, 'foreign'), 400, 'not a sound of theirs')
    assert.equal(await put(IDS.location, { announcementId: null }, 'foreign'), 404)
  })

  it('refuses what is no sound, no location, or no body', async () => {
    for (const payload of [{}, { announcementId: '' }, { announcementId: 7 }, { announcementId: IDS.place }])
      assert.equal(await put(IDS.location, payload), 400, JSON.stringify(payload))
    for (const location of [IDS.place, 'x', encodeWebexId('PEOPLE', IDS.location)])
      assert.equal(await put(location, { announcementId: null }), 404, location)
  })
})
