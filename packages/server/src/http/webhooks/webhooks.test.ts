/** `/v1/webhooks` and its deliveries as tables of requests (contract, webhooks §1 to §4; Ruling 40). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'

type Body = Record<string, unknown> & { id: string; message: string; items: Body[] }

const NEW = {
  name: 'crm pop',
  targetUrl: 'https://crm.example.com/hooks/calls',
  resource: 'telephony_calls',
  event: 'all',
}

describe('webhooks (webhooks §2)', () => {
  let api: TestApi
  before(async () => {
    api = await openTestApi()
  })
  after(() => api.close())
  beforeEach(async () => {
    await api.data.db.kysely.deleteFrom('webhooks').execute()
  })

  const send = async (
    caller: CallerName,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    payload?: object | string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Body; link: string | undefined }> => {
    const answer = await api.send(caller, {
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    const body = answer.body === '' ? ({} as Body) : answer.json<Body>()
    return { status: answer.statusCode, body, link: answer.headers['link'] as string | undefined }
  }
  const create = (caller: CallerName, change: object = {}) =>
    send(caller, 'POST', '/v1/webhooks', { ...NEW, ...change })

  it('are created with 200 and every member, the secret only for the owner', async () => {
    const { status, body } = await create('owner', { secret: 's3cret', filter: 'state=connected', more: 1 })
    assert.equal(status, 200)
    assert.deepEqual(Object.keys(body).sort(), [
      ...['appId', 'created', 'createdBy', 'event', 'filter', 'id', 'name', 'orgId', 'ownedBy', 'resource'],
      ...['secret', 'status', 'targetUrl'],
    ])
    assert.equal(body['createdBy'], encodeWebexId('PEOPLE', IDS.owner))
    assert.equal(body['orgId'], encodeWebexId('ORGANIZATION', IDS.org))
    assert.equal(body['created'], '2026-02-03T12:00:00.000Z')
    assert.equal(body['ownedBy'], 'creator')
    const wide = await create('officerOwner', {
      ...{ resource: 'convergedRecordings', ownedBy: 'org', secret: 'hidden' },
    })
    assert.equal(wide.body['secret'], 'hidden')
    const seen = await send('admin', 'GET', `/v1/webhooks/${wide.body.id}`)
    assert.equal(seen.status, 200)
    assert.equal(seen.body['secret'], undefined)
    const rows = await api.data.db.kysely.selectFrom('webhooks').selectAll().execute()
    assert.ok(!rows.some((row) => Buffer.from(row.secret ?? []).includes('s3cret')), 'sealed at rest')
  })

  const refused: readonly (readonly [string, CallerName, object, number, RegExp])[] = [
    ['no name', 'owner', { name: undefined }, 400, /name is required/],
    ['an empty name', 'owner', { name: '' }, 400, /name/],
    ['a name that is null', 'owner', { name: null }, 400, /name is required/],
    ['no target', 'owner', { targetUrl: undefined }, 400, /targetUrl is required/],
    ['a target that is no URL', 'owner', { targetUrl: 'crm' }, 400, /targetUrl must be an absolute/],
    ['a target inside', 'owner', { targetUrl: 'http://127.0.0.1/x' }, 400, /targetUrl leads to an address/],
    ['a name that leads inside', 'owner', { targetUrl: 'http://db.internal/' }, 400, /targetUrl leads/],
    ['a target with a password', 'owner', { targetUrl: 'http://a:b@x.example/' }, 400, /user or password/],
    ['an unknown resource', 'owner', { resource: 'calls' }, 400, /resource must be one of/],
    ['a resource of Webex', 'owner', { resource: 'messages' }, 400, /resource messages is not offered/],
    ['an unknown event', 'owner', { event: 'ringing' }, 400, /event must be one of/],
    ['an event of Webex', 'owner', { event: 'joined' }, 400, /event joined is not offered/],
    ['an unknown filter', 'owner', { filter: 'roomId=x' }, 400, /unknown filter: roomId/],
    ['a filter without value', 'owner', { filter: 'state=' }, 400, /invalid value for filter: state/],
    [
      'a filter of the organisation',
      'owner',
      { resource: 'convergedRecordings', filter: 'ownerId=x' },
      400,
      /unknown filter/,
    ],
    ['another owner', 'owner', { ownedBy: 'me' }, 400, /ownedBy/],
    ['a resource that the token may not read', 'admin', {}, 403, /spark:calls_read/],
    [
      'recordings for the organisation as a user',
      'owner',
      { resource: 'convergedRecordings', ownedBy: 'org' },
      403,
      /needs/,
    ],
    [
      'conferences for the organisation',
      'adminOwner',
      { resource: 'telephony_conference', ownedBy: 'org' },
      403,
      /Nobody/,
    ],
    ['calls for the organisation as officer', 'officer', { ownedBy: 'org' }, 403, /spark-admin:calls_read/],
  ]
  for (const [what, caller, change, status, text] of refused)
    it(`are refused with ${status}: ${what}`, async () => {
      const answer = await create(caller, change)
      assert.equal(answer.status, status)
      assert.match(answer.body.message, text)
    })

  it('for the organisation are allowed to those whose role reads it, calls included', async () => {
    assert.equal((await create('admin', { ownedBy: 'org' })).status, 200)
    assert.equal((await create('officer', { ownedBy: 'org', resource: 'recordings' })).status, 200)
    assert.equal((await create('admin', { ownedBy: 'org', resource: 'all' })).status, 200)
    assert.equal((await create('officer', { ownedBy: 'org', resource: 'all', event: 'created' })).status, 409)
  })

  it('are registered once: the same again is a 409, and one of a resource and filter for the organisation', async () => {
    assert.equal((await create('owner')).status, 200)
    const again = await create('owner', { name: 'other' })
    assert.equal(again.status, 409)
    assert.equal((await create('owner', { event: 'created' })).status, 200)
    assert.equal((await create('colleague')).status, 200)
    const wide = { resource: 'convergedRecordings', ownedBy: 'org' }
    assert.equal((await create('officer', wide)).status, 200)
    assert.equal((await create('admin', { ...wide, targetUrl: 'https://other.example/' })).status, 409)
    assert.equal((await create('admin', { ...wide, filter: 'ownerType=user' })).status, 200)
  })

  it('are registered once also when both come at the same moment', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => create('owner')))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409])
  })

  it('are listed newest first in pages, those of others never', async () => {
    for (let n = 1; n <= 5; n++) {
      api.now++
      await create('owner', { targetUrl: `https://crm.example.com/${n}` })
    }
    await create('colleague')
    await create('officer', { resource: 'recordings', ownedBy: 'org' })
    const first = await send('owner', 'GET', '/v1/webhooks?max=2')
    assert.deepEqual(
      first.body.items.map((each) => each['targetUrl']),
      ['https://crm.example.com/5', 'https://crm.example.com/4'],
    )
    const next = /<https:\/\/[^/]+([^>]+)>/.exec(first.link ?? '')?.[1]
    assert.ok(next)
    const second = await send('owner', 'GET', next)
    assert.deepEqual(
      second.body.items.map((each) => each['targetUrl']),
      ['https://crm.example.com/3', 'https://crm.example.com/2'],
    )
    const capped = await send('owner', 'GET', '/v1/webhooks?max=1000')
    assert.equal(capped.body.items.length, 5)
    assert.equal(capped.link, undefined)
    assert.equal((await send('owner', 'GET', '/v1/webhooks?max=0')).status, 400)
    assert.equal((await send('owner', 'GET', '/v1/webhooks?ownedBy=org')).status, 403)
    const wide = await send('admin', 'GET', '/v1/webhooks?ownedBy=org')
    assert.deepEqual(
      wide.body.items.map((each) => each['resource']),
      ['recordings'],
    )
    assert.equal((await send('foreign', 'GET', '/v1/webhooks')).body.items.length, 0)
  })

  it('belong to the client that made them', async () => {
    const { body } = await create('owner')
    await api.data.db.kysely.updateTable('webhooks').set({ client_id: 'another' }).execute()
    assert.equal((await send('owner', 'GET', `/v1/webhooks/${body.id}`)).status, 404)
    assert.deepEqual((await send('owner', 'GET', '/v1/webhooks')).body.items, [])
  })

  it('are found by their Webex id, padded or not, and by their raw id', async () => {
    const { body } = await create('owner')
    const raw = Buffer.from(body.id, 'base64').toString().split('/').at(-1) ?? ''
    for (const id of [
      body.id,
      encodeURIComponent(`${body.id}==`.slice(0, Math.ceil(body.id.length / 4) * 4)),
      raw,
      raw.toUpperCase(),
    ])
      assert.equal((await send('owner', 'GET', `/v1/webhooks/${id}`)).status, 200, id)
    for (const id of ['x', encodeWebexId('PEOPLE', raw), IDS.owner])
      assert.equal((await send('owner', 'GET', `/v1/webhooks/${id}`)).status, 404, id)
  })

  it('change name, target, secret and nothing else', async () => {
    const { body } = await create('owner', { secret: 'old', filter: 'state=held' })
    const url = `/v1/webhooks/${body.id}`
    const changed = await send('owner', 'PUT', url, {
      ...{ name: 'new', targetUrl: 'https://new.example/', resource: 'recordings', event: 'created' },
      ...{ filter: '', ownedBy: 'org', status: 'active' },
    })
    assert.equal(changed.status, 200)
    assert.deepEqual(changed.body, { ...body, name: 'new', targetUrl: 'https://new.example/' })
    const both = { name: 'new', targetUrl: 'https://new.example/' }
    assert.equal((await send('owner', 'PUT', url, { ...both, secret: 'fresh' })).body['secret'], 'fresh')
    assert.equal((await send('owner', 'PUT', url, { ...both, secret: '' })).body['secret'], undefined)
    assert.equal((await send('owner', 'PUT', url, { name: 'x' })).status, 400)
    assert.equal((await send('owner', 'PUT', url, { ...both, status: 'inactive' })).status, 400)
    assert.equal((await send('owner', 'PUT', url, { ...both, status: 'off' })).status, 400)
    assert.equal((await send('owner', 'PUT', url, { ...both, targetUrl: 'http://10.0.0.1/' })).status, 400)
    assert.equal((await send('colleague', 'PUT', url, both)).status, 404)
    await create('owner', { targetUrl: 'https://taken.example/', filter: 'state=held' })
    assert.equal(
      (await send('owner', 'PUT', url, { ...both, targetUrl: 'https://taken.example/' })).status,
      409,
    )
  })

  it('are changed by the form that a known client sends under a JSON content type (Ruling 40)', async () => {
    const { body } = await create('owner')
    const url = `/v1/webhooks/${body.id}`
    const json = { 'content-type': 'application/json;charset=utf-8' }
    const form = 'name=by+form&target_url=https%3A%2F%2Fnew.example%2F%3Fa%3D1&status=active&owned_by=creator'
    const changed = await send('owner', 'PUT', url, form, json)
    assert.equal(changed.status, 200)
    assert.equal(changed.body['name'], 'by form')
    assert.equal(changed.body['targetUrl'], 'https://new.example/?a=1')
    const refusals: readonly (readonly [string, string, number])[] = [
      ['neither', 'application/json', 400],
      ['{"name": "x"', 'application/json', 400],
      ['{"name=": 1', 'application/json', 400],
      ['name=a&name=b&target_url=https://x.example/', 'application/json', 400],
      ['name=a', 'application/json', 400],
      ['', 'application/json', 400],
      ['name=a&target_url=https://x.example/', 'text/plain', 415],
    ]
    for (const [payload, type, status] of refusals)
      assert.equal(
        (await send('owner', 'PUT', url, payload, { 'content-type': type })).status,
        status,
        payload,
      )
    // Only here: elsewhere a form is no JSON.
    assert.equal((await send('owner', 'POST', '/v1/webhooks', form, json)).status, 400)
  })

  it('are revived by status active, also by sending back the object that was read', async () => {
    const { body } = await create('owner')
    const url = `/v1/webhooks/${body.id}`
    const disable = () =>
      api.data.db.kysely.updateTable('webhooks').set({ status: 'inactive', disabled_at: 0 }).execute()
    await disable()
    const read = (await send('owner', 'GET', url)).body
    assert.equal(read['status'], 'inactive')
    assert.equal((await send('owner', 'PUT', url, read)).body['status'], 'inactive')
    assert.equal((await send('owner', 'PUT', url, { ...read, status: undefined })).body['status'], 'inactive')
    assert.equal((await send('owner', 'PUT', url, { ...read, status: 'active' })).body['status'], 'active')
  })

  it('that an officer made are not turned elsewhere by an administrator, who may not see as much', async () => {
    const { body } = await create('officer', { resource: 'convergedRecordings', ownedBy: 'org' })
    const url = `/v1/webhooks/${body.id}`
    const change = { name: 'mine now', targetUrl: 'https://elsewhere.example/' }
    assert.equal((await send('admin', 'PUT', url, change)).status, 403)
    assert.equal((await send('officerOwner', 'PUT', url, change)).status, 200)
  })

  it('of a person are nobody else’s, and those of an organisation not another organisation’s', async () => {
    const own = await create('owner')
    const wide = await create('officer', { ownedBy: 'org', resource: 'recordings' })
    const change = { name: 'x', targetUrl: NEW.targetUrl }
    for (const [caller, { body }] of [
      ['colleague', own],
      ['admin', own],
      ['officer', own],
      ['colleague', wide],
      ['foreign', own],
      ['foreign', wide],
    ] as const) {
      const url = `/v1/webhooks/${body.id}`
      assert.equal((await send(caller, 'GET', url)).status, 404, caller)
      assert.equal((await send(caller, 'PUT', url, change)).status, 404, caller)
      assert.equal((await send(caller, 'DELETE', url)).status, 404, caller)
      assert.equal((await send(caller, 'GET', `/tandem/v1${url.slice(3)}/deliveries`)).status, 404, caller)
    }
  })

  it('show their secret to nobody but their owner, whatever is asked', async () => {
    const { body } = await create('admin', { ownedBy: 'org', resource: 'recordings', secret: 'hidden' })
    const url = `/v1/webhooks/${body.id}`
    const change = { name: 'renamed', targetUrl: 'https://crm.example.com/new' }
    for (const [caller, secret] of [
      ['officer', undefined],
      ['admin', 'hidden'],
    ] as const) {
      const [listed] = (await send(caller, 'GET', '/v1/webhooks?ownedBy=org')).body.items
      assert.equal(listed?.['secret'], secret)
      assert.equal((await send(caller, 'GET', url)).body['secret'], secret)
      assert.equal((await send(caller, 'PUT', url, change)).body['secret'], secret)
    }
  })

  it('come a hundred to a page at most', async () => {
    const { body } = await create('owner')
    const raw = Buffer.from(body.id, 'base64').toString().split('/').at(-1) ?? ''
    const { kysely } = api.data.db
    const row = await kysely.selectFrom('webhooks').selectAll().executeTakeFirstOrThrow()
    const more = Array.from({ length: 100 }, (_, n) => ({
      ...row,
      ...{ id: raw.slice(0, -3) + String(n).padStart(3, '0'), fingerprint: String(n) },
    }))
    await kysely.insertInto('webhooks').values(more).execute()
    for (const max of ['', '?max=1000']) {
      const page = await send('owner', 'GET', `/v1/webhooks${max}`)
      assert.equal(page.body.items.length, 100)
      assert.match(page.link ?? '', /rel="next"/)
    }
  })

  it('are gone with 204, and everything of them with them', async () => {
    const { body } = await create('owner')
    const url = `/v1/webhooks/${body.id}`
    assert.equal((await send('colleague', 'DELETE', url)).status, 404)
    assert.equal((await send('owner', 'DELETE', url)).status, 204)
    assert.equal((await send('owner', 'DELETE', url)).status, 404)
    const page = await api.recordings.audit.list(IDS.org, { max: 20 })
    const actions = page.items.map((row) => row.action)
    for (const action of ['webhook.created', 'webhook.changed', 'webhook.deleted'] as const)
      assert.ok(actions.includes(action), action)
    assert.ok(!JSON.stringify(page).includes('hooks/calls'), 'the path of a target may hold a secret')
  })

  it('show the log of their deliveries, which are sent again by hand', async () => {
    const { body } = await create('owner')
    const id = Buffer.from(body.id, 'base64').toString().split('/').at(-1) ?? ''
    const { kysely } = api.data.db
    const row = (n: number) => ({
      ...{
        id: `msg_${n}`,
        org_id: IDS.org,
        webhook_id: id,
        outbox_id: n,
        resource: 'telephony_calls',
        event: 'created',
      },
      ...{
        key: 'k',
        event_at: api.now,
        queued_at: api.now,
        state: 'delivered',
        due_at: api.now + 1,
        attempts: 1,
      },
      ...{ failed_at: null, log: JSON.stringify([{ at: api.now, status: 200, ms: 12 }]) },
    })
    for (const n of [1, 2, 3]) await kysely.insertInto('webhook_deliveries').values(row(n)).execute()
    const url = `/tandem/v1/webhooks/${body.id}/deliveries`
    const first = await send('owner', 'GET', `${url}?max=2`)
    assert.deepEqual(
      first.body.items.map((each) => each.id),
      ['msg_3', 'msg_2'],
    )
    assert.deepEqual(Object.keys(first.body.items[0] ?? {}).sort(), [
      ...['attempts', 'created', 'event', 'eventId', 'id', 'resource', 'state'],
    ])
    const next = /<https:\/\/[^/]+([^>]+)>/.exec(first.link ?? '')?.[1] ?? ''
    assert.deepEqual(
      (await send('owner', 'GET', next)).body.items.map((each) => each.id),
      ['msg_1'],
    )
    assert.equal((await send('colleague', 'GET', url)).status, 404)
    assert.equal((await send('owner', 'POST', `${url}/msg_9/redelivery`)).status, 404)
    assert.equal(
      (await send('owner', 'POST', `${url}/msg_1/redelivery`)).status,
      404,
      'its event is not kept',
    )
    await kysely
      .insertInto('outbox')
      .values({
        ...{ id: 2, org_id: IDS.org, resource: 'telephony_calls', event: 'created', person_id: IDS.owner },
        ...{ key: 'k', payload: '{}', created_at: api.now },
      })
      .execute()
    assert.equal((await send('owner', 'POST', `${url}/msg_2/redelivery`)).status, 204)
    await kysely.updateTable('webhooks').set({ status: 'inactive' }).execute()
    assert.equal((await send('owner', 'POST', `${url}/msg_2/redelivery`)).status, 400)
  })
})
