import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, NOW, openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'

const id = (n: number): string => `5b0c7f2e-6c1d-4e0f-9a53-${String(n).padStart(12, '0')}`
const HOUR = 3_600_000
const DAY = 24 * HOUR

let api: TestApi
before(async () => {
  api = await openTestApi()
  await api.addRecording({ id: id(1), create_time: NOW - HOUR })
  const mira = { owner_id: IDS.colleague, owner_email: 'colleague@alpha.test', owner_name: 'Mira' }
  await api.addRecording({ id: id(2), create_time: NOW - 2 * HOUR, ...mira, topic: 'Straße Ärger' })
  const lobby = { owner_id: IDS.place, owner_type: 'place', owner_email: '105.place@alpha.test' }
  await api.addRecording({ id: id(3), create_time: NOW - 3 * HOUR, ...lobby, storage_region: 'US' })
  await api.addRecording({ id: id(4), create_time: NOW - 4 * HOUR, status: 'deleted' })
  await api.addRecording({ id: id(5), create_time: NOW - 5 * HOUR, status: 'purged' })
  const foreign = { org_id: IDS.foreignOrg, owner_id: IDS.foreign, owner_email: 'everything@beta.test' }
  await api.addRecording({ id: id(6), create_time: NOW - 6 * HOUR, ...foreign })
  const meeting = { service_type: 'meeting', format: 'MP4', owner_name: 'Tomas Lind' }
  await api.addRecording({ id: id(7), create_time: NOW - 7 * HOUR, ...meeting })
  await api.addRecording({ id: id(8), create_time: NOW - 29 * DAY, location_id: '', call_session_id: '' })
  api.library.meetingFacts.set(id(7).replaceAll('-', ''), {
    meetingId: '0d4be2a97c31460fb1e85a6f9d20c7b4_I_604418823157902211',
    siteUrl: 'alpha.test',
    password: 'never shown here',
    serviceType: 'MeetingCenter',
    format: 'MP4',
    integrationTags: [],
  })
})
after(() => api.close())

const list = (query: string, caller: CallerName = 'admin'): Promise<LightMyRequestResponse> =>
  api.send(caller, { url: `/v1/admin/convergedRecordings${query}` })

async function brief(query: string, caller: CallerName = 'admin'): Promise<string> {
  const answer = await list(query, caller)
  const body = answer.json()
  if (answer.statusCode !== 200) return `${answer.statusCode} ${body.errors[0].description}`
  return (body.items as { id: string }[]).map((item) => Number(item.id.slice(-3))).join(' ')
}

describe('GET /admin/convergedRecordings (converged-recordings §4)', () => {
  const month = '?from=2026-01-04T12:00:00Z&to=2026-02-03T12:00:00Z'
  const cases: [string, string, CallerName?][] = [
    ['', '1 2 3 7'],
    [month, '1 2 3 7 8'],
    [`${month}&status=deleted`, '4'],
    ['?status=purged', '403 Only compliance officers may see purged recordings'],
    ['?status=purged', '403 Only compliance officers may see purged recordings', 'adminOwner'],
    ['?status=purged', '5', 'officer'],
    ['?status=purged', '5', 'officerOwner'],
    ['', '6', 'foreign'],
    [`?ownerId=${IDS.owner}`, '1 7'],
    [`?ownerId=${encodeWebexId('PEOPLE', IDS.colleague)}`, '2'],
    [`?ownerId=${encodeWebexId('PLACE', IDS.place)}`, '3'],
    [`?ownerId=${encodeWebexId('LOCATION', IDS.place)}`, ''],
    [`?ownerId=${IDS.foreign}`, ''],
    ['?ownerId=nonsense', ''],
    ['?ownerId=', '400 ownerId must not be empty'],
    ['?ownerEmail=COLLEAGUE@Alpha.test', '2'],
    ['?ownerEmail=105.place@alpha.test', '3'],
    [`?ownerEmail=colleague@alpha.test&ownerId=${IDS.owner}`, ''],
    ['?ownerEmail=nobody@alpha.test', ''],
    ['?ownerType=place', '3'],
    ['?storageRegion=US', '3'],
    ['?serviceType=meeting', '7'],
    ['?serviceType=all', '1 2 3 7'],
    ['?format=MP4', '7'],
    [`?topic=${encodeURIComponent('ÄRGER')}`, '2'],
    [`?locationId=${encodeWebexId('LOCATION', IDS.location)}`, '1 2 3 7'],
    ['?locationId=nowhere', ''],
    ['?from=2026-01-04T12:00:00.000Z&to=2026-02-03T12:00:00Z&max=1', '1'],
    ['?from=2026-01-04T11:59:59.999Z&to=2026-02-03T12:00:00Z', '400 from must be at most 30 days before to'],
    ['?from=2026-02-04&to=2026-02-03', '400 from must not be later than to'],
    ['?from=2020-01-01&to=2026-02-03&status=purged', '400 from must be at most 30 days before to'],
    ['?max=101', '400 max must be a whole number from 1 to 100'],
  ]
  for (const [query, expected, caller] of cases)
    it(`${query.slice(0, 70)} as ${caller ?? 'admin'} gives ${expected || 'nothing'}`, async () => {
      assert.equal(await brief(query, caller), expected)
    })

  it('gives links to nobody, hosts of meetings alone, and of a host no password (Ruling 9)', async () => {
    const { items } = (await list(month, 'officer')).json() as { items: Record<string, unknown>[] }
    const text = JSON.stringify(items)
    for (const word of ['sig=', 'http', 'never shown here']) assert.ok(!text.includes(word), word)
    const host = (item: Record<string, unknown> | undefined): unknown[] => [
      item?.['meetingId'],
      item?.['hostEmail'],
      item?.['hostDisplayName'],
    ]
    assert.deepEqual(host(items[0]), [undefined, undefined, undefined])
    assert.deepEqual(host(items[3]), [
      '0d4be2a97c31460fb1e85a6f9d20c7b4_I_604418823157902211',
      'owner@alpha.test',
      'Tomas Lind',
    ])
    assert.equal(items[4]?.['serviceData'], undefined, 'an import without call data has none')
  })

  it('links to the next page on its own path', async () => {
    const answer = await list('?max=2&ownerType=user', 'officer')
    const next = new URL(/^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link']))?.[1] ?? 'no:link')
    assert.equal(next.origin + next.pathname, `${PUBLIC_URL}/v1/admin/convergedRecordings`)
    assert.equal(next.searchParams.get('ownerType'), 'user')
    const second = await list(next.search, 'officer')
    assert.equal(second.headers['link'], undefined)
    assert.equal(answer.json().items.length + second.json().items.length, 3)
  })
})
