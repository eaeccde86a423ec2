/** Details of a meeting recording and their direct links (meeting-recordings §1, §3; README Ruling 38; promises P13, P17). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, NOW, openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'
import { VIDEO } from '../../testing/test-library.ts'
import { addMeeting, meetingId, PASSWORD, removeMeetings } from '../../testing/test-meetings.ts'
import { DEFAULT_RECORDING_SETTINGS, FULL_ACCESS } from '../ports.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await removeMeetings(api)
  await addMeeting(api, 1, { sharedWith: ['Colleague@Alpha.test'] })
  api.library.transcribed.clear()
  api.library.transcribed.add(meetingId(1))
  api.library.lost.clear()
  api.library.entries.length = 0
  api.now = NOW
})

type Links = Readonly<Record<string, string>>
const get = (
  n = 1,
  caller: CallerName = 'owner',
  query = '',
  headers = {},
): Promise<LightMyRequestResponse> =>
  api.send(caller, { url: `/v1/recordings/${meetingId(n)}${query}`, headers })
const linksOf = async (n = 1, caller: CallerName = 'owner', query = ''): Promise<Links> =>
  (await get(n, caller, query)).json().temporaryDirectDownloadLinks ?? {}
const fetched = async (url: string | undefined): Promise<number> =>
  (await api.app.inject({ url: (url ?? '').slice(PUBLIC_URL.length) })).statusCode
const AS_HOST = '?hostEmail=owner@alpha.test'

describe('GET /recordings/{recordingId}', () => {
  it('shows every member of its column and no other (§1)', async () => {
    const body = (await get(1, 'owner', '', { timezone: 'Europe/Berlin' })).json()
    const { temporaryDirectDownloadLinks: links, ...rest } = body
    assert.deepEqual(rest, {
      id: meetingId(1),
      meetingId: '0d4be2a97c31460fb1e85a6f9d20c7b4_I_1',
      meetingSeriesId: '0d4be2a97c31460fb1e85a6f9d20c7b4',
      topic: 'Weekly planning',
      createTime: '2026-02-03T12:00:00+01:00',
      timeRecorded: '2026-02-03T11:59:00+01:00',
      siteUrl: 'alpha.test',
      downloadUrl: `${PUBLIC_URL}/recordings/${meetingId(1)}/download`,
      playbackUrl: `${PUBLIC_URL}/recordings/${meetingId(1)}/play`,
      password: PASSWORD,
      format: 'MP4',
      serviceType: 'MeetingCenter',
      durationSeconds: 3480,
      sizeBytes: rest.sizeBytes,
      shareToMe: false,
      status: 'available',
    })
    assert.equal(links.expiration, '2026-02-03T16:00:00+01:00')
    assert.deepEqual(
      ['recordingDownloadLink', 'audioDownloadLink', 'transcriptDownloadLink'].map(
        (name) => /\/media\/[^/]+\/(\w+)\?/.exec(links[name])?.[1],
      ),
      ['video', 'audio', 'transcript'],
    )
  })

  it('finds the id in any spelling, and on the site of the header alone', async () => {
    const answer = await api.send('owner', { url: `/v1/recordings/${meetingId(1).toUpperCase()}` })
    assert.equal(answer.statusCode, 200)
    assert.equal((await get(1, 'owner', '', { siteUrl: 'ALPHA.test' })).statusCode, 200)
    assert.equal((await get(1, 'owner', '', { siteUrl: 'other.test' })).statusCode, 404)
    assert.equal((await get(1, 'owner', '', { siteUrl: '' })).statusCode, 200)
  })

  it('is 404 for the recording of a call, and writes down who knocks at what is not theirs', async () => {
    const call = '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77'
    await api.addRecording({ id: call })
    assert.equal((await api.send('officer', { url: `/v1/recordings/${call}` })).statusCode, 404)
    assert.equal(api.library.entries.length, 0)
    assert.equal((await get(1, 'adminOwner')).statusCode, 404)
    const [refusal] = api.library.entries
    assert.deepEqual(
      [refusal?.action, refusal?.actor.personId, refusal?.recordingId, refusal?.detail],
      [
        'refused',
        IDS.admin,
        meetingId(1),
        { operation: 'getMeetingRecordingDetails', error: 'recording_not_found' },
      ],
    )
  })

  it('is written down with the role and whether links went with it', async () => {
    await get(1, 'admin', AS_HOST)
    await get(1, 'officer')
    assert.deepEqual(
      api.library.entries.map(({ actor, action, detail }) => [actor.as, action, detail]),
      [
        ['admin', 'recording.read', { api: 'meetings', links: true }],
        ['complianceOfficer', 'recording.read', { api: 'meetings', links: true }],
      ],
    )
  })

  it('is refused to a host whose settings forbid viewing, and has no links where they forbid downloading', async () => {
    const line = api.ports.allLines.find(({ id }) => id === IDS.owner)
    assert.ok(line !== undefined)
    const [mine, shared, officers] = [
      (await linksOf())['recordingDownloadLink'],
      (await linksOf(1, 'colleague'))['recordingDownloadLink'],
      (await linksOf(1, 'officer'))['recordingDownloadLink'],
    ]
    const set = (access: Partial<typeof FULL_ACCESS>): void => {
      line.recording = {
        ...DEFAULT_RECORDING_SETTINGS,
        callRecordingAccessSettings: { ...FULL_ACCESS, ...access },
      }
    }
    try {
      set({ viewAndPlayRecordingsEnabled: false })
      assert.equal((await get()).statusCode, 403)
      assert.equal((await get(1, 'colleague')).statusCode, 200)
      set({ downloadRecordingsEnabled: false })
      for (const caller of ['owner', 'colleague'] as const) assert.deepEqual(await linksOf(1, caller), {})
      assert.deepEqual([await fetched(mine), await fetched(shared), await fetched(officers)], [403, 403, 200])
      assert.ok('expiration' in (await linksOf(1, 'officer')))
      assert.ok('expiration' in (await linksOf(1, 'admin', AS_HOST)))
    } finally {
      delete line.recording
    }
  })
})

describe('temporaryDirectDownloadLinks (§1, Ruling 38)', () => {
  it('are of MeetingCenter alone', async () => {
    for (const [n, serviceType] of [
      [2, 'EventCenter'],
      [3, 'SupportCenter'],
      [4, 'TrainingCenter'],
    ] as const) {
      await addMeeting(api, n, { meeting: { serviceType } })
      for (const caller of ['owner', 'officer'] as const) {
        const body = (await get(n, caller)).json()
        assert.equal(body.serviceType, serviceType)
        assert.ok(!('temporaryDirectDownloadLinks' in body))
      }
    }
  })

  it('with “prevent downloading” are the recording alone, and for compliance officers alone', async () => {
    await addMeeting(api, 2, { download_prevented: 1, sharedWith: ['colleague@alpha.test'] })
    api.library.transcribed.add(meetingId(2))
    assert.deepEqual(await linksOf(2), {})
    assert.deepEqual(await linksOf(2, 'colleague'), {})
    assert.deepEqual(await linksOf(2, 'admin', AS_HOST), {})
    assert.deepEqual(Object.keys(await linksOf(2, 'officer')).toSorted(), [
      'expiration',
      'recordingDownloadLink',
    ])
    for (const caller of ['owner', 'officer'] as const)
      assert.ok(!('downloadUrl' in (await get(2, caller)).json()))
  })

  it('are absent when the media is gone', async () => {
    api.library.lost.add(meetingId(1))
    assert.deepEqual(await linksOf(), {})
  })

  it('open the very file without a token, for three hours', async () => {
    const { recordingDownloadLink: link = '' } = await linksOf()
    const answer = await api.app.inject({ url: link.slice(PUBLIC_URL.length) })
    assert.deepEqual(answer.rawPayload, VIDEO)
    api.now += 3 * 3_600_000 - 1
    assert.equal(await fetched(link), 200)
    api.now += 1
    assert.equal(await fetched(link), 410)
  })

  it('of somebody that it is shared with die with the share, those of an administrator do not', async () => {
    const [shared, admins] = [
      (await linksOf(1, 'colleague'))['audioDownloadLink'],
      (await linksOf(1, 'admin', AS_HOST))['audioDownloadLink'],
    ]
    assert.deepEqual([await fetched(shared), await fetched(admins)], [200, 200])
    const payload = { removeEmails: ['colleague@ALPHA.test'] }
    const url = `/v1/recordings/${meetingId(1)}/accessList`
    assert.equal((await api.send('owner', { method: 'POST', url, payload })).statusCode, 204)
    assert.deepEqual([await fetched(shared), await fetched(admins)], [403, 200])
  })

  it('die with each step towards the bin, those of compliance officers not (§1)', async () => {
    const links = [(await linksOf())['audioDownloadLink'], (await linksOf(1, 'officer'))['audioDownloadLink']]
    const both = (): Promise<number[]> => Promise.all(links.map(fetched))
    const url = `/v1/recordings/${meetingId(1)}`
    assert.deepEqual(await both(), [200, 200])
    assert.equal((await api.send('owner', { method: 'DELETE', url })).statusCode, 204)
    assert.deepEqual(await both(), [410, 200])
    assert.ok('expiration' in (await linksOf(1, 'officer')))
  })
})

describe('a meeting in GET /convergedRecordings/{recordingId} (README Ruling 9)', () => {
  const converged = async (n: number, caller: CallerName = 'owner'): Promise<Record<string, string>> =>
    (await api.send(caller, { url: `/v1/convergedRecordings/${meetingId(n)}` })).json()

  it('has the addresses of its pages where they work, and direct links where they do not', async () => {
    await addMeeting(api, 2, { status: 'deleted' })
    await addMeeting(api, 3, { download_prevented: 1 })
    const pages = (n: number): string[] =>
      ['play', 'download'].map((page) => `${PUBLIC_URL}/recordings/${meetingId(n)}/${page}`)
    const shown = ({ playbackUrl, downloadUrl }: Record<string, string>): unknown[] => [
      playbackUrl,
      downloadUrl,
    ]
    assert.deepEqual(shown(await converged(1)), pages(1))
    assert.deepEqual(shown(await converged(1, 'officer')), pages(1))
    assert.deepEqual(shown(await converged(1, 'admin')), [undefined, undefined])
    assert.match(String((await converged(2))['playbackUrl']), /\/media\/.*sig=/)
    assert.deepEqual(shown(await converged(3)), [undefined, undefined])
    assert.match(String((await converged(3, 'officer'))['downloadUrl']), /\/media\/.*sig=/)
    assert.ok(!JSON.stringify(await converged(1)).includes(PASSWORD))
  })
})
