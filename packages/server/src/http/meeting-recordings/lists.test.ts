/** The three lists of meeting recordings and their pages (meeting-recordings §1, §2, §7, §9; contract README §5, §6). */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, NOW, openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'
import { addMeeting, FOREIGN, MIRAS, meetingId, PASSWORD } from '../../testing/test-meetings.ts'
import { createToken } from '../../tokens/tokens.ts'
import { NO_CLIENT } from '../client-id.ts'
import { DEFAULT_RECORDING_SETTINGS, FULL_ACCESS } from '../ports.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MEETING = '0d4be2a97c31460fb1e85a6f9d20c7b4_I_'

let api: TestApi
let app: string
before(async () => {
  api = await openTestApi()
  const scopes = ['meeting:group_meeting_read']
  app = (await createToken(api.data.db, { email: 'admin@alpha.test', scopes, now: NOW })).token
  const ago = (hours: number): { readonly create_time: number } => ({ create_time: NOW - hours * HOUR })
  await addMeeting(api, 1, { ...ago(1), sharedWith: ['Colleague@alpha.test'] })
  await addMeeting(api, 2, { ...ago(2), ...MIRAS, topic: 'Straße & Ärger' })
  await addMeeting(api, 3, { ...ago(3), ...MIRAS, sharedWith: ['OWNER@alpha.test'] })
  await addMeeting(api, 4, { ...ago(4), status: 'deleted', sharedWith: ['colleague@alpha.test'] })
  await addMeeting(api, 5, { ...ago(5), status: 'purged' })
  await addMeeting(api, 6, { ...ago(6), ...FOREIGN })
  await addMeeting(api, 7, {
    ...ago(7),
    meeting: {
      siteUrl: 'other.example.com',
      serviceType: 'EventCenter',
      format: 'UPLOADED',
      integrationTags: [
        { clientId: NO_CLIENT, tag: 'ticket-1' },
        { clientId: 'somebody else', tag: 'ticket-2' },
      ],
    },
  })
  await addMeeting(api, 8, { create_time: NOW - 29 * DAY, download_prevented: 1 })
  await api.addRecording({ id: '5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c77', create_time: NOW - HOUR })
})
after(() => api.close())

const get = (url: string, caller: CallerName, headers = {}): Promise<LightMyRequestResponse> =>
  api.send(caller, { url, headers })

function said(answer: LightMyRequestResponse): string {
  if (answer.statusCode !== 200) return `${answer.statusCode} ${answer.json().errors[0].description}`
  return (answer.json().items as { id: string }[]).map(({ id }) => Number(id.slice(-8))).join(' ')
}

describe('GET /recordings (meeting-recordings §2)', () => {
  const month = 'from=2026-01-04&to=2026-02-04'
  const cases: readonly (readonly [query: string, caller: CallerName, expected: string])[] = [
    ['', 'owner', '1 3 7'],
    ['', 'colleague', '1 2 3'],
    ['', 'foreign', '6'],
    [`?${month}`, 'owner', '1 3 7 8'],
    ['?from=2020-01-01&to=2026-02-04', 'owner', '1 3 7 8'],
    ['?status=deleted', 'owner', '4'],
    ['?status=deleted', 'colleague', ''],
    ['?status=purged', 'owner', '403 Only compliance officers may see purged recordings'],
    ['?status=purged', 'admin', '403 Only compliance officers may see purged recordings'],
    ['?status=purged', 'officer', '400 meetingId is required with status=purged'],
    [`?status=purged&meetingId=${MEETING}5`, 'officer', '5'],
    [
      `?status=purged&meetingId=${MEETING}5`,
      'admin',
      '403 Only compliance officers may see purged recordings',
    ],
    [`?status=purged&meetingId=${MEETING}5&hostEmail=owner@alpha.test`, 'officer', '5'],
    [`?status=purged&meetingId=${MEETING}5&hostEmail=colleague@alpha.test`, 'officer', ''],
    // For whom it acts.
    ['', 'admin', ''],
    ['', 'officer', ''],
    ['?hostEmail=Owner@Alpha.test', 'admin', '1 3 7'],
    ['?hostEmail=owner@alpha.test', 'officer', '1 3 7'],
    ['?hostEmail=colleague@alpha.test&status=deleted', 'admin', ''],
    ['?hostEmail=owner@alpha.test&status=deleted', 'admin', '4'],
    ['?hostEmail=', 'admin', ''],
    ['?hostEmail=colleague@alpha.test', 'owner', '1 3 7'],
    [`?hostEmail=${'x'.repeat(300)}`, 'owner', '1 3 7'],
    [`?hostEmail=${'x'.repeat(300)}`, 'admin', '400 hostEmail must have at most 254 characters'],
    ['?hostEmail=nobody@alpha.test', 'admin', '403 hostEmail is not a user that this token may act for'],
    ['?hostEmail=everything@beta.test', 'admin', '403 hostEmail is not a user that this token may act for'],
    ['?hostEmail=105.place@alpha.test', 'admin', '403 hostEmail is not a user that this token may act for'],
    ['?hostEmail=owner@alpha.test', 'foreign', '403 hostEmail is not a user that this token may act for'],
    ['?hostEmail=colleague@alpha.test', 'pretender', '403 '],
    // Filters.
    [`?meetingId=${MEETING}1`, 'owner', '1'],
    [`?meetingId=${MEETING}7&siteUrl=elsewhere.test`, 'owner', '7'],
    ['?meetingId=0d4be2a97c31460fb1e85a6f9d20c7b4', 'owner', '1 3 7'],
    ['?meetingId=0d4be2a97c31460fb1e85a6f9d20c7b4', 'officer', '1 2 3 7'],
    ['?meetingId=0d4be2a97c31460fb1e85a6f9d20c7b4', 'admin', ''],
    ['?meetingId=', 'owner', '400 meetingId must not be empty'],
    ['?siteUrl=Other.Example.com', 'owner', '7'],
    ['?siteUrl=nowhere.test', 'owner', ''],
    [`?topic=${encodeURIComponent('ÄRGER')}`, 'colleague', '2'],
    ['?format=MP4', 'owner', '1 3'],
    ['?format=UPLOADED', 'owner', '400 format must be one of MP4, ARF'],
    ['?serviceType=EventCenter', 'owner', '7'],
    [
      '?serviceType=calling',
      'owner',
      '400 serviceType must be one of MeetingCenter, EventCenter, SupportCenter, TrainingCenter',
    ],
    ['?integrationTag=ticket-1', 'owner', '7'],
    ['?integrationTag=ticket', 'owner', ''],
    ['?integrationTag=ticket-2', 'owner', ''],
    ['?max=0', 'owner', '400 max must be a whole number from 1 to 100'],
    ['?max=101', 'owner', '400 max must be a whole number from 1 to 100'],
    ['?max=100', 'owner', '1 3 7'],
    ['?status=erased', 'owner', '400 status must be one of available, deleted, purged'],
    ['?cursor=x', 'owner', '400 cursor is not one that this server made'],
    ['?from=2026-02-04&to=2026-02-03', 'owner', '400 from must not be later than to'],
    ['?timezone=Mars/Olympus', 'owner', '400 timezone must be an IANA zone name such as Europe/Berlin'],
  ]
  for (const [query, caller, expected] of cases)
    it(`${query.slice(0, 70)} as ${caller} gives ${expected || 'nothing'}`, async () => {
      const seen = said(await get(`/v1/recordings${query}`, caller))
      if (caller === 'pretender') assert.match(seen, /^403 This operation needs/)
      else assert.equal(seen, expected)
    })

  it('shows every member of its column, times in the zone asked for, and no direct link (§1)', async () => {
    const { items } = (await get('/v1/recordings?max=1', 'owner', { timezone: 'Asia/Singapore' })).json()
    assert.deepEqual(items, [
      {
        id: meetingId(1),
        meetingId: `${MEETING}1`,
        meetingSeriesId: '0d4be2a97c31460fb1e85a6f9d20c7b4',
        topic: 'Weekly planning',
        createTime: '2026-02-03T19:00:00+08:00',
        timeRecorded: '2026-02-03T18:59:00+08:00',
        siteUrl: 'alpha.test',
        downloadUrl: `${PUBLIC_URL}/recordings/${meetingId(1)}/download`,
        playbackUrl: `${PUBLIC_URL}/recordings/${meetingId(1)}/play`,
        password: PASSWORD,
        format: 'MP4',
        serviceType: 'MeetingCenter',
        durationSeconds: 3480,
        sizeBytes: items[0].sizeBytes,
        shareToMe: false,
        status: 'available',
      },
    ])
  })

  it('says what is shared to the person that it acts for, and nothing of it to an officer without one', async () => {
    const shares = async (caller: CallerName, query = ''): Promise<unknown[]> =>
      (await get(`/v1/recordings?max=3${query}`, caller))
        .json()
        .items.map((item: { shareToMe?: boolean }) => item.shareToMe)
    assert.deepEqual(await shares('owner'), [false, true, false])
    assert.deepEqual(await shares('colleague'), [true, false, false])
    assert.deepEqual(await shares('admin', '&hostEmail=colleague@alpha.test'), [true, false, false])
    assert.deepEqual(await shares('officer', '&hostEmail=owner@alpha.test'), [false, true, false])
    const series = '&meetingId=0d4be2a97c31460fb1e85a6f9d20c7b4'
    assert.deepEqual(await shares('officer', series), [undefined, undefined, undefined])
  })

  it('shows tags of the calling client alone, and no download page where downloading is prevented', async () => {
    const { items } = (await get(`/v1/recordings?${month}`, 'owner')).json()
    assert.deepEqual(
      items.map((item: { integrationTags?: string[] }) => item.integrationTags),
      [undefined, undefined, ['ticket-1'], undefined],
    )
    assert.deepEqual(
      items.map((item: object) => 'downloadUrl' in item),
      [true, true, true, false],
    )
    assert.ok('playbackUrl' in items[3])
  })

  it('pages by links that carry filters, zone, host and window, and repeats and skips nothing', async () => {
    const seen: string[] = []
    let url = '/v1/recordings?hostEmail=owner@alpha.test&max=1'
    for (let page = 0; page < 9; page++) {
      const answer = await get(url, 'admin', page === 0 ? { timezone: 'Europe/Berlin' } : {})
      seen.push(said(answer))
      assert.match(answer.json().items[0].createTime, /\+01:00$/)
      api.now += HOUR
      const link = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link']))?.[1]
      if (link === undefined) break
      assert.ok(link.startsWith(`${PUBLIC_URL}/v1/recordings?`))
      assert.ok(
        link.includes('to=2026-02-03T12%3A00%3A00.000Z'),
        'the window that was computed does not move',
      )
      url = link.slice(PUBLIC_URL.length)
    }
    api.now = NOW
    assert.deepEqual(seen, ['1', '3', '7'])
  })

  it('of whoever may not view the own recordings has the shared ones alone', async () => {
    const line = api.ports.allLines.find(({ id }) => id === IDS.owner)
    assert.ok(line !== undefined)
    const access = { ...FULL_ACCESS, viewAndPlayRecordingsEnabled: false }
    line.recording = { ...DEFAULT_RECORDING_SETTINGS, callRecordingAccessSettings: access }
    try {
      assert.equal(said(await get('/v1/recordings', 'owner')), '3')
      assert.equal(said(await get('/v1/recordings?status=deleted', 'owner')), '')
      assert.equal(said(await get('/v1/recordings?hostEmail=owner@alpha.test', 'admin')), '1 3 7')
    } finally {
      delete line.recording
    }
  })
})

describe('GET /admin/recordings (§7)', () => {
  const month = 'from=2026-01-04T12:00:00Z&to=2026-02-03T12:00:00Z'
  const cases: readonly (readonly [query: string, caller: CallerName, expected: string])[] = [
    ['', 'admin', '1 2 3'],
    ['', 'officer', '1 2 3'],
    ['', 'foreign', ''],
    ['?siteUrl=alpha.test', 'foreign', '6'],
    ['?siteUrl=OTHER.example.com', 'admin', '7'],
    ['?siteUrl=nowhere.test', 'admin', ''],
    [`?${month}`, 'admin', '1 2 3 8'],
    [
      '?from=2026-01-04T11:59:59Z&to=2026-02-03T12:00:00Z',
      'admin',
      '400 from must be at most 30 days before to',
    ],
    [`?from=1990-01-01&to=2050-01-01&siteUrl=x.test&meetingId=${MEETING}7`, 'admin', '7'],
    ['?meetingId=0d4be2a97c31460fb1e85a6f9d20c7b4', 'admin', '1 2 3 7 8'],
    ['?status=deleted', 'admin', '4'],
    ['?status=purged', 'admin', '403 Only compliance officers may see purged recordings'],
    ['?status=purged', 'adminOwner', '403 Only compliance officers may see purged recordings'],
    ['?status=purged', 'officer', '5'],
    ['?hostEmail=colleague@alpha.test', 'admin', '1 2 3'],
    ['?max=101', 'admin', '400 max must be a whole number from 1 to 100'],
    ['?serviceType=EventCenter&siteUrl=other.example.com', 'admin', '7'],
  ]
  for (const [query, caller, expected] of cases)
    it(`${query.slice(0, 70)} as ${caller} gives ${expected || 'nothing'}`, async () => {
      assert.equal(said(await get(`/v1/admin/recordings${query}`, caller)), expected)
    })

  it('is closed to users', async () => {
    for (const caller of ['owner', 'colleague', 'pretender'] as const)
      assert.equal((await get('/v1/admin/recordings', caller)).statusCode, 403)
  })

  it('names the host and nothing of shares, and has no direct link (§1)', async () => {
    const { items } = (await get('/v1/admin/recordings', 'admin')).json()
    const [first, second] = items
    assert.deepEqual([first.hostDisplayName, first.hostEmail], ['Tomas Lind', 'owner@alpha.test'])
    assert.deepEqual([second.hostDisplayName, second.hostEmail], ['Mira', 'colleague@alpha.test'])
    assert.ok(items.every((item: object) => !('shareToMe' in item)))
    assert.ok(!JSON.stringify(items).includes('sig='))
  })

  it('pages by links without a window when a meeting is named', async () => {
    const answer = await get(`/v1/admin/recordings?meetingId=0d4be2a97c31460fb1e85a6f9d20c7b4&max=4`, 'admin')
    const link = String(answer.headers['link'])
    assert.ok(!link.includes('from='))
    assert.equal(said(answer), '1 2 3 7')
    const next = /^<([^>]+)>/.exec(link)?.[1] ?? ''
    const last = await get(next.slice(PUBLIC_URL.length), 'admin')
    assert.equal(said(last), '8')
    assert.equal(last.headers['link'], undefined)
  })
})

describe('GET /group/recordings (§9)', () => {
  const asApp = (url: string, headers = {}): Promise<LightMyRequestResponse> =>
    api.app.inject({
      url: `/v1/group/recordings${url}`,
      headers: { authorization: `Bearer ${app}`, ...headers },
    })
  const host = { hostEmail: 'OWNER@alpha.test' }

  it('needs exactly one identity', async () => {
    assert.equal(said(await asApp('')), '400 personId or the header hostEmail is required')
    assert.equal(
      said(await asApp('?hostEmail=owner@alpha.test')),
      '400 personId or the header hostEmail is required',
    )
    assert.equal(
      said(await asApp(`?personId=${IDS.owner}`, host)),
      '400 personId and hostEmail exclude each other',
    )
    assert.equal(said(await asApp('?personId=')), '400 personId must not be empty')
  })

  it('lists what the person hosted and is available, shared ones not', async () => {
    assert.equal(said(await asApp(`?personId=${IDS.owner}`)), '1')
    assert.equal(said(await asApp(`?personId=${encodeWebexId('PEOPLE', IDS.owner)}`)), '1')
    assert.equal(said(await asApp('', host)), '1')
    assert.equal(said(await asApp('?siteUrl=other.example.com', host)), '7')
    assert.equal(said(await asApp('?status=deleted&meetingId=x', host)), '1', 'neither is one of its queries')
    assert.equal(said(await asApp('?from=2026-01-04T12:00:00Z&to=2026-02-03T12:00:00Z', host)), '1 8')
    assert.equal(
      said(await asApp('?from=2026-01-04T11:00:00Z&to=2026-02-03T12:00:00Z', host)).slice(0, 3),
      '400',
    )
  })

  it('knows nobody of elsewhere: an id finds nothing, an email is refused', async () => {
    assert.equal(said(await asApp(`?personId=${IDS.foreign}`)), '')
    assert.equal(said(await asApp('?personId=nonsense')), '')
    for (const hostEmail of ['nobody@alpha.test', 'everything@beta.test'])
      assert.equal((await asApp('', { hostEmail })).statusCode, 403)
  })

  it('pages although the header does not travel with the link', async () => {
    const window = 'from=2026-01-04T12:00:00Z&to=2026-02-03T12:00:00Z'
    const answer = await asApp(`?max=1&${window}`, host)
    const next = /^<([^>]+)>/.exec(String(answer.headers['link']))?.[1] ?? ''
    const path = next.slice(`${PUBLIC_URL}/v1/group/recordings`.length)
    assert.equal(said(await asApp(path)), '8')
    assert.equal(said(await asApp(path, host)), '8')
  })

  it('shows details of those alone, with links', async () => {
    const one = await asApp(`/${meetingId(1)}?personId=${IDS.owner}`)
    assert.equal(one.statusCode, 200)
    assert.match(one.json().temporaryDirectDownloadLinks.recordingDownloadLink, /\/video\?.*sig=/)
    for (const n of [2, 3, 4, 5, 6, 99])
      assert.equal((await asApp(`/${meetingId(n)}`, host)).statusCode, 404, String(n))
    assert.equal((await asApp(`/${meetingId(1)}`)).statusCode, 400)
    assert.equal((await asApp(`/${meetingId(1)}`, { hostEmail: 'x@y.z' })).statusCode, 403)
  })

  it('is closed to every other scope', async () => {
    for (const caller of ['owner', 'admin', 'officer'] as const)
      assert.equal((await get('/v1/group/recordings', caller)).statusCode, 403)
  })
})
