/** Changes of the directory over HTTP: what they answer, what they refuse, what is written down, and what calls then see. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { encodeWebexId } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { ha1Of } from '../../directory/secrets.ts'
import { loadSnapshot } from '../../directory/snapshot.ts'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  for (const table of ['devices', 'lines', 'locations', 'line_groups'] as const)
    await api.data.db.kysely.deleteFrom(table).where('managed_by', '=', '').execute()
  api.library.entries.length = 0
})

const T = '/tandem/v1'
const OWNER = encodeWebexId('PEOPLE', IDS.owner)
type Answer = LightMyRequestResponse
const ask = (
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  payload?: object,
  as: CallerName = 'admin',
): Promise<Answer> => api.send(as, { method, url: T + path, ...(payload === undefined ? {} : { payload }) })
const eva = { email: 'eva@alpha.test', name: 'Eva Stern', extension: '201' }
const addEva = async (
  more: object = {},
): Promise<{ readonly id: string; readonly [name: string]: unknown }> => {
  const answer = await ask('POST', '/people', { ...eva, ...more })
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json()
}
const snapshot = () => loadSnapshot(api.data, SILENT)

describe('people (promise P11)', () => {
  it('are added with everything that a file can say, and calls know them', async () => {
    const made = await addEva({
      numbers: ['+4930555201'],
      location: IDS.location,
      roles: ['admin'],
      timezone: 'Europe/Berlin',
      forwarding: { busy: '102', noAnswer: null },
      voicemail: { pin: '4711', always: null },
      recording: 'On Demand',
      assistants: [OWNER],
      devices: [{ name: 'desk', sipUser: 'eva', secondaryLines: ['106'] }],
    })
    const { id, locationId, devices, ...rest } = made
    assert.deepEqual(rest, {
      ...eva,
      firstName: 'Eva',
      lastName: 'Stern',
      roles: ['user', 'admin'],
      timezone: 'Europe/Berlin',
      numbers: ['+4930555201'],
      location: 'Berlin',
      forwarding: { busy: '102' },
      voicemail: { busy: true, noAnswer: true },
      recording: {
        mode: 'On Demand with User Initiated Start',
        voicemail: false,
        announce: { internal: false, external: false },
        notification: 'None',
      },
      assistants: ['101'],
    })
    assert.equal(locationId, encodeWebexId('LOCATION', IDS.location))
    const [device] = devices as [{ sipPassword: string; sipUser: string; realm: string; servers: string[] }]
    assert.match(device.sipPassword, /^[2-9A-HJ-NP-Za-km-z]{24}$/)
    assert.deepEqual([device.realm, device.servers], ['alpha.test', ['udp:pbx.example.com:5060']])
    const seen = await snapshot()
    const ha1 = ha1Of({ user: 'eva', realm: 'alpha.test', password: device.sipPassword })
    assert.equal(seen.devices.find((other) => other.sipUser === 'eva')?.ha1Sha256, ha1.sha256)
    const line = seen.lines.find((other) => other.extension === '201')
    assert.equal(encodeWebexId('PEOPLE', line?.id ?? ''), id)
    assert.deepEqual(line?.recording, { mode: 'On Demand with User Initiated Start' })
    assert.ok(line?.voicemail?.pin)
  })

  it('keep what a change does not name, and lose what it takes away', async () => {
    const { id } = await addEva({ timezone: 'Europe/Berlin', voicemail: { pin: '4711' }, doNotDisturb: true })
    const changed = await ask('PUT', `/people/${id}`, {
      name: 'Eva Berg',
      extension: null,
      unset: ['timezone'],
    })
    const { name, extension, timezone, doNotDisturb, firstName } = changed.json()
    assert.deepEqual(
      [name, extension, timezone, doNotDisturb, firstName],
      ['Eva Berg', '201', undefined, true, 'Eva'],
    )
    assert.ok(
      (await snapshot()).lines.find((line) => line.extension === '201')?.voicemail?.pin,
      'the PIN stays',
    )
  })

  it('ignore what nobody may say about them', async () => {
    const forged = { orgId: IDS.foreignOrg, managedBy: 'x', managed_by: 'x' }
    const devices = [{ id: IDS.ownerDevice, name: 'desk', sipUser: 'eva' }]
    const made = await addEva({ id: IDS.owner, ...forged, devices })
    const [device] = made['devices'] as [{ id: string }]
    assert.notEqual(device.id, encodeWebexId('DEVICE', IDS.ownerDevice))
    assert.notEqual(made.id, OWNER)
    const row = await api.data.db.kysely
      .selectFrom('people')
      .selectAll()
      .where('email', '=', eva.email)
      .executeTakeFirstOrThrow()
    assert.deepEqual([row.org_id, row.managed_by], [IDS.org, ''])
  })

  const refusals: readonly (readonly [body: object, status: number, message: RegExp])[] = [
    [{ extension: '101' }, 409, /^extension 101 belongs to another/],
    [{ email: 'OWNER@alpha.test' }, 409, /^email owner@alpha.test belongs/],
    [{ numbers: ['+4930555101'] }, 409, /^numbers \+4930555101 belongs/],
    [{ devices: [{ name: 'x', sipUser: 'owner' }] }, 409, /^devices.sipUser owner belongs/],
    [{ email: 'no address' }, 400, /^email must be an email address/],
    [{ extension: 'x' }, 400, /^extension must be 1 to 10 digits/],
    [{ extension: 7 }, 400, /^extension must be string/],
    [{ roles: ['root'] }, 400, /^roles\[0\] must be one of/],
    [{ location: 'Nowhere' }, 400, /^location names no location/],
    [{ location: IDS.foreignOrg }, 400, /^location names no location/],
    [{ assistants: [IDS.foreign] }, 400, /^assistants\[0\] must be the extension/],
    [{ assistants: ['999'] }, 400, /^assistants\[0\] names no line/],
    [{ voicemail: { pin: '1' } }, 400, /^voicemail.pin must be 4 to 12 digits/],
    [{ devices: [{ name: 'x', sipUser: 'x', sipPassword: 'short' }] }, 400, /^devices\[0\].sipPassword must/],
  ]
  for (const [body, status, message] of refusals)
    it(`are refused with ${JSON.stringify(body)}, and nothing of them stays`, async () => {
      const answer = await ask('POST', '/people', { ...eva, ...body })
      assert.equal(answer.statusCode, status, answer.body)
      assert.match(answer.json().message, message)
      assert.equal((await snapshot()).lines.length, 7)
      const [entry] = api.library.entries
      assert.equal(entry?.action, 'refused')
    })

  it('of a directory file are the file’s alone (409 that names it)', async () => {
    const same = await ask('PUT', `/people/${OWNER}`, { name: 'Tomas Lind' })
    assert.equal(same.statusCode, 200, same.body)
    assert.equal(same.json().managedBy, 'test')
    for (const body of [
      { name: 'Other' },
      { assistants: ['102'] },
      { roles: ['admin'] },
      { timezone: 'UTC' },
    ]) {
      const answer = await ask('PUT', `/people/${OWNER}`, body)
      assert.deepEqual([answer.statusCode, answer.json().errors[0].errorCode], [409, 10_033], answer.body)
      assert.match(answer.json().message, /directory file test/)
    }
    assert.equal((await ask('DELETE', `/people/${OWNER}`)).statusCode, 409)
    assert.equal((await ask('DELETE', `/devices/${IDS.ownerDevice}`)).statusCode, 409)
    assert.equal((await ask('POST', `/devices/${IDS.ownerDevice}/password`)).statusCode, 409)
  })

  it('go with phones, registrations and tokens, and everything is written down without secrets (P17)', async () => {
    const { id } = await addEva({
      devices: [{ name: 'desk', sipUser: 'eva', sipPassword: 'very-secret-word' }],
    })
    await ask('PUT', `/people/${id}`, { roles: ['complianceOfficer'], voicemail: { pin: '99887' } })
    assert.equal((await ask('DELETE', `/people/${id}`)).statusCode, 204)
    assert.equal((await ask('DELETE', `/people/${id}`)).statusCode, 404)
    assert.equal((await snapshot()).devices.length, 1)
    const rows = api.library.entries.map(({ action, detail }) => [
      action,
      detail?.['kind'],
      detail?.['members'],
      detail?.['roles'],
    ])
    assert.deepEqual(rows, [
      ['directory.created', 'person', undefined, 'user'],
      ['directory.created', 'device', undefined, undefined],
      ['directory.changed', 'person', ['roles', 'voicemail', 'voicemail.pin'], 'user complianceOfficer'],
      ['directory.removed', 'device', undefined, undefined],
      ['directory.removed', 'person', undefined, 'none'],
      ['refused', undefined, undefined, undefined],
    ])
    assert.ok(api.library.entries.every((entry) => entry.actor.personId === IDS.admin))
    assert.doesNotMatch(JSON.stringify(api.library.entries), /very-secret-word|99887|eva@alpha/)
  })

  it('change in no part when what is to be written down cannot be', async () => {
    api.library.auditFault = new Error('no log')
    assert.equal((await ask('POST', '/people', eva)).statusCode, 500)
    api.library.auditFault = undefined
    assert.equal((await snapshot()).lines.length, 7)
  })

  it('never cost an organisation its administrator', async () => {
    const { db } = api.data
    await db.kysely.updateTable('people').set({ managed_by: '' }).where('id', '=', IDS.admin).execute()
    await db.kysely.updateTable('lines').set({ managed_by: '' }).where('id', '=', IDS.admin).execute()
    try {
      const own = await ask('PUT', `/people/${IDS.admin}`, { roles: ['user'] })
      assert.deepEqual([own.statusCode, own.json().errors[0].errorCode], [409, 10_409])
      assert.equal((await ask('DELETE', `/people/${IDS.admin}`)).statusCode, 409)
      await addEva({ roles: ['admin'] })
      const still = await ask('PUT', `/people/${IDS.admin}`, { roles: ['user'] })
      assert.equal(still.statusCode, 409, 'nobody gives up the own role')
    } finally {
      await db.kysely.updateTable('people').set({ managed_by: 'test' }).where('id', '=', IDS.admin).execute()
      await db.kysely.updateTable('lines').set({ managed_by: 'test' }).where('id', '=', IDS.admin).execute()
    }
  })

  it('lose a role with the next request', async () => {
    const { id } = await addEva({ roles: ['admin'] })
    const { createToken } = await import('../../tokens/tokens.ts')
    const { token } = await createToken(api.data.db, {
      email: eva.email,
      scopes: ['spark-admin:telephony_config_read'],
      now: api.now,
    })
    const look = () => api.app.inject({ url: '/v1/locations', headers: { authorization: `Bearer ${token}` } })
    assert.equal((await look()).statusCode, 200)
    await ask('PUT', `/people/${id}`, { roles: ['user'] })
    api.now += 1_000
    assert.equal((await look()).statusCode, 403)
  })
})

describe('phones', () => {
  it('get a password that is shown once, and another one on request', async () => {
    const made = (await ask('POST', '/devices', { name: 'sofa', sipUser: 'sofa', personId: OWNER })).json()
    assert.equal(made.sipPassword.length, 24)
    const [first] = (await snapshot()).devices.filter((device) => device.sipUser === 'sofa')
    const shown = (await ask('PUT', `/devices/${made.id}`, { name: 'couch', secondaryLines: ['106'] })).json()
    assert.deepEqual([shown.name, shown.sipPassword, shown.secondaryLines], ['couch', undefined, ['106']])
    const reset = (await ask('POST', `/devices/${made.id}/password`)).json()
    assert.notEqual(reset.sipPassword, made.sipPassword)
    const [second] = (await snapshot()).devices.filter((device) => device.sipUser === 'sofa')
    assert.notEqual(first?.ha1Md5, second?.ha1Md5)
    const { md5 } = ha1Of({ user: 'sofa', realm: 'alpha.test', password: reset.sipPassword })
    assert.equal(second?.ha1Md5, md5)
    const renamed = (await ask('PUT', `/devices/${made.id}`, { sipUser: 'couch' })).json()
    assert.equal(renamed.sipPassword.length, 24, 'another account needs another password')
    const listed = (await api.send('admin', { url: `/v1/devices/${made.id}` })).json()
    assert.equal(listed.sipPassword, undefined)
    assert.equal((await ask('DELETE', `/devices/${made.id}`)).statusCode, 204)
  })

  it('belong to a person or a workspace of the organisation', async () => {
    const phone = { name: 'x', sipUser: 'x' }
    for (const [more, status] of [
      [{}, 400],
      [{ personId: OWNER, workspaceId: IDS.place }, 400],
      [{ personId: IDS.foreign }, 404],
      [{ personId: IDS.place }, 404],
      [{ workspaceId: IDS.virtualLine }, 404],
      [{ workspaceId: IDS.place }, 201],
      [{ workspaceId: IDS.place }, 409],
    ] as const)
      assert.equal(
        (await ask('POST', '/devices', { ...phone, ...more })).statusCode,
        status,
        JSON.stringify(more),
      )
  })

  it('of one line are 16 at most, however they come', async () => {
    const { id } = await addEva()
    for (let i = 0; i < 16; i++) {
      const answer = await ask('POST', '/devices', { name: 'x', sipUser: `many${i}`, personId: id })
      assert.equal(answer.statusCode, 201)
    }
    const answer = await ask('POST', '/devices', { name: 'x', sipUser: 'many16', personId: id })
    assert.deepEqual([answer.statusCode, /16 devices/.test(answer.body)], [400, true], answer.body)
  })
})

describe('places, lines and groups', () => {
  it('are added, changed and removed', async () => {
    const at = (await ask('POST', '/locations', { name: 'Köln', recordingFailure: 'proceed' })).json()
    assert.deepEqual(at.services, [])
    const services = [{ number: '112', destination: '+49112' }]
    assert.equal(
      (await ask('PUT', `/locations/${at.id}`, { name: 'Cologne', services })).json().services.length,
      1,
    )
    const needs = await ask('POST', '/workspaces', { name: 'Hall', extension: '301' })
    assert.match(needs.json().message, /^location names no location/, 'two locations: one must be named')
    const hall = (
      await ask('POST', '/workspaces', { name: 'Hall', extension: '301', locationId: at.id })
    ).json()
    assert.equal(hall.location, 'Cologne')
    assert.equal((await ask('DELETE', `/locations/${at.id}`)).statusCode, 409)
    const line = { name: 'Sales', extension: '302', location: 'Cologne' }
    const sales = (await ask('POST', '/virtualLines', line)).json()
    const group = (
      await ask('POST', '/groups', { kind: 'park', name: 'G', lines: [sales.id, '101', hall.id] })
    ).json()
    assert.deepEqual([group.kind, group.lines], ['park', ['302', '101', '301']])
    const fewer = await ask('PUT', `/groups/${group.id}`, { lines: ['101'] })
    assert.deepEqual([fewer.json().kind, fewer.json().lines], ['park', ['101']])
    const listed = await api.send('admin', { url: `${T}/groups` })
    assert.deepEqual(listed.json().items, [fewer.json()])
    for (const path of [
      `/groups/${group.id}`,
      `/virtualLines/${sales.id}`,
      `/workspaces/${hall.id}`,
      `/locations/${at.id}`,
    ])
      assert.equal((await ask('DELETE', path)).statusCode, 204, path)
    for (const path of [
      `/groups/${group.id}`,
      `/virtualLines/${sales.id}`,
      `/workspaces/${hall.id}`,
      `/locations/${at.id}`,
    ])
      assert.equal((await ask('PUT', path, {})).statusCode, 404, path)
  })

  it('the organisation of a file stays as it is', async () => {
    assert.equal((await ask('PUT', '/organization', {})).json().name, 'Alpha')
    for (const body of [{ name: 'X' }, { domains: ['x.test'] }, { parkRecallSeconds: 60 }, { name: 'Beta' }])
      assert.equal((await ask('PUT', '/organization', body)).statusCode, 409, JSON.stringify(body))
  })
})

describe('a whole directory file over the API', () => {
  const file = (people: string): string =>
    `organizations: [{ name: Alpha, domains: [alpha.test], locations: [{ name: Berlin }], people: [${people}] }]`
  const put = (payload: string, query = '', type = 'application/yaml', as: CallerName = 'admin') =>
    api.send(as, { method: 'PUT', url: `${T}/directory${query}`, payload, headers: { 'content-type': type } })
  const ben = '{ email: ben@alpha.test, name: Ben, extension: "211" }'
  const cem = '{ email: cem@alpha.test, name: Cem, extension: "212" }'

  it('makes what it names, says so without doing it when dry, and takes away what it made when pruned', async () => {
    const dry = await put(file(`${ben}, ${cem}`), '?dryRun=true')
    assert.deepEqual([dry.json().dryRun, dry.json().changes.length], [true, 2], dry.body)
    assert.equal((await snapshot()).lines.length, 7)
    assert.equal((await put(file(`${ben}, ${cem}`))).json().changes.length, 2)
    const left = (await put(file(ben))).json()
    assert.deepEqual([left.changes, left.left.length], [[], 1])
    const pruned = (await put(file(ben), '?prune=true')).json()
    assert.deepEqual(
      pruned.changes.map((change: { name: string }) => change.name),
      ['cem@alpha.test'],
    )
    assert.deepEqual(
      api.library.entries.map((entry) => entry.action),
      [
        'directory.applied',
        'directory.created',
        'directory.created',
        'directory.applied',
        'directory.removed',
      ],
    )
    const changed = await ask('PUT', `/people/${encodeWebexId('PEOPLE', await idOf('ben@alpha.test'))}`, {
      name: 'Benno',
    })
    assert.equal(changed.statusCode, 200, 'what came by this way stays open to the API')
  })

  it('is refused whole for another organisation, what a file manages, wrong values and wrong types', async () => {
    const named = file(ben)
    for (const [payload, status, message] of [
      [named.replace('{ name: Alpha', `{ id: ${IDS.foreignOrg}, name: Alpha`), 400, /own organisation/],
      [named.replace('Alpha', 'Gamma'), 409, /directory file test/],
      [file('{ email: owner@alpha.test, name: Else, extension: "101" }'), 409, /directory file test/],
      [
        file(`{ id: ${IDS.foreign}, email: b@b.test, name: B, extension: "299" }`),
        400,
        /another organisation/,
      ],
      [file('{ email: x, name: X, extension: y }'), 400, /directory.yaml:1: .*email must be/],
      [`${named}\n  - { name: Other, domains: [o.test] }`, 400, /directory.yaml/],
      ['organizations: []', 400, /one organisation/],
      ['{', 400, /directory.yaml/],
      ['', 400, /body/],
    ] as const) {
      const answer = await put(payload)
      assert.equal(answer.statusCode, status, `${payload}: ${answer.body}`)
      assert.match(answer.json().message, message)
    }
    assert.equal((await put(named, '', 'application/xml')).statusCode, 415)
    assert.equal((await put('x'.repeat(1_100_000))).statusCode, 413)
    assert.equal((await snapshot()).lines.length, 7)
  })
})

async function idOf(email: string): Promise<string> {
  const row = await api.data.db.kysely
    .selectFrom('people')
    .select('id')
    .where('email_folded', '=', email)
    .executeTakeFirstOrThrow()
  return row.id
}
