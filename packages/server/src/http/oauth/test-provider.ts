/** A small OpenID Connect provider for tests, on loopback: it signs whatever claims the test wants. */
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** A provider that runs. */
export interface TestProvider {
  readonly issuer: string
  /** Claims of the next id token, beside those that must be right. */
  claims: JWTPayload
  /** Changes to what must be right. */
  wrong: { nonce?: string; issuer?: string; audience?: string; key?: 'other'; expired?: boolean }
  /** Whether it answers at all. */
  isUp: boolean
  /** What a person at its page would do: takes the address, gives back the one that the browser is sent to. */
  signIn(url: string): string
  close(): Promise<void>
}

/** Starts one. */
export async function startTestProvider(clientId: string, clientSecret: string): Promise<TestProvider> {
  const [key, other] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')]
  const jwk = { ...(await exportJWK(key.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }
  const asked = new Map<string, { nonce: string; challenge: string }>()

  const idToken = (nonce: string): Promise<string> => {
    const { wrong } = provider
    const now = Math.floor(Date.now() / 1_000) - (wrong.expired === true ? 7_200 : 0)
    return new SignJWT({ ...provider.claims, nonce: wrong.nonce ?? nonce })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer(wrong.issuer ?? provider.issuer)
      .setAudience(wrong.audience ?? clientId)
      .setSubject('somebody')
      .setIssuedAt(now)
      .setExpirationTime(now + 600)
      .sign(wrong.key === 'other' ? other.privateKey : key.privateKey)
  }
  const answer = async (path: string, body: string): Promise<readonly [number, unknown]> => {
    const { issuer } = provider
    if (path === '/.well-known/openid-configuration')
      return [
        200,
        {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['ES256'],
          token_endpoint_auth_methods_supported: ['client_secret_post'],
        },
      ]
    if (path === '/keys') return [200, { keys: [jwk] }]
    const form = new URLSearchParams(body)
    const known = asked.get(form.get('code') ?? '')
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (path !== '/token' || form.get('client_secret') !== clientSecret || known?.challenge !== verifier)
      return [400, { error: 'invalid_grant' }]
    return [200, { access_token: 'x', token_type: 'Bearer', id_token: await idToken(known.nonce) }]
  }
  const server: Server = createServer(async (request, response) => {
    if (!provider.isUp) {
      response.destroy()
      return
    }
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const [status, json] = await answer(request.url ?? '', body)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const provider: TestProvider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // It listens on a port.
    claims: {},
    wrong: {},
    isUp: true,
    signIn(url) {
      const query = new URL(url).searchParams
      const code = `code-${asked.size}`
      asked.set(code, {
        nonce: query.get('nonce') ?? '',
        challenge: query.get('code_challenge') ?? '',
      })
      const back = new URL(query.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', query.get('state') ?? '')
      return back.pathname + back.search
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return provider
}
