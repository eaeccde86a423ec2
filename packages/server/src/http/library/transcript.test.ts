import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { TRANSCRIPT_CHARS_MAX } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { DEFAULT_RECORDING_SETTINGS, FULL_ACCESS } from '../ports.ts'
import { CONTRACT_RULES } from '../recordings-port.ts'
import { TRANSCRIPT_BODY_BYTES_MAX } from './transcript-change.ts'

const CALL = '5b0c7f2e-6c1d-4e0f-9a53-000000000001'
const OF_ADMIN = '5b0c7f2e-6c1d-4e0f-9a53-000000000002'
const KEPT_BACK = '5b0c7f2e-6c1d-4e0f-9a53-000000000003'
const VTT = 'WEBVTT\n\n00:01.000 --> 00:02.500\n<v Tomas Lind>Good morning, R&amp;D.\n'
const officer = { orgId: IDS.org, personId: IDS.officer, as: 'complianceOfficer' } as const

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await api.removeRecordings()
  await api.addRecording({ id: CALL, topic: '../Call; "x"' })
  await api.addRecording({ id: OF_ADMIN, owner_id: IDS.admin, owner_email: 'admin@alpha.test' })
  await api.addRecording({ id: KEPT_BACK, download_prevented: 1 })
  api.library.entries.length = 0
  api.rules = undefined
})

const path = (id: string) => `/tandem/v1/recordings/${id}/transcript`
const get = (query = '', caller: CallerName = 'owner', id = CALL) =>
  api.send(caller, { url: path(id) + query })
function put(
  payload: string | Buffer,
  type: string,
  caller: CallerName = 'owner',
): Promise<LightMyRequestResponse> {
  return api.send(caller, { method: 'PUT', url: path(CALL), payload, headers: { 'content-type': type } })
}
const noted = () => api.library.entries.map(({ action, detail }) => [action, detail?.['error']])

describe('the transcript of a recording', () => {
  it('goes in as WebVTT, text or JSON and comes out in each of them', async () => {
    assert.deepEqual((await get()).json(), { state: 'none' })
    assert.equal((await get('?format=vtt')).statusCode, 404)
    const bodies: [string, string][] = [
      [VTT, 'text/vtt; charset=utf-8'],
      ['[0:01] Tomas Lind: Good morning, R&D.\n[0:02] : x\n', 'text/plain'],
      [
        JSON.stringify({
          language: 'en',
          engine: 'a liar',
          segments: [
            { startMs: 1_000, endMs: 2_500, speaker: 'Tomas Lind', text: 'Good morning, R&D.', x: 1 },
          ],
        }),
        'application/json',
      ],
    ]
    for (const [body, type] of bodies) {
      const answer = await put(body, type)
      assert.equal(answer.statusCode, 204, answer.body)
      const read = (await get()).json()
      assert.deepEqual([read.state, read.engine], ['done', 'import'], type)
      const [segment] = read.segments
      assert.deepEqual(segment.speaker, 'Tomas Lind')
      assert.deepEqual(Object.keys(segment).toSorted(), ['endMs', 'speaker', 'startMs', 'text'])
      const vtt = await get('?format=vtt', 'officer')
      assert.equal(vtt.headers['content-type'], 'text/vtt; charset=utf-8')
      assert.match(vtt.body, /^WEBVTT\n.*<v Tomas Lind>Good morning, R&amp;D\./s)
      const txt = await get('?format=txt')
      assert.match(txt.body, /^\[00:01\] Tomas Lind: Good morning, R&D\.\n/)
      assert.match(String(txt.headers['content-disposition']), /^attachment; filename="-Call_ -x-\.txt"/)
    }
    assert.match((await get('?format=srt')).json().message, /^format must be one of vtt, txt, json$/)
  })

  it('is for those who get links: owner and compliance officer, and each reading is written down', async () => {
    await put(VTT, 'text/vtt')
    api.library.entries.length = 0
    assert.equal((await get('', 'admin')).statusCode, 403)
    assert.equal((await get('', 'adminOwner')).statusCode, 404)
    assert.equal((await get('', 'colleague')).statusCode, 404)
    assert.deepEqual(noted().slice(0, 2), [
      ['refused', 'recording_not_found'],
      ['refused', 'recording_not_found'],
    ])
    assert.equal((await get('', 'owner')).statusCode, 200)
    assert.equal((await get('', 'owner', KEPT_BACK)).statusCode, 403)
    assert.deepEqual(noted().slice(2), [
      ['recording.transcriptRead', undefined],
      ['refused', 'access_forbidden'],
    ])
    assert.equal((await get('', 'officer', KEPT_BACK)).statusCode, 200)
    assert.equal((await get('', 'adminOwner', OF_ADMIN)).statusCode, 200)
    api.rules = { ...CONTRACT_RULES, adminsWithoutLinks: true }
    assert.equal((await get('', 'adminOwner', OF_ADMIN)).statusCode, 403)
  })

  it('follows the access settings of the owner', async () => {
    const line = api.ports.allLines.find((one) => one.id === IDS.owner)
    assert.ok(line)
    for (const access of [{ viewAndPlayRecordingsEnabled: false }, { downloadRecordingsEnabled: false }]) {
      line.recording = {
        ...DEFAULT_RECORDING_SETTINGS,
        callRecordingAccessSettings: { ...FULL_ACCESS, ...access },
      }
      assert.equal((await get()).statusCode, 403)
      assert.equal((await get('', 'officer')).statusCode, 200)
    }
    delete line.recording
  })

  it('is refused with the place of its fault', async () => {
    const cases: [string | Buffer, string, number, RegExp][] = [
      ['no times at all', 'text/plain', 400, /^the body is no transcript: Line 1/],
      ['WEBVTT\n\n00:02.000 --> 00:01.000\nx', 'text/vtt', 400, /Line 3/],
      [Buffer.from([0x57, 0xff, 0xfe]), 'text/vtt', 400, /^the body is not UTF-8$/],
      ['{"segments":[{"startMs":0}]}', 'application/json', 400, /^segments\.0/],
      ['{}', 'application/json', 400, /^segments is required$/],
      ['{"segments":[],"language":"no language"}', 'application/json', 400, /is not a language tag/],
      ['<x/>', 'text/html', 415, /text\/vtt, text\/plain or application\/json/],
      [`WEBVTT\n\nNOTE ${'x'.repeat(TRANSCRIPT_CHARS_MAX)}`, 'text/vtt', 400, /^the body must have at most/],
      ['x'.repeat(TRANSCRIPT_BODY_BYTES_MAX + 1), 'text/vtt', 413, /larger/],
    ]
    for (const [body, type, status, sentence] of cases) {
      const answer = await put(body, type)
      assert.equal(answer.statusCode, status, String(body).slice(0, 40) + answer.body)
      assert.match(answer.json().message, sentence)
    }
    const head = 'WEBVTT\n\nNOTE '
    const most = head + 'x'.repeat(TRANSCRIPT_CHARS_MAX - head.length)
    assert.equal((await put(most, 'text/vtt')).statusCode, 204, 'at the limit it is taken')
  })

  it('stays as it is under legal hold (promise P16), and may come where there was none', async () => {
    const { recordings } = api
    await recordings.holds.place(officer, { recordingIds: [KEPT_BACK], reason: 'case 7' })
    const late = { method: 'PUT', url: path(KEPT_BACK), payload: { segments: [] } } as const
    assert.equal((await api.send('admin', late)).statusCode, 204)
    const again = await api.send('admin', late)
    assert.deepEqual([again.statusCode, again.json().errors[0].errorCode], [409, 10_208])
    assert.deepEqual(noted().at(-1), ['refused', 'recording_held'])
    const made = await api.send('admin', { method: 'POST', url: path(KEPT_BACK) })
    assert.equal(made.json().errors[0].errorCode, 10_208)
  })

  it('is not made without a transcriber, which is said', async () => {
    const post = (payload: object) => api.send('owner', { method: 'POST', url: path(CALL), payload })
    const answer = await post({})
    assert.deepEqual([answer.statusCode, answer.json().errors[0].errorCode], [409, 10_217])
    assert.deepEqual(noted().at(-1), ['refused', 'transcriber_off'])
    assert.match((await post({ language: 'no language' })).json().message, /is not a language tag/)
    assert.match((await post({ language: 'x'.repeat(36) })).json().message, /^language /)
  })

  it('cannot be put to what was erased meanwhile', async () => {
    await api.recordings.lifecycle.erase(officer, OF_ADMIN, { reason: 'x' })
    await api.addRecording({ id: OF_ADMIN, owner_id: IDS.admin, owner_email: 'admin@alpha.test' }) // As if it were a moment ago.
    const late = { method: 'PUT', url: path(OF_ADMIN), payload: { segments: [] } } as const
    assert.equal((await api.send('admin', late)).statusCode, 404)
  })
})
