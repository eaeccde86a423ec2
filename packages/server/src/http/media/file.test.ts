/** Files behind signed links beyond the audio of a call (converged-recordings §5; promises P5, P13, P17; case A13). */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, NOW, openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'
import { makeClient } from '../../testing/oauth.ts'
import { AUDIO, TRANSCRIPT, VIDEO } from '../../testing/test-library.ts'
import { DEFAULT_RECORDING_SETTINGS, FULL_ACCESS } from '../ports.ts'
import { DownloadNotes, NOTED_MAX, NOTED_MS } from './download-notes.ts'

const CALL = '5b0c7f2e-6c1d-4e0f-9a53-000000000001'
const MEETING = '5b0c7f2e-6c1d-4e0f-9a53-000000000002'
const key = (id: string): string => id.replaceAll('-', '')

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await api.removeRecordings()
  await api.addRecording({ id: CALL })
  await api.addRecording({ id: MEETING, service_type: 'meeting', format: 'MP4', topic: 'Weekly "plan"/ning' })
  api.library.transcribed.clear()
  api.library.transcribed.add(key(MEETING))
  api.library.lost.clear()
  api.library.fault = 'none'
  api.library.entries.length = 0
  api.now = NOW
})

type Links = Readonly<Record<string, string>>
const details = async (id: string, caller: CallerName = 'owner'): Promise<Record<string, unknown>> =>
  (await api.send(caller, { url: `/v1/convergedRecordings/${id}` })).json()
const linksOf = async (id: string, caller: CallerName = 'owner'): Promise<Links> =>
  ((await details(id, caller))['temporaryDirectDownloadLinks'] ?? {}) as Links
const path = (url: string | undefined): string => (url ?? '').slice(PUBLIC_URL.length)
const fetch = (
  url: string | undefined,
  headers: Record<string, string> = {},
  method: 'GET' | 'HEAD' = 'GET',
): Promise<LightMyRequestResponse> => api.app.inject({ method, url: path(url), headers })
const downloads = (): unknown[] =>
  api.library.entries
    .filter(({ action }) => action === 'recording.downloaded')
    .map(({ actor, recordingId, detail }) => [actor.as, recordingId?.slice(-1), detail])

describe('the links of details (Ruling 9)', () => {
  it('of a call are to its MP3, twice, and to the transcript when there is one', async () => {
    const names = async (): Promise<string[]> => Object.keys(await linksOf(CALL)).toSorted()
    assert.deepEqual(await names(), ['audioDownloadLink', 'expiration', 'recordingDownloadLink'])
    api.library.transcribed.add(key(CALL))
    const links = await linksOf(CALL)
    assert.equal(links['audioDownloadLink'], links['recordingDownloadLink'])
    assert.ok(links['transcriptDownloadLink']?.includes(`/media/${CALL}/transcript?`))
  })

  it('of a meeting are to its MP4, to the sound track and to the transcript', async () => {
    const links = await linksOf(MEETING)
    assert.deepEqual(
      ['recordingDownloadLink', 'audioDownloadLink', 'transcriptDownloadLink'].map(
        (name) => /\/media\/[^/]+\/(\w+)\?/.exec(links[name] ?? '')?.[1],
      ),
      ['video', 'audio', 'transcript'],
    )
    assert.equal((await details(MEETING))['downloadUrl'], (await linksOf(MEETING))['recordingDownloadLink'])
  })

  it('are absent when the media is gone', async () => {
    api.library.lost.add(key(CALL))
    const body = await details(CALL)
    assert.equal(body['id'], CALL)
    assert.doesNotMatch(JSON.stringify(body), /sig=/)
  })
})

describe('GET /media/{recordingId}/{file}', () => {
  it('gives each file its type and its name', async () => {
    const links = await linksOf(MEETING)
    const files: [string, Buffer, string, string][] = [
      ['recordingDownloadLink', VIDEO, 'video/mp4', 'mp4'],
      ['audioDownloadLink', AUDIO, 'audio/mpeg', 'mp3'],
      ['transcriptDownloadLink', TRANSCRIPT, 'text/vtt; charset=utf-8', 'vtt'],
    ]
    for (const [name, bytes, type, extension] of files) {
      const answer = await fetch(links[name])
      assert.deepEqual(
        [answer.statusCode, answer.rawPayload, answer.headers['content-type']],
        [200, bytes, type],
      )
      const disposition = String(answer.headers['content-disposition'])
      assert.ok(disposition.startsWith(`attachment; filename="Weekly -plan--ning.${extension}"`), disposition)
    }
  })

  it('has one right for each file: no link opens another one', async () => {
    const links = await linksOf(MEETING)
    const names = ['video', 'audio', 'transcript']
    for (const link of [
      links['recordingDownloadLink'],
      links['audioDownloadLink'],
      links['transcriptDownloadLink'],
    ])
      for (const name of [...names, 'manifest', '', '..%2Faudio']) {
        const own = link?.includes(`/${name}?`)
        const bent = link?.replace(/\/\w+\?/, `/${name}?`)
        const { statusCode } = await fetch(bent)
        assert.ok(
          own ? statusCode === 200 : statusCode === 403 || statusCode === 404,
          `${name}: ${statusCode}`,
        )
      }
  })

  it('answers 404 for a form that the recording lacks, 410 when the media is gone or erased', async () => {
    const signed = api.recordings.link({ recordingId: CALL, file: 'transcript', personId: IDS.owner })
    assert.equal((await fetch(PUBLIC_URL + signed.url)).statusCode, 404)
    const { audioDownloadLink } = await linksOf(CALL)
    api.library.lost.add(key(CALL))
    assert.equal((await fetch(audioDownloadLink)).statusCode, 410)
    api.library.lost.clear()
    await api.removeRecordings()
    assert.equal((await fetch(audioDownloadLink)).statusCode, 410)
  })

  it('ignores Range with HEAD (RFC 9110 §14.2), and knows tags however they are listed', async () => {
    const { audioDownloadLink: link } = await linksOf(CALL)
    const head = await fetch(link, { range: 'bytes=0-3' }, 'HEAD')
    assert.deepEqual([head.statusCode, head.headers['content-length']], [200, String(AUDIO.length)])
    const etag = String(head.headers['etag'])
    assert.match(etag, /^"[0-9a-f]{64}"$/)
    for (const known of [etag, `"x", W/${etag}`, '*', `"a" ,${etag}`])
      assert.equal((await fetch(link, { 'if-none-match': known })).statusCode, 304, known)
    assert.equal((await fetch(link, { 'if-none-match': '"x"' })).statusCode, 200)
    const weak = { range: 'bytes=0-3', 'if-range': `W/${etag}` }
    assert.equal((await fetch(link, weak)).statusCode, 200, 'If-Range is compared strongly (§13.1.5)')
  })

  it('dies with what its owner may do, and lives for a compliance officer', async () => {
    const mine = (await linksOf(CALL))['audioDownloadLink']
    const theirs = (await linksOf(CALL, 'officer'))['audioDownloadLink']
    const line = api.ports.allLines.find((one) => one.id === IDS.owner)
    assert.ok(line !== undefined)
    for (const off of ['downloadRecordingsEnabled', 'viewAndPlayRecordingsEnabled'])
      try {
        line.recording = {
          ...DEFAULT_RECORDING_SETTINGS,
          callRecordingAccessSettings: { ...FULL_ACCESS, [off]: false },
        }
        assert.equal((await fetch(mine)).statusCode, 403, off)
        assert.equal((await fetch(theirs)).statusCode, 200)
      } finally {
        delete line.recording
      }
    const actor = { orgId: IDS.org, personId: IDS.admin, as: 'admin' } as const
    await api.recordings.lifecycle.update(actor, CALL, { downloadPrevented: true })
    assert.equal((await fetch(mine)).statusCode, 403)
    assert.equal((await fetch(theirs)).statusCode, 200)
  })

  it('dies at once with each step of the recycle bin; the compliance officer’s with erasure alone', async () => {
    const mine = (await linksOf(CALL))['audioDownloadLink']
    const theirs = (await linksOf(CALL, 'officer'))['audioDownloadLink']
    const both = async (): Promise<number[]> => [
      (await fetch(mine)).statusCode,
      (await fetch(theirs)).statusCode,
    ]
    const post = (path: string): Promise<unknown> =>
      api.send('admin', {
        method: 'POST',
        url: `/v1/convergedRecordings/${path}`,
        payload: { recordingIds: [CALL] },
      })
    assert.deepEqual(await both(), [200, 200])
    await post('softDelete')
    assert.deepEqual(await both(), [410, 200])
    await post('restore')
    assert.deepEqual(await both(), [200, 200], 'the status is the one at issue again')
    await post('softDelete')
    await post('purge')
    assert.deepEqual(await both(), [410, 200])
    const url = `/v1/convergedRecordings/${CALL}`
    await api.send('officer', { method: 'DELETE', url, payload: { reason: 'audit' } })
    assert.deepEqual(await both(), [410, 410])
  })

  it('of an owner is refused to who no longer is: after reassigning 403', async () => {
    const mine = (await linksOf(CALL))['audioDownloadLink']
    const payload = { reassignOwnerEmail: 'colleague@alpha.test', recordingIds: [CALL] }
    await api.send('admin', { method: 'POST', url: '/v1/convergedRecordings/reassign', payload })
    assert.equal((await fetch(mine)).statusCode, 403)
    const [refusal] = api.library.entries.slice(-1)
    assert.deepEqual(
      [refusal?.action, refusal?.actor.personId, refusal?.detail],
      ['refused', IDS.owner, { operation: 'getRecordingFile', file: 'audio', error: 'link_forbidden' }],
    )
  })
})

describe('the links of a service app', () => {
  it('work while the organisation authorizes what they came by, and not a moment longer', async () => {
    const scopes = ['spark-compliance:recordings_read', 'meeting:group_meeting_read']
    const { id: personId } = await makeClient(api, { kind: 'service', scopes, authorized: scopes })
    const linkOf = (recordingId: string, role: 'owner' | 'compliance'): string =>
      PUBLIC_URL + api.recordings.link({ recordingId, file: 'audio', personId, role }).url
    const links = [linkOf(CALL, 'compliance'), linkOf(MEETING, 'owner'), linkOf(CALL, 'owner')]
    const all = async (): Promise<number[]> => {
      const statuses: number[] = []
      for (const link of links) statuses.push((await fetch(link)).statusCode)
      return statuses
    }
    const authorize = async (authorized: readonly string[]): Promise<void> => {
      const { kysely } = api.data.db
      const change = { authorized_scopes: JSON.stringify(authorized) }
      await kysely.updateTable('oauth_clients').set(change).where('id', '=', personId).execute()
    }
    assert.deepEqual(await all(), [200, 200, 403], 'no call is an app’s own')
    await authorize(['meeting:group_meeting_read'])
    assert.deepEqual(await all(), [403, 200, 403])
    await authorize([])
    assert.deepEqual(await all(), [403, 403, 403])
  })
})

describe('the audit row of a download (promises P13, P17)', () => {
  it('is written for each use, and not for HEAD, 304 or 416', async () => {
    const link = (await linksOf(CALL))['audioDownloadLink']
    const etag = String((await fetch(link, {}, 'HEAD')).headers['etag'])
    await fetch(link, { 'if-none-match': etag })
    await fetch(link, { range: 'bytes=900-' })
    assert.deepEqual(downloads(), [])
    await fetch(link)
    await fetch(link)
    assert.deepEqual(downloads(), [
      ['user', '1', { file: 'audio' }],
      ['user', '1', { file: 'audio' }],
    ])
    await fetch((await linksOf(MEETING, 'officer'))['transcriptDownloadLink'])
    assert.deepEqual(downloads().slice(-1), [['complianceOfficer', '2', { file: 'transcript' }]])
  })

  it('counts the stretches of a player as one use for a minute, for each link', async () => {
    const link = (await linksOf(CALL))['audioDownloadLink']
    for (let at = 0; at < 10; at++) await fetch(link, { range: `bytes=${at}-${at}` })
    assert.deepEqual(downloads(), [['user', '1', { file: 'audio', part: true }]])
    api.now += NOTED_MS - 1
    await fetch(link, { range: 'bytes=0-0' })
    assert.equal(downloads().length, 1)
    api.now += 1
    await fetch(link, { range: 'bytes=0-0' })
    assert.equal(downloads().length, 2)
    await fetch((await linksOf(CALL))['audioDownloadLink'], { range: 'bytes=0-0' })
    assert.equal(downloads().length, 3)
  })

  it('remembers a bounded number of links, the newest', () => {
    const notes = new DownloadNotes()
    for (let n = 0; n <= NOTED_MAX; n++) notes.note(String(n), 0)
    assert.deepEqual([notes.isNoted('0', 0), notes.isNoted('1', 0)], [false, true])
    assert.equal(notes.isNoted('1', NOTED_MS), false)
    assert.equal(notes.isNoted('1', -1), false, 'a clock that was set back notes anew')
  })

  it('is there before the first byte: without it nothing is served', async () => {
    const link = (await linksOf(CALL))['audioDownloadLink']
    api.library.auditFault = new Error('the disk is full')
    try {
      const answer = await fetch(link)
      assert.equal(answer.statusCode, 500)
      assert.equal(answer.json().errors[0].errorCode, 10_301)
    } finally {
      api.library.auditFault = undefined
    }
  })
})

describe('a store of files in trouble (promises P2, P5)', () => {
  it('is said before the first byte: damaged 500, unreachable 503, locked 423', async () => {
    const link = (await linksOf(CALL))['audioDownloadLink']
    const expected = { damaged: 500, firstByte: 500, unreachable: 503, locked: 423 } as const
    for (const [fault, status] of Object.entries(expected)) {
      api.library.fault = fault as keyof typeof expected
      const answer = await fetch(link)
      assert.equal(answer.statusCode, status, fault)
      assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8')
      for (const name of ['etag', 'content-disposition', 'content-range'])
        assert.equal(answer.headers[name], undefined)
      if (status !== 500) assert.match(String(answer.headers['retry-after']), /^\d+$/)
      assert.ok(!answer.body.includes('stands in'))
    }
  })

  it('cuts the connection when damage comes to light half-way, so that nobody takes half for whole', async () => {
    const link = (await linksOf(CALL))['audioDownloadLink']
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = api.app.server.address() as AddressInfo
    const read = async (): Promise<{ readonly bytes: number; readonly isWhole: boolean }> => {
      const request = httpRequest({ host: '127.0.0.1', port, path: path(link), agent: false }).end()
      const [answer] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
      let bytes = 0
      try {
        for await (const chunk of answer) bytes += (chunk as Buffer).length
      } catch {
        return { bytes, isWhole: false }
      }
      return { bytes, isWhole: answer.complete }
    }
    assert.deepEqual(await read(), { bytes: AUDIO.length, isWhole: true })
    api.library.fault = 'halfway'
    const { bytes, isWhole } = await read()
    assert.equal(isWhole, false)
    assert.ok(bytes < AUDIO.length)
  })
})
