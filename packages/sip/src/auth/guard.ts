/**
 * The server side of digest authentication: RFC 3261 §22, RFC 7616, RFC 8760 (MD5 and SHA-256).
 *
 * A request without credentials costs no memory: the nonce proves itself (`nonce.ts`). An unknown user gets the
 * same answer after the same work as a wrong password, so nobody learns which numbers exist.
 */
import type { Instant } from '@tandem/base'
import type { SipCrypto } from '../endpoint-api.ts'
import { type AuthValue, parseAuth, printChallenge } from '../message/auth-header.ts'
import type { SipRequest } from '../message/message.ts'
import { parseUri, sameUri } from '../message/uri.ts'
import { algorithmNamed, type DigestAlgorithm, digestResponse, type Ha1, ha1Of, sameText } from './digest.ts'
import { Nonces } from './nonce.ts'

/** How many sets of credentials of one request are looked at: one for each realm on the way, with room. */
const CREDENTIALS_MAX = 4

/**
 * What a request's credentials are worth. Only `ok` lets it pass; `challenge` had none for us, `stale` had the right
 * password under a nonce that is used up, or any password under one that its source was never given (challenge with
 * `stale`), `refused` had a wrong password, user or realm: challenge too, and count it against its source and user. Nothing
 * counts under a nonce from elsewhere: an invented sender would lock the real one out.
 */
export type DigestVerdict =
  | { readonly kind: 'ok'; readonly realm: string; readonly username: string }
  | { readonly kind: 'challenge' }
  | { readonly kind: 'stale'; readonly realm: string; readonly username: string }
  | { readonly kind: 'refused'; readonly realm: string; readonly username: string }

/** Finds the secrets of a user in a realm; undefined when there is no such user. */
export type Ha1Lookup = (realm: string, username: string) => Ha1 | undefined

/** Challenges requests and checks what comes back. One for the whole process: nonces are its own. */
export class DigestGuard {
  readonly #crypto: SipCrypto
  readonly #nonces: Nonces
  /** Stands in for the secrets of users that do not exist. Nobody knows its password. */
  readonly #nobody: Ha1

  constructor(crypto: SipCrypto) {
    this.#crypto = crypto
    this.#nonces = new Nonces(crypto)
    const password = Array.from(crypto.randomBytes(16), String).join('.')
    this.#nobody = ha1Of(crypto, { username: '', realm: '', password })
  }

  /** How many used nonces are remembered; requests without valid credentials never raise it. */
  get remembered(): number {
    return this.#nonces.size
  }

  /**
   * The values of two `WWW-Authenticate` (or `Proxy-Authenticate`) headers, MD5 above SHA-256. RFC 8760 §2.4 would have the
   * stronger one on top, but phones and tools that know MD5 alone (SIPp 3.6, baresip 1.0) look at the first header and give
   * up; those that know both may choose the second, as ours does. `md5Only` leaves SHA-256 out, for phones that stumble over
   * its mere presence.
   */
  challenge(
    now: Instant,
    realm: string,
    options: { readonly stale?: boolean; readonly md5Only?: boolean; readonly source?: string } = {},
  ): string[] {
    const nonce = this.#nonces.issue(now, options.source)
    const algorithms: readonly DigestAlgorithm[] = options.md5Only === true ? ['MD5'] : ['MD5', 'SHA-256']
    return algorithms.map((algorithm) => {
      const params = new Map([
        ['realm', realm],
        ['nonce', nonce],
        ['qop', 'auth'],
        ['algorithm', algorithm],
      ])
      if (options.stale === true) params.set('stale', 'true')
      return printChallenge({ scheme: 'Digest', params })
    })
  }

  /** Checks the credentials of a request from `source`, in Authorization or Proxy-Authorization. */
  check(now: Instant, request: SipRequest, lookup: Ha1Lookup, source = ''): DigestVerdict {
    const credentials = this.#credentialsOf(request, source)
    if (credentials === undefined) return { kind: 'challenge' }

    const { realm, username, algorithm, nonce } = credentials
    if (this.#nonces.issuedAt(nonce, source) === undefined) return { kind: 'stale', realm, username }
    const ha1 = lookup(realm, username) ?? this.#nobody
    const expected = digestResponse(this.#crypto, {
      ...credentials,
      ha1: algorithm === 'MD5' ? ha1.ha1Md5 : ha1.ha1Sha256,
      method: request.method,
    })
    const right = sameText(expected, credentials.response) && ha1 !== this.#nobody
    if (!right || !namesTarget(credentials.uri, request.uri)) return { kind: 'refused', realm, username }
    const fresh = this.#nonces.use(now, nonce, credentials.count, source)
    return { kind: fresh ? 'ok' : 'stale', realm, username }
  }

  /** The credentials under a nonce of ours if there are any, else the first: those of another hop are not for us. */
  #credentialsOf(request: SipRequest, source: string): Credentials | undefined {
    let first: Credentials | undefined
    const { headers } = request
    const values = [...headers.all('Authorization'), ...headers.all('Proxy-Authorization')]
    for (const value of values.slice(0, CREDENTIALS_MAX)) {
      const parsed = parseAuth(value)
      const credentials = parsed === undefined ? undefined : readCredentials(parsed)
      if (credentials === undefined) continue
      if (values.length === 1 || this.#nonces.issuedAt(credentials.nonce, source) !== undefined)
        return credentials
      first ??= credentials
    }
    return first
  }
}

/** Digest credentials of one header, complete. */
interface Credentials {
  readonly realm: string
  readonly username: string
  readonly algorithm: DigestAlgorithm
  readonly nonce: string
  readonly uri: string
  readonly response: string
  readonly qop?: { readonly nc: string; readonly cnonce: string }
  /** `nc` as a number; 1 for a peer without qop, whose nonce so serves once. */
  readonly count: number
}

/** Reads credentials; undefined when something is missing, malformed, or asks for what we never offered. */
function readCredentials({ scheme, params }: AuthValue): Credentials | undefined {
  const [realm, username, nonce, uri] = [
    params.get('realm'),
    params.get('username'),
    params.get('nonce'),
    params.get('uri'),
  ]
  const response = params.get('response')?.toLowerCase()
  const algorithm = algorithmNamed(params.get('algorithm'))
  if (scheme.toLowerCase() !== 'digest' || algorithm === undefined) return undefined
  if (realm === undefined || username === undefined || nonce === undefined) return undefined
  if (uri === undefined || response === undefined) return undefined

  const base = { realm, username, algorithm, nonce, uri, response }
  const qop = params.get('qop')
  if (qop === undefined) return { ...base, count: 1 }
  const nc = params.get('nc') ?? ''
  const cnonce = params.get('cnonce')
  if (qop.toLowerCase() !== 'auth' || cnonce === undefined || !/^[0-9a-f]{8}$/i.test(nc)) return undefined
  return { ...base, qop: { nc, cnonce }, count: Number.parseInt(nc, 16) }
}

/**
 * Whether the digest's `uri` is the target of the request (RFC 7616 §3.4.6), or its domain alone, which is what phones with one
 * fixed digest URI send. A nonce count serves once, so that such a digest cannot be used for a second request.
 */
function namesTarget(uri: string, target: string): boolean {
  if (uri === target) return true
  const [a, b] = [parseUri(uri), parseUri(target)]
  if (a === undefined || b === undefined) return false
  if (sameUri(a, b)) return true
  return a.kind === 'sip' && b.kind === 'sip' && a.user === undefined && a.host === b.host
}
