/**
 * `npm run conform -- oauth`: the OAuth flows over sockets against a real server process, driven by a client library that other
 * people wrote (openid-client), public and confidential; and what must hold around them (promises P8, P12; A14, A16, A17).
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as oidc from 'openid-client'
import { Stage } from '../../../tools/stage.ts'
import { Browser } from './browser.ts'

const CLI = fileURLToPath(new URL('../../../packages/cli/bin/tandem.mjs', import.meta.url))
const CALLBACK = 'http://localhost:9/callback'
const EMAIL = 'ben@radio.test'
const PASSWORD = 'canary-a sentence of Ben'
const SCOPE = 'spark:people_read spark:recordings_read'

/** Everything that must be found nowhere: passwords, tokens, codes, links, client secrets, session ids (A16). */
const secrets = new Set<string>([PASSWORD])

interface Application {
  readonly id: string
  readonly secret?: string
}
let stage: Stage
let operator: string
let log = ''
let confidential: Application
let open: Application
before(async () => {
  stage = await Stage.open({ recording: 'Never', settings: { TANDEM_LOG_LEVEL: 'debug' } })
  for (const stream of [stage.server.process.stdout, stage.server.process.stderr])
    stream?.on('data', (chunk: Buffer) => {
      log += chunk.toString('latin1')
    })
  operator = keep(await stage.token('ada@radio.test', ['spark:all']))
  confidential = await register({})
  open = await register({ confidential: false })
  const made = spawn(process.execPath, [CLI, 'person', 'password', EMAIL], { env: stage.env })
  made.stdin.end(`${PASSWORD}\n`)
  assert.deepEqual(await once(made, 'exit'), [0, null])
})
after(() => stage.close())

function keep(secret: string): string {
  secrets.add(secret)
  return secret
}

async function register(change: object): Promise<Application> {
  const made = await api(operator, '/tandem/v1/clients', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Desk', redirectUris: [CALLBACK], scopes: SCOPE.split(' '), ...change }),
  })
  assert.equal(made.status, 201)
  const application = (await made.json()) as Application
  if (application.secret !== undefined) keep(application.secret)
  return application
}

function api(token: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(stage.url + path, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } })
}
const status = async (token: string): Promise<number> => (await api(token, '/v1/people/me')).status

/** The library's own discovery, by the metadata of RFC 8414. */
function discover({ id, secret }: Application, auth?: oidc.ClientAuth): Promise<oidc.Configuration> {
  return oidc.discovery(
    new URL(stage.url),
    id,
    secret,
    auth ?? (secret === undefined ? oidc.None() : undefined),
    {
      algorithm: 'oauth2',
      execute: [oidc.allowInsecureRequests],
    },
  )
}

interface Flow {
  readonly state: string
  readonly verifier: string
  /** The address that the browser ended at. */
  readonly answer: URL
}

/** A person signs in at the page and allows what the library asks for. */
async function consent(config: oidc.Configuration): Promise<Flow> {
  const [state, verifier] = [oidc.randomState(), keep(oidc.randomPKCECodeVerifier())]
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const browser = new Browser(stage.url)
  const first = await browser.open(url.href)
  await browser.open(first.location ?? '')
  const back = await browser.submit('/signin', { email: EMAIL, password: PASSWORD })
  assert.equal((await browser.open(back.location ?? '')).status, 200)
  const allowed = await browser.submit('/v1/authorize', { decision: 'allow' })
  for (const cookie of browser.setCookies) keep(/=([^;]*)/.exec(cookie)?.[1] ?? '')
  const answer = new URL(allowed.location ?? '')
  keep(answer.searchParams.get('code') ?? '')
  return { state, verifier, answer }
}

async function tokensOf(config: oidc.Configuration, flow: Flow) {
  const tokens = await oidc.authorizationCodeGrant(config, flow.answer, {
    expectedState: flow.state,
    pkceCodeVerifier: flow.verifier,
  })
  for (const token of [tokens.access_token, tokens.refresh_token ?? '']) keep(token)
  return tokens
}

const refused = (error: string) => (thrown: unknown) => {
  assert.ok(thrown instanceof oidc.ResponseBodyError, String(thrown))
  assert.equal(thrown.error, error)
  return true
}

it('a confidential client gets tokens by Basic and by form, and keeps its refresh token', async () => {
  for (const auth of [
    oidc.ClientSecretBasic(confidential.secret),
    oidc.ClientSecretPost(confidential.secret),
  ]) {
    const config = await discover(confidential, auth)
    const tokens = await tokensOf(config, await consent(config))
    assert.equal(tokens.expires_in, 1_209_599)
    assert.equal(tokens.scope, SCOPE)
    assert.equal(await status(tokens.access_token), 200)
    const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
    assert.equal(next.refresh_token, tokens.refresh_token)
    keep(next.access_token)
  }
})

it('a public client rotates; an old refresh token ends the family (A17)', async () => {
  const config = await discover(open)
  const first = await tokensOf(config, await consent(config))
  const second = await oidc.refreshTokenGrant(config, first.refresh_token ?? '')
  keep(second.access_token)
  keep(second.refresh_token ?? '')
  assert.notEqual(second.refresh_token, first.refresh_token)
  await assert.rejects(oidc.refreshTokenGrant(config, first.refresh_token ?? ''), refused('invalid_grant'))
  await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token ?? ''), refused('invalid_grant'))
  assert.equal(await status(first.access_token), 401)
  assert.equal(await status(second.access_token), 401)
})

it('a code works once, and a second use revokes what the first gave (A17)', async () => {
  const config = await discover(confidential)
  const flow = await consent(config)
  const tokens = await tokensOf(config, flow)
  await assert.rejects(tokensOf(config, flow), refused('invalid_grant'))
  assert.equal(await status(tokens.access_token), 401)
})

it('revocation ends a family at once', async () => {
  const config = await discover(confidential)
  const tokens = await tokensOf(config, await consent(config))
  assert.equal(await status(tokens.access_token), 200)
  await oidc.tokenRevocation(config, tokens.refresh_token ?? '')
  assert.equal(await status(tokens.access_token), 401)
})

it('a token that another process revokes is dead within a second (P12)', async () => {
  const config = await discover(confidential)
  const tokens = await tokensOf(config, await consent(config))
  assert.equal(await status(tokens.access_token), 200)
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(join(stage.dataFolder, 'tandem.db'))
  db.prepare("UPDATE tokens SET revoked_at = 1 WHERE kind = 'integration'").run()
  db.close()
  const deadline = performance.now() + 1_000
  let last = 200
  while (last === 200 && performance.now() < deadline) last = await status(tokens.access_token)
  assert.equal(last, 401)
})

it('a device gets its tokens after a person has allowed it (RFC 8628)', async () => {
  const config = await discover(open)
  const begun = await oidc.initiateDeviceAuthorization(config, { scope: SCOPE })
  keep(begun.device_code)
  keep(begun.user_code)
  const polled = oidc.pollDeviceAuthorizationGrant(config, begun)
  // Nobody has decided yet when it first asks: the library must take the contract's 428 for what it means.
  const deadline = performance.now() + 20_000
  while (!log.includes('"status":428') && performance.now() < deadline) await setTimeout(100)
  assert.ok(log.includes('"status":428'))
  const browser = new Browser(stage.url)
  await browser.signIn(EMAIL, PASSWORD)
  assert.match((await browser.open(begun.verification_uri_complete ?? '')).body, /Desk/)
  assert.match((await browser.submit('/device', { decision: 'allow' })).body, /connected/)
  const tokens = await polled
  keep(tokens.access_token)
  keep(tokens.refresh_token ?? '')
  assert.equal(await status(tokens.access_token), 200)
})

it('nobody is sent to an address that is not registered (A17)', async () => {
  const browser = new Browser(stage.url)
  await browser.signIn(EMAIL, PASSWORD)
  for (const redirect of [
    `${CALLBACK}/`,
    `${CALLBACK}?x`,
    'https://evil.example/',
    'http://LOCALHOST:9/callback',
  ]) {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: confidential.id,
      scope: SCOPE,
      redirect_uri: redirect,
    })
    const shown = await browser.open(`/v1/authorize?${query}`)
    assert.equal(shown.status, 400)
    assert.equal(shown.location, undefined)
  }
})

it('pages cannot be framed or scripted, and cookies are for the server alone (A14)', async () => {
  const browser = new Browser(stage.url)
  const shown = await browser.open('/signin')
  assert.match(
    shown.headers.get('content-security-policy') ?? '',
    /default-src 'none'.*frame-ancestors 'none'/,
  )
  assert.equal(shown.headers.get('x-frame-options'), 'DENY')
  await browser.signIn(EMAIL, PASSWORD)
  const ids = browser.setCookies.map((cookie) => {
    assert.match(cookie, /^tandem_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    return keep(/=([^;]*)/.exec(cookie)?.[1] ?? '')
  })
  assert.equal(new Set(ids).size, 2, 'a new id with the sign-in')
})

it('ten wrong passwords end in a ban that the right one does not lift (P8)', async () => {
  const browser = new Browser(stage.url)
  for (let i = 0; i < 10; i++)
    assert.equal((await browser.signIn('ada@radio.test', `wrong ${i} wrong`)).status, 401)
  const banned = await browser.signIn('ada@radio.test', PASSWORD)
  assert.equal(banned.status, 429)
  assert.match(banned.headers.get('retry-after') ?? '', /^(89\d|900)$/)
})

it('no secret that was given out is in the data folder, a backup or the log (A16)', async () => {
  const link = (await stage.tandem('person', 'invite', EMAIL)).trim()
  keep(link.split('/').at(-1) ?? '')
  const backup = join(stage.folder, 'backup')
  await stage.tandem('backup', backup)
  const places = [...filesOf(stage.dataFolder), ...filesOf(backup)].map(
    (file) => [file, readFileSync(file, 'latin1')] as const,
  )
  assert.ok(places.length > 3)
  assert.ok(log.includes('createAccessToken'), 'the log is at its loudest')
  places.push(['the log', log])
  assert.ok(secrets.size > 30, `${secrets.size} secrets were given out`)
  for (const secret of secrets) {
    if (secret === '') continue
    for (const [place, text] of places) assert.ok(!text.includes(secret), `${secret.slice(0, 8)} in ${place}`)
  }
})

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
}
