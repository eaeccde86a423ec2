/**
 * The client side of digest authentication: RFC 3261 §22.2, RFC 7616 §3.4; SHA-256 where offered, else MD5.
 *
 * Whoever calls this hands the password to whoever challenged, in hashed form: call it only for the peer whose
 * credentials they are. The Endpoint does so only for requests that came with credentials of their own.
 */
import type { Credentials, SipCrypto } from '../endpoint-api.ts'
import { parseAuth, printCredentials } from '../message/auth-header.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { algorithmNamed, type DigestAlgorithm, digestResponse, ha1Of } from './digest.ts'

/** How many challenges of one response are looked at. */
const CHALLENGES_MAX = 8

/** A header field to add to the request when it is sent again. */
export type AuthorizationField = readonly [name: 'Authorization' | 'Proxy-Authorization', value: string]

/**
 * The answer to the challenge in a 401 or 407; undefined when there is none that we can answer. `cnonce` is fresh and
 * unguessable.
 */
export function answerChallenge(
  crypto: SipCrypto,
  request: SipRequest,
  response: SipResponse,
  options: { readonly credentials: Credentials; readonly cnonce: string },
): AuthorizationField | undefined {
  const { credentials, cnonce } = options
  const proxy = response.status === 407
  if (!proxy && response.status !== 401) return undefined
  const challenge = chooseChallenge(response.headers.all(proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'))
  if (challenge === undefined) return undefined

  const { realm, nonce, algorithm } = challenge
  const { username } = credentials
  const ha1 = ha1Of(crypto, { username, realm, password: credentials.password })
  const qop = challenge.qop ? { nc: '00000001', cnonce } : undefined
  const digest = digestResponse(crypto, {
    algorithm,
    ha1: algorithm === 'MD5' ? ha1.ha1Md5 : ha1.ha1Sha256,
    method: request.method,
    uri: request.uri,
    nonce,
    ...(qop === undefined ? {} : { qop }),
  })
  const params = new Map([
    ['username', username],
    ['realm', realm],
    ['nonce', nonce],
    ['uri', request.uri],
    ['response', digest],
  ])
  if (challenge.named) params.set('algorithm', algorithm)
  if (challenge.opaque !== undefined) params.set('opaque', challenge.opaque)
  if (qop !== undefined) params.set('qop', 'auth').set('nc', qop.nc).set('cnonce', qop.cnonce)
  return [proxy ? 'Proxy-Authorization' : 'Authorization', printCredentials({ scheme: 'Digest', params })]
}

interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly algorithm: DigestAlgorithm
  /** Whether the peer spelled the algorithm out; some of RFC 2617's time stumble over one they did not name. */
  readonly named: boolean
  readonly qop: boolean
  readonly opaque: string | undefined
}

/** The strongest challenge that we can answer. */
function chooseChallenge(values: readonly string[]): Challenge | undefined {
  let best: Challenge | undefined
  for (const value of values.slice(0, CHALLENGES_MAX)) {
    const challenge = readChallenge(value)
    if (challenge === undefined) continue
    if (challenge.algorithm === 'SHA-256') return challenge
    best ??= challenge
  }
  return best
}

function readChallenge(value: string): Challenge | undefined {
  const parsed = parseAuth(value)
  if (parsed === undefined || parsed.scheme.toLowerCase() !== 'digest') return undefined
  const { params } = parsed
  const [realm, nonce, named] = [params.get('realm'), params.get('nonce'), params.get('algorithm')]
  const algorithm = algorithmNamed(named)
  if (realm === undefined || nonce === undefined || algorithm === undefined) return undefined
  const offered = params
    .get('qop')
    ?.split(',')
    .map((qop) => qop.trim().toLowerCase())
  if (offered !== undefined && !offered.includes('auth')) return undefined // Only auth-int: not spoken here.
  return {
    realm,
    nonce,
    algorithm,
    named: named !== undefined,
    qop: offered !== undefined,
    opaque: params.get('opaque'),
  }
}
