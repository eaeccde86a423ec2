/** The OAuth endpoints and the pages on the way (contract, auth §2 to §4; promises P8, P12; cases A10, A14, A16, A17). */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { loadSchemas, matchRoute, ROUTES, type Route, type SchemaName } from '@tandem/contract'
import { Compile } from 'typebox/compile'
import { setPassword } from '../../oauth/passwords.ts'
import { IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import { TestBrowser } from '../../testing/browser.ts'
import { type MadeClient, makeClient } from '../../testing/oauth.ts'

const CALLBACK = 'https://app.example.com/callback?tenant=7'
const VERIFIER = 'v'.repeat(64)
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
const PASSWORD = 'correct horse battery staple'
const SCOPE = 'spark:calls_read spark:recordings_read'
const SCHEMAS = await loadSchemas()

let api: TestApi
let confidential: MadeClient
let open: MadeClient
before(async () => {
  api = await openTestApi()
  confidential = await makeClient(api, {
    redirectUris: [CALLBACK],
    scopes: [...SCOPE.split(' '), 'spark:all'],
  })
  open = await makeClient(api, { redirectUris: [CALLBACK], scopes: SCOPE.split(' '), isPublic: true })
  await setPasswordOf(IDS.owner)
})
after(() => api.close())

async function setPasswordOf(personId: string, orgId: string = IDS.org): Promise<void> {
  const { hasher } = api.access
  await setPassword(api.data.db, hasher, { orgId, personId, password: PASSWORD, now: api.now })
}

const asked = (client: MadeClient, more: Readonly<Record<string, string>> = {}): string =>
  `/v1/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: 'xyz &=',
    ...(client.secret === undefined ? { code_challenge: CHALLENGE, code_challenge_method: 'S256' } : {}),
    ...more,
  })}`

async function signedInBrowser(email = 'owner@alpha.test'): Promise<TestBrowser> {
  const browser = new TestBrowser(api.app)
  await browser.open('/signin')
  const answer = await browser.submit({ email, password: PASSWORD })
  assert.equal(answer.statusCode, 302, answer.body)
  return browser
}

async function codeFor(client: MadeClient, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const browser = await signedInBrowser()
  assert.equal((await browser.open(asked(client, more))).statusCode, 200)
  const answer = await browser.submit({ decision: 'allow' })
  assert.equal(answer.statusCode, 302, answer.body)
  const location = String(answer.headers.location)
  assert.ok(location.startsWith(`${CALLBACK}&code=`), location)
  const query = new URL(location).searchParams
  assert.equal(query.get('state'), 'xyz &=')
  return query.get('code') ?? ''
}

async function form(url: string, fields: Readonly<Record<string, string>>, headers = {}) {
  const answer = await api.app.inject({
    method: 'POST',
    url,
    payload: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })
  assert.match(String(answer.headers['cache-control']), /no-store/)
  isAsDocumented(url, fields, answer)
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

/** A form that was taken has members that the route table names, and its answer is what the table says. */
function isAsDocumented(
  path: string,
  fields: Readonly<Record<string, string>>,
  answer: { readonly statusCode: number; json(): unknown },
): void {
  const match = matchRoute('POST', path)
  assert.ok(match.kind === 'operation', path)
  const row: Route = ROUTES[match.operation]
  assert.ok(row.body !== undefined && row.answer !== undefined, path)
  if (answer.statusCode >= 400) return
  const { properties } = SCHEMAS[row.body] as unknown as { properties: object }
  for (const name of Object.keys(fields)) assert.ok(name in properties, `${path} takes ${name}`)
  assertIs(row.answer, answer.json())
}

function assertIs(name: SchemaName, value: unknown): void {
  const faults = Compile(SCHEMAS[name]).Errors(value)
  assert.deepEqual([...faults], [], JSON.stringify(value))
}

const names = (client: MadeClient): Record<string, string> => ({
  client_id: client.id,
  ...(client.secret === undefined ? {} : { client_secret: client.secret }),
})
const credentials = (client: MadeClient): Record<string, string> => ({
  ...names(client),
  ...(client.secret === undefined ? { code_verifier: VERIFIER } : {}),
})
const exchange = (client: MadeClient, code: string, more: Readonly<Record<string, string>> = {}) =>
  form('/v1/access_token', {
    grant_type: 'authorization_code',
    redirect_uri: CALLBACK,
    code,
    ...credentials(client),
    ...more,
  })
const refresh = (client: MadeClient, token: string) =>
  form('/v1/access_token', { grant_type: 'refresh_token', refresh_token: token, ...credentials(client) })
const status = async (token: string): Promise<number> =>
  (await api.app.inject({ url: '/v1/convergedRecordings', headers: { authorization: `Bearer ${token}` } }))
    .statusCode

/** The answer of a refusal, in the contract's form and in the standard's. */
function refused(answer: Awaited<ReturnType<typeof form>>, expected: number, error: string): void {
  assert.equal(answer.status, expected, JSON.stringify(answer.body))
  assert.equal(answer.body.error, error)
  assert.equal(typeof answer.body.error_description, 'string')
  assert.equal(answer.body.errors[0].description, answer.body.message)
  assert.equal(typeof answer.body.trackingId, 'string')
}

describe('the authorization code flow (auth §2, §3)', () => {
  it('gives a client with a secret exactly the answer of the contract, and its token works', async () => {
    const answer = await exchange(confidential, await codeFor(confidential))
    assert.equal(answer.status, 200)
    const { access_token, refresh_token, ...rest } = answer.body
    assert.deepEqual(rest, {
      expires_in: 1_209_599,
      refresh_token_expires_in: 7_775_999,
      token_type: 'Bearer',
      scope: SCOPE,
    })
    assert.match(access_token, /^tdm_[\w-]{49}$/)
    assert.match(refresh_token, /^tdr_[\w-]{49}$/)
    assert.equal(await status(access_token), 200)
    assert.equal(await status(refresh_token), 401, 'a refresh token is no access token')
    const admin = await api.app.inject({
      url: '/v1/telephony/calls/dial',
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
    })
    assert.equal(admin.statusCode, 403, 'only what was granted')
  })

  it('keeps the refresh token of a client with a secret, and begins its lifetime anew', async () => {
    const first = (await exchange(confidential, await codeFor(confidential))).body
    const start = api.now
    api.now += 89 * 86_400_000
    assert.equal(await status(first.access_token), 401, 'the access token has expired')
    const second = await refresh(confidential, first.refresh_token)
    assert.equal(second.body.refresh_token, first.refresh_token)
    assert.equal(second.body.refresh_token_expires_in, 7_775_999)
    api.now += 90 * 86_400_000 - 1
    assert.equal((await refresh(confidential, first.refresh_token)).status, 200)
    api.now += 90 * 86_400_000
    refused(await refresh(confidential, first.refresh_token), 400, 'invalid_grant')
    api.now = start
  })

  it('rotates the refresh token of a public client, and an old one revokes the family (A17)', async () => {
    const first = (await exchange(open, await codeFor(open))).body
    const second = (await refresh(open, first.refresh_token)).body
    assert.notEqual(second.refresh_token, first.refresh_token)
    assert.equal(await status(second.access_token), 200)
    refused(await refresh(open, first.refresh_token), 400, 'invalid_grant')
    assert.equal(await status(first.access_token), 401)
    assert.equal(await status(second.access_token), 401)
    refused(await refresh(open, second.refresh_token), 400, 'invalid_grant')
  })

  it('takes a code once; a second use revokes what the first gave (A17)', async () => {
    const code = await codeFor(confidential)
    const first = (await exchange(confidential, code)).body
    assert.equal(await status(first.access_token), 200)
    refused(await exchange(confidential, code), 400, 'invalid_grant')
    assert.equal(await status(first.access_token), 401)
    refused(await refresh(confidential, first.refresh_token), 400, 'invalid_grant')
  })

  it('takes a code for five minutes, from its client, for its address, with its verifier', async () => {
    const code = await codeFor(open)
    refused(await exchange(confidential, code), 400, 'invalid_grant')
    refused(await exchange(open, code, { redirect_uri: `${CALLBACK}&x` }), 400, 'invalid_grant')
    refused(await exchange(open, code, { code_verifier: 'w'.repeat(64) }), 400, 'invalid_grant')
    refused(await exchange(open, code, { code_verifier: '' }), 400, 'invalid_grant')
    api.now += 300_000
    refused(await exchange(open, code), 400, 'invalid_grant')
    api.now -= 1
    assert.equal((await exchange(open, code)).status, 200)
    const plain = await codeFor(confidential)
    refused(await exchange(confidential, plain, { code_verifier: VERIFIER }), 400, 'invalid_grant')
  })

  it('gives one set of tokens to twenty uses at the same time, and leaves none', async () => {
    const code = await codeFor(confidential)
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(confidential, code)))
    const given = answers.filter(({ status }) => status === 200)
    assert.equal(given.length, 1)
    assert.equal(await status(given[0]?.body.access_token), 401)
  })

  it('knows a client by form or Basic, and refuses every other secret (401)', async () => {
    const code = await codeFor(confidential)
    refused(await exchange(confidential, code, { client_secret: 'wrong' }), 401, 'invalid_client')
    refused(await exchange(confidential, code, { client_secret: '' }), 401, 'invalid_client')
    refused(await exchange(open, code, { client_secret: 'any' }), 401, 'invalid_client')
    refused(await exchange({ id: IDS.org, secret: 'x' }, code), 401, 'invalid_client')
    const basic = (id: string, secret: string): string =>
      `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`
    const grant = { grant_type: 'authorization_code', redirect_uri: CALLBACK, code }
    const { id, secret = '' } = confidential
    refused(
      await form('/v1/access_token', grant, { authorization: basic(id, `${secret}x`) }),
      401,
      'invalid_client',
    )
    const both = await form(
      '/v1/access_token',
      { ...grant, client_secret: secret },
      { authorization: basic(id, secret) },
    )
    refused(both, 400, 'invalid_request')
    const answer = await form('/v1/access_token', grant, { authorization: basic(id, secret) })
    assert.equal(answer.status, 200)
  })

  it('refuses what is no form, lacks something, or asks for a grant that is not offered', async () => {
    refused(await form('/v1/access_token', {}), 400, 'invalid_request')
    refused(
      await form('/v1/access_token', { grant_type: 'password', ...credentials(confidential) }),
      400,
      'unsupported_grant_type',
    )
    const json = await form('/v1/access_token', { a: '1' }, { 'content-type': 'application/json' })
    refused(json, 415, 'invalid_request')
    const twice = await api.app.inject({
      method: 'POST',
      url: '/v1/access_token',
      payload: 'code=1&code=2',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    assert.match(twice.json().message, /code is given more than once/)
  })

  it('revokes on request, and says nothing about what is not the client’s (RFC 7009)', async () => {
    const { body } = await exchange(confidential, await codeFor(confidential))
    const revoke = (client: MadeClient, token: string) => form('/v1/revoke', { token, ...names(client) })
    assert.equal((await revoke(open, body.refresh_token)).status, 200)
    assert.equal(await status(body.access_token), 200, 'not by another client')
    assert.equal((await revoke(confidential, 'nonsense')).status, 200)
    assert.equal((await revoke(confidential, body.refresh_token)).status, 200)
    assert.equal(await status(body.access_token), 401)
    refused(await refresh(confidential, body.refresh_token), 400, 'invalid_grant')
  })
})

describe('/authorize (auth §2, A17)', () => {
  it('never sends anybody to an address that is not registered, to the letter', async () => {
    const browser = await signedInBrowser()
    for (const url of [
      asked(confidential, { redirect_uri: 'https://app.example.com/callback' }),
      asked(confidential, { redirect_uri: `${CALLBACK}&x=1` }),
      asked(confidential, { redirect_uri: CALLBACK.replace('https', 'http') }),
      asked(confidential, { redirect_uri: CALLBACK.toUpperCase() }),
      asked(confidential, { redirect_uri: '' }),
      asked({ id: IDS.org, secret: undefined }),
      `${asked(confidential)}&redirect_uri=https://evil.example.com`,
      `${asked(confidential)}&client_id=${open.id}`,
    ]) {
      const answer = await browser.open(url)
      assert.equal(answer.statusCode, 400, url)
      assert.equal(answer.headers.location, undefined)
      assert.match(String(answer.headers['content-type']), /^text\/html/)
    }
  })

  it('tells a known client what is wrong, with its state', async () => {
    for (const [client, more, error] of [
      [confidential, { response_type: 'token' }, 'unsupported_response_type'],
      [confidential, { scope: 'spark:everything' }, 'invalid_scope'],
      [confidential, { scope: '' }, 'invalid_scope'],
      [open, { scope: 'spark:all' }, 'invalid_scope'],
      [open, { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
      [open, { code_challenge: '' }, 'invalid_request'],
      [open, { code_challenge_method: 'plain' }, 'invalid_request'],
      [open, { code_challenge_method: '' }, 'invalid_request'],
    ] as const) {
      const answer = await new TestBrowser(api.app).open(asked(client, more))
      assert.equal(answer.statusCode, 302)
      const location = new URL(String(answer.headers.location))
      assert.ok(location.href.startsWith(CALLBACK))
      assert.equal(location.searchParams.get('error'), error)
      assert.equal(location.searchParams.get('state'), 'xyz &=')
    }
  })

  it('names client, person and every scope, and takes no for an answer', async () => {
    const browser = await signedInBrowser()
    const page = await browser.open(asked(confidential))
    for (const text of [
      'Test &#60;app&#62;',
      'Tomas Lind',
      'owner@alpha.test',
      'see your calls',
      'spark:recordings_read',
    ])
      assert.ok(page.body.includes(text), text)
    assert.ok(!page.body.includes('<app>'))
    assert.match(
      String(page.headers['content-security-policy']),
      /form-action 'self' https:\/\/app\.example\.com; frame-ancestors 'none'/,
    )
    const answer = await browser.submit({ decision: 'deny' })
    assert.equal(new URL(String(answer.headers.location)).searchParams.get('error'), 'access_denied')
  })

  it('asks who it is first, and comes back to the question', async () => {
    const browser = new TestBrowser(api.app)
    const first = await browser.open(asked(confidential))
    assert.equal(first.statusCode, 302)
    await browser.open(String(first.headers.location))
    const back = await browser.submit({ email: 'owner@alpha.test', password: PASSWORD })
    const page = await browser.open(String(back.headers.location))
    assert.match(page.body, /May Test/)
  })

  it('refuses a consent of another browser, without its token, or after signing out (A14)', async () => {
    const browser = await signedInBrowser()
    await browser.open(asked(confidential))
    const fields = browser.fields()
    const stranger = await signedInBrowser()
    for (const [sender, token] of [
      [stranger, fields.get('token')],
      [browser, ''],
      [browser, 'x'.repeat(43)],
      [new TestBrowser(api.app), fields.get('token')],
    ] as const) {
      const answer = await sender.post('/v1/authorize', {
        ...Object.fromEntries(fields),
        token: token ?? '',
        decision: 'allow',
      })
      assert.equal(answer.statusCode, 403)
      assert.equal(answer.headers.location, undefined)
    }
    await browser.post('/signout', { token: fields.get('token') ?? '' })
    const answer = await browser.post('/v1/authorize', { ...Object.fromEntries(fields), decision: 'allow' })
    assert.equal(answer.statusCode, 403)
  })

  it('lets nobody of another organisation consent', async () => {
    await setPasswordOf(IDS.foreign, IDS.foreignOrg)
    const browser = await signedInBrowser('everything@beta.test')
    const page = await browser.open(asked(confidential))
    assert.equal(page.statusCode, 403)
    assert.match(page.body, /another organisation/)
  })
})

describe('the device grant (auth §4)', () => {
  const begin = () => form('/v1/device/authorize', { client_id: open.id, scope: SCOPE })
  const poll = (deviceCode: string) =>
    form('/v1/device/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: deviceCode,
      client_id: open.id,
    })

  it('waits with 428, slows down whoever asks too often, and gives the tokens once', async () => {
    const { body } = await begin()
    assert.match(body.user_code, /^[B-Z]{4}-[B-Z]{4}$/)
    assert.equal(body.verification_uri_complete, `${body.verification_uri}?user_code=${body.user_code}`)
    refused(await poll(body.device_code), 428, 'authorization_pending')
    const early = await poll(body.device_code)
    refused(early, 428, 'slow_down')
    assert.equal(early.body.interval, 10)
    assert.equal(early.headers['retry-after'], '10')
    const browser = await signedInBrowser()
    await browser.open('/device')
    const page = await browser.submit({ user_code: body.user_code.toLowerCase().replace('-', ' ') })
    assert.match(page.body, /Test &#60;app&#62;/)
    assert.match((await browser.submit({ decision: 'allow' })).body, /connected/)
    const given = await poll(body.device_code)
    assert.equal(given.status, 200)
    assert.equal(await status(given.body.access_token), 200)
    refused(await poll(body.device_code), 400, 'invalid_grant')
  })

  it('is told when the person refuses, and when the time is over', async () => {
    const { body } = await begin()
    const browser = await signedInBrowser()
    await browser.open(`/device?user_code=${body.user_code}`)
    await browser.submit({ decision: 'deny' })
    refused(await poll(body.device_code), 400, 'access_denied')
    const late = (await begin()).body
    api.now += 600_000
    refused(await poll(late.device_code), 400, 'expired_token')
    api.now -= 600_000
  })

  it('lets nobody guess codes', async () => {
    await setPasswordOf(IDS.colleague)
    const browser = await signedInBrowser('colleague@alpha.test')
    await browser.open('/device')
    for (let i = 0; i < 10; i++)
      assert.equal((await browser.submit({ user_code: 'BBBB-BBBB' })).statusCode, 400)
    const { body } = await begin()
    assert.equal((await browser.open(`/device?user_code=${body.user_code}`)).statusCode, 429)
  })
})

describe('the metadata (RFC 8414)', () => {
  it('name endpoints that are there', async () => {
    const answer = await api.app.inject({ url: '/.well-known/oauth-authorization-server' })
    const metadata = answer.json()
    assertIs('AuthorizationServer', metadata)
    assert.equal(metadata.issuer, 'https://pbx.example.com')
    const { grant_type } = SCHEMAS.CreateAccessTokenRequest.properties
    assert.deepEqual(metadata.grant_types_supported, grant_type.enum)
    for (const [name, method] of [
      ['authorization_endpoint', 'GET'],
      ['token_endpoint', 'POST'],
      ['revocation_endpoint', 'POST'],
      ['device_authorization_endpoint', 'POST'],
    ] as const)
      assert.ok(api.app.hasRoute({ method, url: new URL(metadata[name]).pathname }), name)
  })
})
