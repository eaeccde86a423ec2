/** The own mailbox, and the WAV file around a message (contract README §11). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, NOW, openTestApi, type TestApi } from '../../testing/api.ts'
import { ulawWav } from './ulaw-wav.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(() => {
  api.ports.messages.length = 0
  api.ports.messages.push({
    orgId: IDS.org,
    lineId: IDS.owner,
    id: IDS.message,
    at: NOW,
    durationMs: 2_500,
    fromName: 'Lena',
    heard: false,
    ulaw: Buffer.from([1, 2, 3]),
  })
})

const URL = '/tandem/v1/voicemail'
const get = (path: string, caller: CallerName = 'owner'): Promise<LightMyRequestResponse> =>
  api.send(caller, { url: URL + path })

describe('the own mailbox', () => {
  it('shows messages and leaves out what is not known', async () => {
    const time = '2026-02-03T12:00:00.000Z'
    const message = { id: IDS.message, time, durationMs: 2_500, fromName: 'Lena', heard: false }
    assert.deepEqual((await get('')).json(), { items: [message] })
    assert.deepEqual((await get('', 'colleague')).json(), { items: [] })
  })

  it('gives the sound of a message to its owner alone, and keeps it out of caches', async () => {
    const answer = await get(`/${IDS.message}/audio`)
    assert.equal(answer.headers['content-type'], 'audio/wav')
    assert.equal(answer.headers['cache-control'], 'private, no-store')
    assert.deepEqual(answer.rawPayload.subarray(-4), Buffer.from([1, 2, 3, 0]))
    for (const [id, caller] of [
      [IDS.message, 'colleague'],
      ['x', 'owner'],
    ] as const)
      assert.equal((await get(`/${id}/audio`, caller)).json().errors[0].errorCode, 10_038)
  })

  it('deletes a message once', async () => {
    const remove = async (caller: CallerName): Promise<number> =>
      (await api.send(caller, { method: 'DELETE', url: `${URL}/${IDS.message}` })).statusCode
    assert.deepEqual(
      [await remove('colleague'), await remove('owner'), await remove('owner')],
      [404, 204, 404],
    )
  })
})

describe('ulawWav (RFC 2361, format 7)', () => {
  it('is a RIFF file with the samples as they were', () => {
    const file = Buffer.from(ulawWav(Uint8Array.from([0xff, 0x7f])))
    assert.equal(
      file.toString('hex'),
      [
        '52494646',
        '34000000',
        '57415645',
        '666d7420',
        '12000000',
        '07000100401f0000401f0000010008000000',
        '66616374',
        '04000000',
        '02000000',
        '64617461',
        '02000000',
        'ff7f',
      ].join(''),
    )
  })

  it('fills an odd number of samples up with a byte that is no sample (RIFF)', () => {
    const file = Buffer.from(ulawWav(Uint8Array.from([9])))
    assert.deepEqual([file.length, file.readUInt32LE(4), file.readUInt32LE(54), file.at(-1)], [60, 52, 1, 0])
  })
})
