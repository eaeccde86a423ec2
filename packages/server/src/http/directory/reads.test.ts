/** The directory's reads: shapes, filters, pages, and who sees how much. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import { type CallerName, IDS, NOW, openTestApi, PUBLIC_URL, type TestApi } from '../../testing/api.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())

const get = (url: string, as: CallerName = 'admin') => api.send(as, { url: `/v1${url}` })
const padded = (id: string): string => id + '='.repeat((4 - (id.length % 4)) % 4)
const OWNER = encodeWebexId('PEOPLE', IDS.owner)

describe('lists', () => {
  // Path, and how many there are for the administrator of Alpha.
  const rows: readonly (readonly [path: string, count: number])[] = [
    ['/people', 4],
    ['/people?email=OWNER@alpha.test', 1],
    ['/people?email=everything@beta.test', 0],
    ['/people?displayName=TOM', 1],
    ['/people?displayName=%25', 0],
    ['/people?displayName=_om', 0],
    ['/people?displayName=%C3%84', 0],
    [`/people?id=${IDS.owner},${encodeWebexId('PEOPLE', IDS.admin)},${IDS.foreign},x`, 2],
    [`/people?locationId=${IDS.location}`, 4],
    [`/people?locationId=${IDS.foreignOrg}`, 0],
    ['/people?roles=admin', 1],
    [`/people?roles=${encodeWebexId('ROLE', 'admin')}`, 1],
    ['/people?roles=%25', 0],
    ['/people?max=5000', 4],
    ['/locations', 1],
    ['/locations?name=Berlin', 1],
    ['/locations?name=Rome', 0],
    ['/workspaces', 1],
    ['/workspaces?displayName=lob', 1],
    ['/telephony/config/virtualLines', 1],
    ['/telephony/config/virtualLines?extension=106&ownerName=ord', 1],
    ['/telephony/config/virtualLines?phoneNumber=%2B491', 0],
    ['/devices', 1],
    [`/devices?personId=${OWNER}&connectionStatus=disconnected`, 1],
    ['/devices?connectionStatus=connected', 0],
    [`/devices?workspaceId=${IDS.place}`, 0],
    ['/organizations', 1],
  ]
  for (const [path, count] of rows)
    it(`${path} has ${count}`, async () => {
      const answer = await get(path)
      assert.equal(answer.statusCode, 200, answer.body)
      const [items] = Object.values<unknown[]>(answer.json())
      assert.equal(items?.length, count)
      assert.doesNotMatch(answer.body, /beta|null/)
    })

  it('go on behind a cursor, each person once', async () => {
    const seen: string[] = []
    let url: string | undefined = '/people?max=1&callingData=true'
    for (let i = 0; i < 6 && url !== undefined; i++) {
      const answer = await get(url)
      seen.push(...answer.json().items.map((person: { id: string }) => person.id))
      const next = /^<(.*)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1]
      if (next !== undefined)
        assert.ok(next.startsWith(`${PUBLIC_URL}/v1/people?`) && next.includes('callingData=true'))
      url = next?.slice(`${PUBLIC_URL}/v1`.length)
    }
    assert.deepEqual([seen.length, new Set(seen).size, url], [4, 4, undefined])
  })

  it('refuse what cannot be a filter, and another organisation', async () => {
    for (const [path, status] of [
      ['/people?max=0', 400],
      ['/people?cursor=x', 400],
      ['/people?callingData=yes', 400],
      [`/people?id=${Array(86).fill('x').join()}`, 400],
      [`/people?orgId=${IDS.foreignOrg}`, 403],
      ['/devices?connectionStatus=maybe', 400],
    ] as const)
      assert.equal((await get(path)).statusCode, status, path)
  })
})

describe('who sees what (auth §6)', () => {
  it('others find people by name, email or id, and see no roles', async () => {
    assert.equal((await get('/people', 'colleague')).statusCode, 400)
    assert.equal((await get('/people?roles=admin', 'colleague')).statusCode, 400)
    const [person] = (await get('/people?email=owner@alpha.test&callingData=true', 'colleague')).json().items
    assert.deepEqual(Object.keys(person).toSorted(), [
      ...['created', 'displayName', 'emails', 'firstName', 'id', 'invitePending', 'lastName'],
      ...['loginEnabled', 'orgId', 'phoneNumbers', 'type'],
    ])
  })

  it('administrators see roles, and extensions when they ask for calling data', async () => {
    const plain = (await get(`/people/${padded(OWNER)}`)).json()
    assert.deepEqual(plain.roles, [encodeWebexId('ROLE', 'user')])
    assert.equal(plain.extension, undefined)
    const calling = (await get(`/people/${IDS.owner}?callingData=true`)).json()
    assert.deepEqual(
      [calling.extension, calling.locationId],
      ['101', encodeWebexId('LOCATION', IDS.location)],
    )
  })

  it('phones are connected while they have a registration', async () => {
    const { db } = api.data
    const bindings = JSON.stringify([{ expiresAt: NOW + 60_000 }])
    await db.kysely
      .insertInto('bindings')
      .values({ org_id: IDS.org, device_id: IDS.ownerDevice, bindings })
      .execute()
    const status = async (as: CallerName) =>
      (await get(`/devices/${IDS.ownerDevice}`, as)).json().connectionStatus
    assert.equal(await status('owner'), 'connected')
    api.now = NOW + 60_000
    assert.equal(await status('owner'), 'disconnected')
    api.now = NOW
    assert.equal((await get('/devices', 'colleague')).json().items.length, 0, 'somebody else’s phone')
  })

  it('ids of other kinds and organisations name nothing', async () => {
    for (const path of [
      `/people/${IDS.foreign}`,
      `/people/${IDS.place}`,
      `/people/${encodeWebexId('PLACE', IDS.owner)}`,
      `/workspaces/${IDS.owner}`,
      `/telephony/config/virtualLines/${IDS.place}`,
      `/organizations/${IDS.foreignOrg}`,
      '/locations/x',
      '/devices/x',
    ])
      assert.equal((await get(path)).statusCode, 404, path)
  })
})
