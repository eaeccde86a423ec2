import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { RecordingImport } from '@tandem/contract'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, NOW, openTestApi, type TestApi } from '../../testing/api.ts'
import { BODY_BYTES_MAX } from '../body.ts'
import { AHEAD_MS_MAX } from './import-request.ts'
import { SERVICE_DATA_LEVELS_MAX } from './service-data.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

const IMPORTS = '/tandem/v1/imports'
const CALL = { ownerEmail: 'Owner@alpha.test', topic: 'Call from elsewhere' }

/** Bytes of a part on disk; 0 when there is none. */
async function partBytes(id: string): Promise<number> {
  const folder = join(api.data.folder, 'imports')
  const name = (await readdir(folder)).find((each) => each.startsWith(id))
  return name === undefined ? 0 : (await stat(join(folder, name))).size
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}

/** Seconds of a tone as WAV, 8 kHz, 16 bits; another pitch makes another file. */
function wav(hz: number, seconds = 1): Buffer {
  const data = Buffer.alloc(16_000 * seconds)
  for (let at = 0; at < data.length; at += 2)
    data.writeInt16LE(Math.round(9_000 * Math.sin((Math.PI * hz * at) / 8_000)), at)
  const head = Buffer.from('RIFF    WAVEfmt                     data    ', 'latin1')
  head.writeUInt32LE(36 + data.length, 4)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8_000, 24)
  head.writeUInt32LE(16_000, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

const send = (request: InjectOptions, caller: CallerName = 'admin') => api.send(caller, request)
const create = (payload: object) => send({ method: 'POST', url: IMPORTS, payload })
async function begin(payload: object = CALL): Promise<RecordingImport> {
  const answer = await create(payload)
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json()
}
function upload(id: string, payload: Buffer, range?: string): Promise<LightMyRequestResponse> {
  const headers = range === undefined ? {} : { 'content-range': range }
  return send({
    method: 'PUT',
    url: `${IMPORTS}/${id}/media`,
    payload,
    headers: { 'content-type': 'audio/wav', ...headers },
  })
}
const look = async (id: string): Promise<RecordingImport> =>
  (await send({ method: 'GET', url: `${IMPORTS}/${id}` })).json()

describe('an import (contract README §11)', () => {
  it('takes a file whole, and makes it a recording of its owner with all that was told', async () => {
    const created = await begin({
      ...CALL,
      createTime: '2026-01-02T13:00:00+01:00',
      timeRecorded: '2026-01-02',
      fileName: 'a.wav',
      storageRegion: 'SG',
      callSessionId: 'C0A4D1B2-9F7E-4B60-8F0A-5AD2F1E3B644',
      locationId: IDS.location,
      transcript: { format: 'vtt', text: 'WEBVTT\n\n00:00.000 --> 00:01.000\nHello from elsewhere\n' },
      serviceData: { callingParty: { name: 'Mira Okafor' } },
    })
    assert.deepEqual(
      { ...created, id: '' },
      {
        ...{ id: '', state: 'waiting', fileName: 'a.wav', receivedBytes: 0 },
        ...{ createdBy: IDS.admin, created: '2026-02-03T12:00:00.000Z' },
      },
    )
    const media = wav(440)
    const answer = await upload(created.id, media)
    assert.equal(answer.statusCode, 200, answer.body)
    const done: RecordingImport = answer.json()
    assert.equal(done.state, 'done')
    assert.equal(done.receivedBytes, media.length)
    const details = await send({ url: `/v1/convergedRecordings/${done.recordingId}` }, 'owner')
    const recording = details.json()
    assert.equal(recording.topic, CALL.topic)
    assert.equal(recording.ownerEmail, 'owner@alpha.test')
    assert.equal(recording.createTime, '2026-01-02T12:00:00Z')
    assert.equal(recording.timeRecorded, '2026-01-02T00:00:00Z')
    assert.equal(recording.storageRegion, 'SG')
    assert.deepEqual(recording.serviceData, {
      locationId: IDS.location,
      callSessionId: 'c0a4d1b2-9f7e-4b60-8f0a-5ad2f1e3b644',
    })
    const transcript = await send({ url: `/tandem/v1/recordings/${done.recordingId}/transcript` }, 'owner')
    assert.equal(transcript.json().segments[0].text, 'Hello from elsewhere')
    const again = await begin({ ...CALL, sha256: createHash('sha256').update(media).digest('hex') })
    assert.deepEqual([again.state, again.recordingId], ['duplicate', done.recordingId])
    const sent = await upload((await begin()).id, media)
    assert.deepEqual([sent.json().state, sent.json().recordingId], ['duplicate', done.recordingId])
  })

  it('takes a file in stretches, says where it goes on, and is whole with the last byte', async () => {
    const media = wav(450)
    const { id } = await begin({ ...CALL, sizeBytes: media.length })
    const total = media.length
    const first = await upload(id, media.subarray(0, 5_000), `bytes 0-4999/${total}`)
    assert.deepEqual([first.json().state, first.json().receivedBytes], ['receiving', 5_000])
    const wrong = await upload(id, media.subarray(6_000), `bytes 6000-${total - 1}/${total}`)
    assert.equal(wrong.statusCode, 409)
    assert.match(wrong.json().message, /goes on from byte 5000/)
    assert.equal((await look(id)).receivedBytes, 5_000)
    const other = await upload(id, media.subarray(5_000), `bytes 5000-${total - 1}/${total + 1}`)
    assert.equal(other.statusCode, 400, 'another size than was announced')
    const second = await upload(id, media.subarray(5_000, 9_000), 'bytes 5000-8999/*')
    assert.equal(second.json().receivedBytes, 9_000)
    const last = await upload(id, media.subarray(9_000), `bytes 9000-${total - 1}/${total}`)
    assert.equal(last.json().state, 'done')
    const after = await upload(id, media)
    assert.equal(after.statusCode, 409)
    assert.match(after.json().message, /is done and takes nothing more/)
  })

  it('is ended by a range without bytes, when the sender learns its size last', async () => {
    const media = wav(460)
    const { id } = await begin()
    await upload(id, media, `bytes 0-${media.length - 1}/*`)
    assert.equal((await look(id)).state, 'receiving')
    const answer = await upload(id, Buffer.alloc(0), `bytes */${media.length}`)
    assert.equal(answer.json().state, 'done', answer.body)
  })

  it('names media that cannot be read, puts it into quarantine, and goes on with others', async () => {
    const cases: [Buffer, object, RegExp][] = [
      [Buffer.from('%PDF-1.7 this is no sound at all'), {}, /PDF/],
      [wav(470).subarray(0, 30), {}, /\w/],
      [Buffer.alloc(0), {}, /empty/],
      [wav(480), { sha256: '0'.repeat(64) }, /SHA-256/],
    ]
    for (const [media, more, sentence] of cases) {
      const { id } = await begin({ ...CALL, ...more })
      const answer = await upload(id, media)
      assert.equal(answer.statusCode, 400, answer.body)
      assert.equal(answer.json().errors[0].errorCode, 10_221)
      assert.match(answer.json().message, sentence)
      const { state, error } = await look(id)
      assert.deepEqual([state, error], ['failed', answer.json().message])
      assert.ok((await readdir(join(api.data.folder, 'quarantine'))).includes(`${id}.json`))
      assert.equal(api.library.entries.at(-1)?.action, 'import.failed')
    }
    assert.equal((await upload((await begin()).id, wav(490))).json().state, 'done')
  })

  it('is given up, once, while it is not finished', async () => {
    const { id } = await begin()
    await upload(id, wav(500).subarray(0, 100), 'bytes 0-99/*')
    const cancel = () => send({ method: 'DELETE', url: `${IMPORTS}/${id}` })
    assert.equal((await cancel()).statusCode, 204)
    assert.equal((await look(id)).state, 'cancelled')
    assert.equal((await cancel()).statusCode, 409)
    assert.equal((await upload(id, wav(500))).statusCode, 409)
    assert.ok(!(await readdir(join(api.data.folder, 'imports'))).some((name) => name.startsWith(id)))
  })

  it('is listed newest first, page by page, with a link that a client follows as it is', async () => {
    const ids: string[] = []
    for (let n = 0; n < 3; n++) {
      api.now += 1
      ids.unshift((await begin()).id)
    }
    const seen: string[] = []
    let url: string | undefined = `${IMPORTS}?max=2`
    for (let page = 0; url !== undefined && page < 2; page++) {
      const answer = await send({ url })
      seen.push(...answer.json().items.map((item: RecordingImport) => item.id))
      url = /^<https:\/\/pbx\.example\.com([^>]+)>; rel="next"$/.exec(String(answer.headers['link']))?.[1]
    }
    assert.deepEqual(seen.slice(0, 3), ids)
    assert.equal(new Set(seen).size, 4)
    for (const bad of ['max=0', 'max=101', 'max=x', 'cursor=x'])
      assert.match(
        (await send({ url: `${IMPORTS}?${bad}` })).json().message,
        new RegExp(`^${bad.split('=')[0]} `),
      )
    api.now = NOW
  })
})

describe('what an import is begun with', () => {
  const refused: [string, object, number, RegExp][] = [
    ['no owner', { topic: 'x' }, 400, /^ownerEmail or ownerId is required/],
    ['two owners', { ...CALL, ownerId: IDS.owner }, 400, /^ownerEmail or ownerId/],
    ['an owner of another organisation', { ownerId: IDS.foreign, topic: 'x' }, 404, /^ownerId names nobody/],
    ['an unknown owner', { ...CALL, ownerEmail: 'nobody@alpha.test' }, 404, /^ownerEmail names nobody/],
    ['no topic', { ownerId: IDS.owner }, 400, /^topic is required/],
    ['a blank topic', { ...CALL, topic: '  ' }, 400, /^topic must not be blank/],
    ['a topic that is too long', { ...CALL, topic: 'x'.repeat(257) }, 400, /^topic /],
    ['a moment that is none', { ...CALL, createTime: '2026-02-30' }, 400, /^createTime must be a date/],
    [
      'a moment to come',
      { ...CALL, createTime: new Date(NOW + AHEAD_MS_MAX + 1).toISOString() },
      400,
      /future/,
    ],
    [
      'an end before the beginning',
      { ...CALL, createTime: '2026-01-01', timeRecorded: '2026-01-02' },
      400,
      /^timeRecorded must not be later/,
    ],
    ['another region', { ...CALL, storageRegion: 'MOON' }, 400, /^storageRegion must be one of US/],
    ['a hash that is none', { ...CALL, sha256: 'xyz' }, 400, /^sha256 /],
    ['no size', { ...CALL, sizeBytes: 0 }, 400, /^sizeBytes /],
    ['a size beyond all', { ...CALL, sizeBytes: 64 * 2 ** 30 + 1 }, 400, /^sizeBytes /],
    [
      'a meeting of a call',
      { ...CALL, serviceType: 'calling', meeting: { siteUrl: 'x' } },
      400,
      /^meeting is/,
    ],
    ['a meeting without its facts', { ...CALL, serviceType: 'meeting' }, 400, /^meeting is/],
    ['a place that is none', { ...CALL, locationId: '../x' }, 400, /^locationId /],
    [
      'a text that is no transcript',
      { ...CALL, transcript: { format: 'vtt', text: 'x' } },
      400,
      /^transcript\.text is no transcript: Line 1/,
    ],
    ['data that is no object', { ...CALL, serviceData: [1] }, 400, /^serviceData must be an object/],
  ]
  for (const [name, payload, status, sentence] of refused)
    it(`is refused with ${name}`, async () => {
      const answer = await create(payload)
      assert.equal(answer.statusCode, status, answer.body)
      assert.match(answer.json().message, sentence)
      const noted = api.library.entries.at(-1)
      assert.deepEqual([noted?.action, noted?.detail?.['operation']], ['refused', 'createImport'])
    })

  it('may be as deep as its limit and no deeper, ten thousand levels included (A07)', async () => {
    const deep = (levels: number) =>
      `{"ownerEmail":"owner@alpha.test","topic":"x","serviceData":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`
    const post = (payload: string) =>
      send({ method: 'POST', url: IMPORTS, payload, headers: { 'content-type': 'application/json' } })
    assert.equal((await post(deep(SERVICE_DATA_LEVELS_MAX))).statusCode, 201)
    for (const levels of [SERVICE_DATA_LEVELS_MAX + 1, 10_000]) {
      const answer = await post(deep(levels))
      assert.equal(answer.statusCode, 400, String(levels))
      assert.match(answer.json().message, /^serviceData must have at most 32 levels/)
    }
  })

  it('is taken with a transcript that is larger than other bodies', async () => {
    const text = `WEBVTT\n\nNOTE ${'x'.repeat(2 * BODY_BYTES_MAX)}\n\n00:00.000 --> 00:01.000\nHello\n`
    assert.equal((await create({ ...CALL, transcript: { format: 'vtt', text } })).statusCode, 201)
  })

  it('cannot smuggle in what is not the sender’s to say (A06)', async () => {
    const payload = JSON.stringify({
      ...CALL,
      ...{
        orgId: IDS.foreignOrg,
        status: 'purged',
        legalHold: true,
        retentionUntil: 0,
        role: 'admin',
        id: 'x',
      },
      ...{ state: 'done', recordingId: 'x', receivedBytes: 9 },
    }).replace('{', '{"__proto__":{"state":"done"},"constructor":1,')
    const headers = { 'content-type': 'application/json' }
    const created = (await send({ method: 'POST', url: IMPORTS, payload, headers })).json()
    assert.deepEqual([created.state, created.receivedBytes, created.recordingId], ['waiting', 0, undefined])
    const done = (await upload(created.id, wav(510))).json()
    const recording = await api.recordings.get(IDS.org, done.recordingId)
    assert.deepEqual([recording?.status, recording?.ownerId], ['available', IDS.owner])
    assert.deepEqual((await api.recordings.lifecycle.keeping(IDS.org, done.recordingId))?.holds, [])
  })

  it('makes a password for a meeting that came without, so that it is not open to everybody', async () => {
    const meeting = { siteUrl: 'Alpha.example.com', integrationTags: ['T-1'] }
    const { id } = await begin({ ...CALL, meeting })
    const { recordingId } = (await upload(id, wav(520))).json()
    const found = await api.recordings.meetings.get(IDS.org, recordingId)
    assert.match(found?.meeting.password ?? '', /^[\w-]{16}$/)
    assert.match(found?.meeting.meetingId ?? '', /^[0-9a-f]{32}_I_\d+$/)
    assert.deepEqual([found?.meeting.serviceType, found?.meeting.format], ['MeetingCenter', 'MP4'])
  })
})

describe('a meeting of which nothing more is said', () => {
  it('is of the preferred site of its organisation', async () => {
    const { id } = await begin({ ...CALL, serviceType: 'meeting', meeting: {} })
    const { recordingId } = (await upload(id, wav(530))).json()
    const found = await api.recordings.meetings.get(IDS.org, recordingId)
    assert.equal(found?.meeting.siteUrl, 'alpha.test')
  })
})

describe('the sockets of an upload', () => {
  /** Sends pieces over a real connection; `undefined` breaks it. */
  async function over(
    id: string,
    headers: Record<string, string | number>,
    pieces: readonly (Buffer | undefined)[],
  ): Promise<number | 'broken'> {
    if (api.app.server.listening === false) await api.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = api.app.server.address() as AddressInfo
    const request = httpRequest({
      ...{ host: '127.0.0.1', port, method: 'PUT', path: `${IMPORTS}/${id}/media`, agent: false },
      headers: { authorization: `Bearer ${api.tokens.admin}`, ...headers },
    })
    request.on('error', () => undefined) // After an answer the server may close while we still send.
    const answered = once(request, 'response').then(
      ([answer]) => {
        answer.resume()
        return answer.statusCode as number
      },
      () => 'broken' as const,
    )
    let sent = 0
    for (const piece of pieces) {
      if (piece === undefined) {
        // Only when what came before has arrived: a broken connection takes with it what is on its way.
        await until(async () => (await partBytes(id)) === sent)
        request.destroy()
      } else {
        sent += piece.length
        request.write(piece)
      }
    }
    if (pieces.at(-1) !== undefined) request.end()
    return answered
  }

  it('may break: what came is kept, and the upload goes on from there', async () => {
    const media = wav(530, 120)
    const { id } = await begin({ ...CALL, sizeBytes: media.length })
    const first = over(id, { 'content-length': media.length }, [media.subarray(0, 1_500_000), undefined])
    assert.equal(await first, 'broken')
    await until(async () => (await look(id)).receivedBytes > 0)
    const at = (await look(id)).receivedBytes
    assert.equal(at, 1_500_000)
    const range = `bytes ${at}-${media.length - 1}/${media.length}`
    assert.equal(await over(id, { 'content-range': range }, [media.subarray(at)]), 200)
    const { state, receivedBytes } = await look(id)
    assert.deepEqual([state, receivedBytes], ['done', media.length])
  })

  it('may send in chunks of unknown number; a range that they do not fill, or overflow, is named', async () => {
    const media = wav(540)
    const { id } = await begin()
    const short = { 'content-range': `bytes 0-99/${media.length}` }
    assert.equal(await over(id, short, [media.subarray(0, 50)]), 400)
    assert.equal((await look(id)).receivedBytes, 50, 'what came is kept')
    const long = { 'content-range': `bytes 50-99/${media.length}` }
    assert.equal(await over(id, long, [media.subarray(50, 150)]), 400)
    assert.equal((await look(id)).state, 'receiving')
    const at = (await look(id)).receivedBytes
    const rest = { 'content-range': `bytes ${at}-${media.length - 1}/${media.length}` }
    assert.equal(await over(id, rest, [media.subarray(at, at + 100), media.subarray(at + 100)]), 200)
    assert.equal((await look(id)).state, 'done')
  })

  it('answer what is larger than was announced in the middle of it', async () => {
    const { id } = await begin({ ...CALL, sizeBytes: 100 })
    const pieces = Array.from({ length: 16 }, () => Buffer.alloc(2 ** 20))
    assert.equal(await over(id, {}, pieces), 400)
    assert.equal((await look(id)).state, 'failed')
  })

  it('answer a refusal while the sender still sends, to nobody’s disk', async () => {
    const megabyte = Buffer.alloc(2 ** 20)
    const { id } = await begin()
    await send({ method: 'DELETE', url: `${IMPORTS}/${id}` })
    assert.equal(await over(id, {}, [megabyte, megabyte]), 409)
    assert.equal(await over('nothing', {}, [megabyte, megabyte]), 404)
    assert.ok(!(await readdir(join(api.data.folder, 'imports'))).some((name) => name.startsWith(id)))
  })
})
