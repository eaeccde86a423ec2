import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeWebexId, LINK_MS } from '@tandem/contract'
import type { LibraryTables } from '@tandem/recordings'
import type { Kysely } from '@tandem/store'
import type { LightMyRequestResponse } from 'fastify'
import {
  type CallerName,
  NOW,
  openTestApi,
  PUBLIC_URL,
  type TestApi,
  type TestRecording,
} from '../../testing/api.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const COLLEAGUE = 'a4f0c9d2-52d1-4e8e-8f3b-6b7d3c1e9f05'

/** The catalogue of these tests, newest first. */
const CATALOGUE: readonly TestRecording[] = [
  { id: id(1), create_time: NOW - HOUR, topic: 'Call with Mira Okafor-20260203 1100' },
  { id: id(2), create_time: NOW - 2 * HOUR, topic: 'Straße & 100% <b>', storage_region: 'SG' },
  { id: id(3), create_time: NOW - 2 * HOUR, topic: 'Other', location_id: id(99) },
  { id: id(4), create_time: NOW - 3 * HOUR, status: 'deleted' },
  { id: id(5), create_time: NOW - 4 * HOUR, status: 'purged' },
  { id: id(6), create_time: NOW - 5 * HOUR, owner_id: COLLEAGUE, owner_email: 'colleague@alpha.test' },
  { id: id(7), create_time: NOW - 6 * HOUR, org_id: '2b7e91d4-1c3a-45d8-9e60-6f8d0a7c5b12' },
  { id: id(8), create_time: NOW - 8 * DAY, service_type: 'customerAssist' },
]

let api: TestApi
before(async () => {
  api = await openTestApi()
  for (const recording of CATALOGUE) await api.addRecording(recording)
})
after(() => api.close())

const list = (query = '', caller: CallerName = 'owner', headers = {}): Promise<LightMyRequestResponse> =>
  api.send(caller, { url: `/v1/convergedRecordings${query}`, headers })

/** The last digits of the ids of a page, or the status and text of a refusal. */
async function brief(query: string, caller: CallerName = 'owner'): Promise<string> {
  const answer = await list(query, caller)
  if (answer.statusCode !== 200) return `${answer.statusCode} ${answer.json().message}`
  return answer
    .json()
    .items.map((item: { id: string }) => item.id.slice(-1))
    .join(' ')
}

describe('GET /convergedRecordings (converged-recordings §3)', () => {
  it('shows the own available recordings of the last seven days, newest first, ties by id descending', async () => {
    assert.equal(await brief(''), '1 3 2')
    assert.equal(await brief('', 'colleague'), '6')
    assert.equal(await brief('', 'foreign'), '')
  })

  it('shows every member of the object in its form, and no link of any kind', async () => {
    const [item] = (await list('?max=1')).json().items
    assert.deepEqual(item, {
      id: id(1),
      topic: 'Call with Mira Okafor-20260203 1100',
      createTime: '2026-02-03T11:00:00Z',
      timeRecorded: '2026-02-03T10:59:00Z',
      ownerId: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210',
      ownerType: 'user',
      ownerEmail: 'owner@alpha.test',
      format: 'MP3',
      durationSeconds: 60,
      sizeBytes: 41,
      serviceType: 'calling',
      storageRegion: 'DE',
      status: 'available',
      serviceData: {
        locationId: '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913',
        callSessionId: 'c0a4d1b2-9f7e-4b60-8f0a-5ad2f1e3b644',
      },
    })
  })

  const cases: [query: string, expected: string][] = [
    ['?status=deleted', '4'],
    ['?status=purged', ''],
    ['?storageRegion=SG', '2'],
    ['?format=MP3&serviceType=calling&ownerType=user', '1 3 2'],
    ['?format=MP4', ''],
    ['?serviceType=all', '1 3 2'],
    ['?serviceType=meeting', ''],
    ['?topic=mira%20OKAFOR', '1'],
    ['?topic=100%25', '2'],
    ['?topic=stra%C3%9Fe', '2'],
    ['?topic=_', ''],
    ['?topic=', '1 3 2'],
    [`?locationId=${id(99)}`, '3'],
    [`?locationId=${encodeWebexId('LOCATION', id(99))}`, '3'],
    ['?locationId=nowhere', ''],
    ['?ownerId=0E2B7A643A0F4F0E8A647D1A5C9BE210', '1 3 2'],
    [`?ownerId=${encodeWebexId('PEOPLE', '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210')}==`, '1 3 2'],
    [`?ownerId=${COLLEAGUE}`, ''],
    ['?ownerEmail=OWNER@alpha.test', '1 3 2'],
    ['?ownerEmail=colleague@alpha.test', ''],
    ['?from=2026-02-03T10:00:00Z', '1 3 2'],
    ['?from=2026-02-03T10:00:00.001Z', '1'],
    ['?to=2026-02-03T11:00:00Z', '3 2'],
    ['?from=2026-02-03T11:00:00Z&to=2026-02-03T11:00:00Z', ''],
    ['?from=2026-01-20', '8'],
    ['?from=2026-01-01&to=2026-03-01', '1 3 2 8'],
    ['?from=2026-02-03T12:00:00+02:00&to=20260203T1001Z', '3 2'],
    ['?from=2026-02-03T18:00:00&to=2026-02-03T18:01&timezone=Asia/Singapore', '3 2'],
    ['?whatever=1', '1 3 2'],
    ['?max=2', '1 3'],
    ['?max=100', '1 3 2'],
    ['?max=0', '400 max must be a whole number from 1 to 100'],
    ['?max=101', '400 max must be a whole number from 1 to 100'],
    ['?max=1.5', '400 max must be a whole number from 1 to 100'],
    ['?max=', '400 max must be a whole number from 1 to 100'],
    ['?status=Available', '400 status must be one of available, deleted, purged'],
    ['?status=', '400 status must be one of available, deleted, purged'],
    ['?serviceType=none', '400 serviceType must be one of calling, customerAssist, meeting, all'],
    ['?format=mp3', '400 format must be one of MP3, MP4'],
    ['?ownerType=USER', '400 ownerType must be one of user, place, virtualLine, callQueue'],
    ['?storageRegion=XX', '400 storageRegion must be one of US, SG, GB, JP, DE, AU, IN, CA'],
    ['?locationId=', '400 locationId must not be empty'],
    ['?timezone=Mars', '400 timezone must be an IANA zone name such as Europe/Berlin'],
    ['?from=tomorrow', '400 from must be a date or date-time of ISO 8601, such as 2026-02-03T10:15:00Z'],
    ['?from=2026-02-04&to=2026-02-03', '400 from must not be later than to'],
    ['?cursor=abc', '400 cursor is not one that this server made'],
    [`?topic=${'x'.repeat(257)}`, '400 topic must have at most 256 characters'],
  ]
  for (const [query, expected] of cases)
    it(`${query.slice(0, 60)} gives ${expected || 'nothing'}`, async () => {
      assert.equal(await brief(query), expected)
    })

  it('renders times in the zone of the header, which wins over the query (Ruling 7)', async () => {
    const times = async (query: string, headers = {}): Promise<string> =>
      (await list(query, 'owner', headers)).json().items[0].createTime
    assert.equal(await times('?timezone=Asia/Singapore'), '2026-02-03T19:00:00+08:00')
    assert.equal(
      await times('?timezone=Asia/Singapore', { timezone: 'Europe/London' }),
      '2026-02-03T11:00:00+00:00',
    )
    assert.equal((await list('', 'owner', { timezone: 'x' })).statusCode, 400)
  })

  it('tells an administrator and a compliance officer where their list is (Ruling 5)', async () => {
    for (const caller of ['admin', 'officer'] as const)
      assert.match(await brief('', caller), /^403 .*\/admin\/convergedRecordings$/)
  })
})

describe('paging (contract README §5)', () => {
  const nextOf = (answer: LightMyRequestResponse): string | undefined =>
    /^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link'] ?? ''))?.[1]

  it('follows absolute links that carry every filter, the zone and the computed window', async () => {
    const first = await list('?max=1&topic=&ownerType=user&unknown=1', 'owner', {
      timezone: 'Asia/Singapore',
    })
    const next = new URL(nextOf(first) ?? '')
    assert.equal(next.origin + next.pathname, `${PUBLIC_URL}/v1/convergedRecordings`)
    const { cursor, ...carried } = Object.fromEntries(next.searchParams)
    assert.ok(cursor)
    assert.deepEqual(carried, {
      from: '2026-01-27T12:00:00.000Z',
      to: '2026-02-03T12:00:00.000Z',
      max: '1',
      ownerType: 'user',
      topic: '',
      timezone: 'Asia/Singapore',
    })
  })

  it('neither repeats nor skips while recordings are added and the clock moves on', async () => {
    const seen: string[] = []
    let url: string | undefined = `${PUBLIC_URL}/v1/convergedRecordings?max=1`
    for (let page = 0; url !== undefined && page < 10; page++) {
      const answer: LightMyRequestResponse = await api.send('owner', { url: url.slice(PUBLIC_URL.length) })
      const items = answer.json().items as { id: string }[]
      assert.equal(items.length, 1, 'never an empty page behind a link')
      seen.push(...items.map((item) => item.id.slice(-2)))
      url = nextOf(answer)
      api.now += 60_000
      await api.addRecording({ id: id(50 + page), create_time: api.now - 1 })
    }
    api.now = NOW
    assert.deepEqual(seen, ['01', '03', '02'])
  })

  it('sends no link with the last page', async () => {
    assert.equal(
      (await list('?from=2026-02-03T09:00:00Z&to=2026-02-03T12:00:00Z&max=3')).headers['link'],
      undefined,
    )
  })
})

describe('GET /convergedRecordings/{recordingId} (converged-recordings §5)', () => {
  const details = (recording: string, caller: CallerName, headers = {}): Promise<LightMyRequestResponse> =>
    api.send(caller, { url: `/v1/convergedRecordings/${recording}`, headers })

  it('gives the owner links for three hours, and the members of both documents (Ruling 9)', async () => {
    const body = (await details(id(1), 'owner', { timezone: 'Asia/Singapore' })).json()
    const { temporaryDirectDownloadLinks: links, downloadUrl, playbackUrl, ...rest } = body
    assert.deepEqual(Object.keys(links).toSorted(), [
      'audioDownloadLink',
      'expiration',
      'recordingDownloadLink',
    ])
    assert.ok(links.audioDownloadLink.startsWith(`${PUBLIC_URL}/media/${id(1)}/audio?`))
    assert.deepEqual(
      new Set([links.audioDownloadLink, links.recordingDownloadLink, downloadUrl, playbackUrl]).size,
      1,
    )
    assert.equal(links.expiration, '2026-02-03T23:00:00+08:00')
    assert.equal(rest.createTime, '2026-02-03T19:00:00+08:00')
    assert.equal(rest.hostEmail, 'owner@alpha.test')
    assert.equal(rest.hostDisplayName, 'Tomas Lind')
    assert.equal(rest.meetingId, undefined)
    assert.equal(rest.serviceData.callSessionId, 'c0a4d1b2-9f7e-4b60-8f0a-5ad2f1e3b644')
  })

  it('gives an administrator no link, and a compliance officer links also to purged ones (A03)', async () => {
    const admin = (await details(id(1), 'admin')).json()
    assert.equal(admin.id, id(1))
    for (const member of ['temporaryDirectDownloadLinks', 'downloadUrl', 'playbackUrl'])
      assert.equal(admin[member], undefined)
    assert.ok(!JSON.stringify(admin).includes('sig='))
    assert.ok((await details(id(5), 'officer')).json().temporaryDirectDownloadLinks)
  })

  it('hides with 404 what the caller may not see, whatever the reason', async () => {
    const hidden: [string, CallerName][] = [
      [id(6), 'owner'],
      [id(5), 'owner'],
      [id(5), 'admin'],
      [id(7), 'officer'],
      [id(1), 'foreign'],
      [id(404), 'owner'],
      ['nonsense', 'owner'],
      ['..%2F..%2Fetc', 'officer'],
      [encodeURIComponent("' or 1=1 --"), 'officer'],
    ]
    for (const [recording, caller] of hidden) {
      const answer = await details(recording, caller)
      assert.equal(answer.statusCode, 404, `${recording} as ${caller}`)
      assert.equal(answer.json().errors[0].description, 'Recording not found')
    }
    assert.equal((await details(id(4), 'owner')).json().status, 'deleted')
  })

  it('compares ids without hyphens and letter case, and shows the stored form (README §2)', async () => {
    const body = (await details(id(1).replaceAll('-', '').toUpperCase(), 'owner')).json()
    assert.equal(body.id, id(1))
  })
})

describe('GET /convergedRecordings/{recordingId}/metadata (§7)', () => {
  const metadata = (query = '', caller: CallerName = 'owner', n = 1): Promise<LightMyRequestResponse> =>
    api.send(caller, {
      url: `/v1/convergedRecordings/${id(n)}/metadata${query}`,
      headers: { timezone: 'Asia/Tokyo' },
    })

  it('answers the document in UTC, to whoever sees the details', async () => {
    const body = (await metadata()).json()
    assert.equal(body.id, id(1))
    assert.equal(body.version, '1.2')
    assert.equal(body.ownerType, 'USER')
    assert.equal(body.serviceData.callRecordingId, id(1))
    assert.match(body.serviceData.session.startTime, /Z$/)
    assert.ok((await metadata('', 'admin')).json().serviceData)
    assert.equal((await metadata('', 'colleague')).statusCode, 404)
    assert.equal((await metadata('', 'owner', 5)).statusCode, 404)
  })

  it('takes showAllTypes as true or false and nothing else', async () => {
    assert.equal((await metadata('?showAllTypes=true')).statusCode, 200)
    for (const value of ['TRUE', '1', ''])
      assert.equal((await metadata(`?showAllTypes=${value}`)).statusCode, 400)
  })
})

describe('GET /media/{recordingId}/audio (converged-recordings §5, promise P13, case A13)', () => {
  const AUDIO = 'This stands in for an MP3 of some length.'
  const linkOf = async (caller: CallerName, n = 1): Promise<string> => {
    const answer = await api.send(caller, { url: `/v1/convergedRecordings/${id(n)}` })
    return answer.json().temporaryDirectDownloadLinks.audioDownloadLink.slice(PUBLIC_URL.length)
  }
  const fetch = (
    url: string,
    headers = {},
    method: 'GET' | 'HEAD' = 'GET',
  ): Promise<LightMyRequestResponse> => api.app.inject({ method, url, headers })

  it('is the file itself, without a token', async () => {
    const answer = await fetch(await linkOf('owner'))
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.body, AUDIO)
    assert.equal(answer.headers['content-type'], 'audio/mpeg')
    assert.equal(answer.headers['content-length'], String(AUDIO.length))
    assert.equal(answer.headers['accept-ranges'], 'bytes')
    assert.equal(
      answer.headers['content-disposition'],
      `attachment; filename="Call with Mira Okafor-20260203 1100.mp3"; filename*=UTF-8''Call%20with%20Mira%20Okafor-20260203%201100.mp3`,
    )
    assert.equal((await fetch(await linkOf('owner'), { authorization: 'Bearer nonsense' })).statusCode, 200)
  })

  it('answers HEAD with the same headers and no body', async () => {
    const url = await linkOf('owner')
    const [head, get] = [await fetch(url, {}, 'HEAD'), await fetch(url)]
    assert.equal(head.statusCode, 200)
    assert.equal(head.body, '')
    for (const name of ['content-length', 'content-type', 'etag', 'content-disposition', 'accept-ranges'])
      assert.equal(head.headers[name], get.headers[name], name)
  })

  const ranges: [string, number, string, string | undefined][] = [
    ['bytes=0-3', 206, AUDIO.slice(0, 4), 'bytes 0-3/41'],
    ['bytes=5-', 206, AUDIO.slice(5), 'bytes 5-40/41'],
    ['bytes=-7', 206, AUDIO.slice(-7), 'bytes 34-40/41'],
    ['bytes=-100', 206, AUDIO, 'bytes 0-40/41'],
    ['bytes=40-100', 206, '.', 'bytes 40-40/41'],
    ['bytes=0-0,2-3', 200, AUDIO, undefined],
    ['bytes=3-1', 200, AUDIO, undefined],
    ['lines=1-2', 200, AUDIO, undefined],
  ]
  for (const [range, status, body, contentRange] of ranges)
    it(`serves ${range} with ${status} (RFC 9110 §14)`, async () => {
      const answer = await fetch(await linkOf('owner'), { range })
      assert.deepEqual(
        [answer.statusCode, answer.body, answer.headers['content-range']],
        [status, body, contentRange],
      )
    })

  it('answers 416 with the size for a range outside of the file', async () => {
    for (const range of ['bytes=41-', 'bytes=-0']) {
      const answer = await fetch(await linkOf('owner'), { range })
      assert.deepEqual([answer.statusCode, answer.headers['content-range']], [416, 'bytes */41'])
      assert.equal(answer.json().errors[0].errorCode, 10_205)
    }
  })

  it('honours If-Range and If-None-Match by the file’s own tag', async () => {
    const url = await linkOf('owner')
    const etag = String((await fetch(url)).headers['etag'])
    assert.equal((await fetch(url, { range: 'bytes=0-1', 'if-range': etag })).statusCode, 206)
    assert.equal((await fetch(url, { range: 'bytes=0-1', 'if-range': '"other"' })).statusCode, 200)
    assert.equal((await fetch(url, { 'if-none-match': etag })).statusCode, 304)
  })

  it('works for three hours to the millisecond', async () => {
    const url = await linkOf('owner')
    const at = async (now: number): Promise<number> => {
      api.now = now
      const { statusCode } = await fetch(url)
      api.now = NOW
      return statusCode
    }
    assert.equal(await at(NOW + LINK_MS - 1_000), 200)
    assert.equal(await at(NOW + LINK_MS - 1), 200)
    assert.equal(await at(NOW + LINK_MS), 410)
    assert.equal(await at(NOW + LINK_MS + 1_000), 410)
  })

  it('is refused with 403 for any changed character, another recording and another file', async () => {
    const url = await linkOf('owner')
    const start = url.indexOf('?') + 1
    for (let i = start; i < url.length; i++) {
      const bent = `${url.slice(0, i)}${url[i] === '0' ? '1' : '0'}${url.slice(i + 1)}`
      const { statusCode } = await fetch(bent)
      assert.equal(statusCode, 403, bent)
    }
    assert.equal((await fetch(url.replace(id(1), id(2)))).statusCode, 403)
    assert.equal((await fetch(url.replace('/audio', '/transcript'))).statusCode, 403)
    assert.equal((await fetch(url.replace('/audio', '/nonsense'))).statusCode, 403)
    assert.equal((await fetch(url.slice(0, start - 1))).statusCode, 403)
    assert.equal((await fetch(`${url}&sig=again`)).statusCode, 403)
  })

  it('dies for the owner with the status at issue, with ownership, and with the person', async () => {
    const url = await linkOf('owner', 2)
    const db = api.data.db.kysely as unknown as Kysely<LibraryTables> // The test data has its tables.
    const set = (values: { status?: string; owner_id?: string }): Promise<unknown> =>
      db.updateTable('recording').set(values).where('id', '=', id(2)).execute()
    assert.equal((await fetch(url)).statusCode, 200)
    await set({ status: 'deleted' })
    assert.equal((await fetch(url)).statusCode, 410)
    await set({ status: 'available', owner_id: COLLEAGUE })
    assert.equal((await fetch(url)).statusCode, 403)
    await set({ owner_id: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210' })
    assert.equal((await fetch(url)).statusCode, 200)
  })

  it('outlives the recycle bin for a compliance officer, and dies with the role', async () => {
    const url = await linkOf('officer', 3)
    const db = api.data.db.kysely
    const recordings = db as unknown as Kysely<LibraryTables> // The test data has its tables.
    await recordings.updateTable('recording').set({ status: 'purged' }).where('id', '=', id(3)).execute()
    assert.equal((await fetch(url)).statusCode, 200)
    await db
      .updateTable('people')
      .set({ roles: '["user"]' })
      .where('email', '=', 'officer@alpha.test')
      .execute()
    assert.equal((await fetch(url)).statusCode, 403)
    await db
      .updateTable('people')
      .set({ roles: '["complianceOfficer"]' })
      .where('email', '=', 'officer@alpha.test')
      .execute()
    await recordings.deleteFrom('recording').where('id', '=', id(3)).execute()
    assert.equal((await fetch(url)).statusCode, 410)
  })
})
