/** Clients, service apps, tokens and passwords over the API (contract, auth §1; promises P11, P12). */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { type MadeClient, makeClient } from '../../testing/oauth.ts'
import { createToken } from '../../tokens/tokens.ts'

let api: TestApi
let boss: string
before(async () => {
  api = await openTestApi()
  boss = (await createToken(api.data.db, { email: 'admin@alpha.test', scopes: ['spark:all'], now: api.now }))
    .token
})
after(() => api.close())

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
function send(
  token: string,
  method: Method,
  path: string,
  payload?: object,
): Promise<LightMyRequestResponse> {
  const headers = { authorization: `Bearer ${token}` }
  return api.app.inject({ method, url: path, headers, ...(payload === undefined ? {} : { payload }) })
}
const as = (caller: CallerName): string => api.tokens[caller] ?? ''
const CLIENTS = '/tandem/v1/clients'
const TOKENS = '/tandem/v1/tokens'
const INTEGRATION = { name: 'Desk', redirectUris: ['http://localhost:8000/cb'], scopes: ['spark:calls_read'] }

describe('clients', () => {
  it('are registered with a secret that is shown once', async () => {
    const made = await send(boss, 'POST', CLIENTS, INTEGRATION)
    assert.equal(made.statusCode, 201, made.body)
    const { secret, id, ...rest } = made.json()
    assert.match(secret, /^tds_[\w-]{49}$/)
    assert.equal(rest.confidential, true)
    const shown = await send(boss, 'GET', `${CLIENTS}/${id}`)
    assert.deepEqual(shown.json(), { id, ...rest })
    assert.ok(!(await send(boss, 'GET', CLIENTS)).body.includes(secret))
    const byWebexId = `${CLIENTS}/${encodeWebexId('APPLICATION', id)}`
    assert.equal((await send(boss, 'GET', byWebexId)).statusCode, 200)
    const rotated = (await send(boss, 'POST', `${CLIENTS}/${id}/secret`)).json()
    assert.notEqual(rotated.secret, secret)
    assert.equal((await send(boss, 'DELETE', `${CLIENTS}/${id}`)).statusCode, 204)
    assert.equal((await send(boss, 'GET', `${CLIENTS}/${id}`)).statusCode, 404)
    assert.deepEqual(
      api.library.entries.map(({ action }) => action).filter((action) => action.startsWith('client.')),
      ['client.created', 'client.changed', 'client.deleted'],
    )
  })

  it('refuse addresses, scopes and names that will not do, naming the field', async () => {
    for (const [change, fault] of [
      [{ redirectUris: ['http://app.example.com/'] }, /redirectUris\.0 must be https/],
      [{ redirectUris: ['https://app.example.com/#x'] }, /no fragment/],
      [{ redirectUris: ['javascript:alert(1)'] }, /must be https/],
      [{ redirectUris: ['https://u:p@app.example.com/'] }, /must name no user/],
      [{ redirectUris: ['/relative'] }, /absolute/],
      [{ redirectUris: [] }, /at least one address/],
      [{ scopes: ['spark:everything'] }, /spark:everything/],
      [{ scopes: [] }, /at least one scope/],
      [{ name: 'two\nlines' }, /visible/],
      [{ name: '\u202etxet' }, /visible/],
      [{ kind: 'robot' }, /kind/],
      [{ kind: 'service' }, /redirectUris must be empty/],
      [{ kind: 'service', redirectUris: [], confidential: false }, /confidential/],
    ] as const) {
      const answer = await send(boss, 'POST', CLIENTS, { ...INTEGRATION, ...change })
      assert.equal(answer.statusCode, 400, JSON.stringify(change))
      assert.match(answer.json().message, fault)
    }
    const app = { ...INTEGRATION, redirectUris: ['com.example.app:/cb'], confidential: false }
    const made = await send(boss, 'POST', CLIENTS, app)
    assert.equal(made.statusCode, 201)
    assert.equal(made.json().secret, undefined)
  })
})

describe('personal tokens', () => {
  it('work for twelve hours, hold what they were given, and are revoked', async () => {
    const made = await send(boss, 'POST', TOKENS, { name: 'script', scopes: ['spark-admin:calls_read'] })
    assert.equal(made.statusCode, 201, made.body)
    const { token, id } = made.json()
    assert.equal(Date.parse(made.json().expires) - api.now, 12 * 3_600_000)
    assert.equal((await send(token, 'GET', '/tandem/v1/callRecords')).statusCode, 200)
    assert.equal((await send(token, 'GET', '/v1/telephony/calls')).statusCode, 403)
    assert.equal((await send(boss, 'DELETE', `${TOKENS}/${id}`)).statusCode, 204)
    assert.equal((await send(token, 'GET', '/v1/people/me')).statusCode, 401)
    assert.equal((await send(boss, 'DELETE', `${TOKENS}/${id}`)).statusCode, 404)
  })

  it('give away nothing that their maker does not hold, and do not outlive what made them', async () => {
    const tooMuch = await send(as('owner'), 'POST', TOKENS, { scopes: ['spark-admin:calls_read'] })
    assert.equal(tooMuch.statusCode, 403)
    assert.match(tooMuch.json().message, /spark-admin:calls_read/)
    const compliance = await send(boss, 'POST', TOKENS, { scopes: ['spark-compliance:recordings_read'] })
    assert.equal(compliance.statusCode, 403)
    const first = await send(boss, 'POST', TOKENS, { scopes: ['tandem:tokens_write'], expiresInSeconds: 600 })
    const second = await send(first.json().token, 'POST', TOKENS, { scopes: ['tandem:tokens_write'] })
    assert.equal(second.json().expires, first.json().expires)
    assert.equal((await send(boss, 'POST', TOKENS, { expiresInSeconds: 43_201 })).statusCode, 400)
  })

  it('are not made by the token of an application (403), nor passwords', async () => {
    const { db } = api.data
    const { id } = await makeClient(api, { scopes: ['spark:all'], redirectUris: [] })
    const made = await createToken(db, { email: 'owner@alpha.test', scopes: ['spark:all'], now: api.now })
    await db.kysely.updateTable('tokens').set({ client_id: id }).where('id', '=', made.id).execute()
    assert.equal((await send(made.token, 'GET', TOKENS)).statusCode, 200)
    assert.equal((await send(made.token, 'POST', TOKENS, {})).statusCode, 403)
    const password = { newPassword: 'a sentence of my own' }
    assert.equal((await send(made.token, 'PUT', '/tandem/v1/people/me/password', password)).statusCode, 403)
  })

  it('are listed for their person, and all of the organisation for an administrator', async () => {
    const own = (await send(as('owner'), 'GET', TOKENS)).json().items
    assert.ok(own.length > 0)
    for (const { personId } of own) assert.equal(personId, encodeWebexId('PEOPLE', IDS.owner))
    const all = await send(boss, 'GET', TOKENS)
    assert.ok(all.json().items.length > own.length)
    assert.doesNotMatch(all.body, /tdm_|hash/)
    const foreign = await send(as('foreign'), 'GET', TOKENS)
    for (const { personId } of foreign.json().items)
      assert.equal(personId, encodeWebexId('PEOPLE', IDS.foreign))
  })
})

describe('service apps', () => {
  const ADMIN = [
    'spark-admin:recordings_read',
    'meeting:group_meeting_read',
    'spark:calls_read',
    'spark:people_read',
  ]
  const OFFICER = ['spark-compliance:recordings_read']
  const path = (app: MadeClient, rest: string): string => `${CLIENTS}/${app.id}/${rest}`
  const newApp = (): Promise<MadeClient> =>
    makeClient(api, { kind: 'service', scopes: [...ADMIN, ...OFFICER] })

  it('get compliance scopes from a compliance officer alone, and the rest from an administrator', async () => {
    const app = await newApp()
    const authorize = (token: string, scopes?: string[]) =>
      send(token, 'PUT', path(app, 'authorization'), scopes === undefined ? {} : { scopes })
    assert.equal((await send(boss, 'POST', path(app, 'token'))).statusCode, 403, 'not authorized yet')
    const tooMuch = await authorize(boss)
    assert.equal(tooMuch.statusCode, 403)
    assert.match(tooMuch.json().message, /spark-compliance:recordings_read/)
    assert.equal((await authorize(as('officer'), ADMIN)).statusCode, 403)
    assert.equal((await authorize(boss, ADMIN)).statusCode, 204)
    assert.equal((await authorize(boss, ['spark:all'])).statusCode, 400, 'not registered with it')
    assert.equal((await authorize(as('officer'), [...ADMIN, ...OFFICER])).statusCode, 204)
    assert.equal((await authorize(boss)).statusCode, 204, 'what the officer gave may stay')
    assert.equal((await send(boss, 'POST', path(app, 'token'))).statusCode, 403, 'the boss is no officer')
    assert.equal((await send(boss, 'POST', path(app, 'secret'))).statusCode, 403)
    const wrong = { clientSecret: 'tds_wrong' }
    assert.equal((await send(boss, 'POST', path(app, 'token'), wrong)).statusCode, 403)
    const right = await send(boss, 'POST', path(app, 'token'), { clientSecret: app.secret })
    assert.equal(right.statusCode, 200, right.body)
  })

  it('act for the organisation, never for a person, until the authorization is withdrawn', async () => {
    const app = await newApp()
    await send(boss, 'PUT', path(app, 'authorization'), { scopes: ADMIN })
    const tokens = (await send(boss, 'POST', path(app, 'token'))).json()
    assert.equal(tokens.expires_in, 1_209_599)
    const token = tokens.access_token
    const shown = await send(token, 'GET', '/v1/people/me')
    assert.equal(shown.statusCode, 200, shown.body)
    const me = shown.json()
    assert.deepEqual(
      [me.type, me.displayName, me.id],
      ['appuser', 'Test <app>', encodeWebexId('APPLICATION', app.id)],
    )
    assert.equal((await send(token, 'GET', '/v1/admin/convergedRecordings')).statusCode, 200)
    assert.equal((await send(token, 'GET', `/v1/group/recordings?personId=${IDS.owner}`)).statusCode, 200)
    assert.equal(
      (await send(token, 'GET', '/v1/telephony/calls')).statusCode,
      403,
      'though spark:calls_read was granted',
    )
    assert.equal((await send(token, 'GET', '/v1/convergedRecordings')).statusCode, 403)
    assert.equal((await send(token, 'POST', TOKENS, {})).statusCode, 403)
    const refreshed = await api.app.inject({
      method: 'POST',
      url: '/v1/access_token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: app.id,
        client_secret: app.secret ?? '',
        refresh_token: tokens.refresh_token,
      }).toString(),
    })
    assert.equal(refreshed.json().refresh_token, tokens.refresh_token)
    await send(boss, 'PUT', path(app, 'authorization'), { scopes: ['spark:people_read'] })
    assert.equal((await send(token, 'GET', '/v1/admin/convergedRecordings')).statusCode, 403, 'narrowed')
    assert.equal((await send(boss, 'DELETE', path(app, 'authorization'))).statusCode, 204)
    assert.equal((await send(token, 'GET', '/v1/people/me')).statusCode, 401)
    assert.equal((await send(refreshed.json().access_token, 'GET', '/v1/people/me')).statusCode, 401)
  })
})

describe('passwords', () => {
  const ME = '/tandem/v1/people/me/password'

  it('are changed by whoever knows the one there is, ten tries in ten minutes', async () => {
    const first = { newPassword: 'a sentence of my own' }
    assert.equal((await send(as('owner'), 'PUT', ME, first)).statusCode, 204)
    const without = await send(as('owner'), 'PUT', ME, first)
    assert.match(without.json().message, /currentPassword is required/)
    const change = (currentPassword: string) =>
      send(as('owner'), 'PUT', ME, { currentPassword, newPassword: 'another sentence' })
    assert.equal((await change('a sentence of my own')).statusCode, 204)
    for (let i = 0; i < 10; i++) assert.equal((await change('wrong')).statusCode, 400)
    const banned = await change('another sentence')
    assert.equal(banned.statusCode, 429)
    assert.equal(banned.headers['retry-after'], '900')
    const short = await send(as('colleague'), 'PUT', ME, { newPassword: 'short' })
    assert.match(short.json().message, /newPassword must have at least 12/)
  })

  it('are set by a link that an administrator makes; a compliance officer’s only by one', async () => {
    const invite = (token: string, id: string) => send(token, 'POST', `/tandem/v1/people/${id}/invitation`)
    const made = await invite(boss, encodeWebexId('PEOPLE', IDS.colleague))
    assert.equal(made.statusCode, 201)
    assert.equal((await api.app.inject({ url: new URL(made.json().url).pathname })).statusCode, 200)
    assert.equal((await invite(boss, IDS.officer)).statusCode, 403)
    assert.equal((await invite(boss, IDS.foreign)).statusCode, 404)
  })
})
