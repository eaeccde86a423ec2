/** Digest credentials as a forger makes them: right by default, each part of them to be spoiled. By arithmetic of its own. */
import { createHash } from 'node:crypto'
import { parseAuth, type SipResponse } from '@tandem/sip'

/** What a challenge offers. */
export interface Challenge {
  readonly realm: string
  readonly nonce: string
}

/** What the credentials say, and what they are made of. */
export interface Forgery extends Challenge {
  readonly user: string
  readonly password: string
  readonly method: string
  readonly uri: string
  readonly nc?: number
  /** The realm of the hash; that of the name. */
  readonly hashedRealm?: string
  /** As it is named in the header; MD5. */
  readonly algorithm?: string
  /** What is truly used; that of the name. */
  readonly hash?: 'md5' | 'sha256'
  /** `''` leaves it out, with nc and cnonce. */
  readonly qop?: string
  /** In place of the computed one. */
  readonly response?: string
}

/** The challenge of a 401. */
export function challengeOf(response: SipResponse): Challenge {
  const value = response.headers.get('WWW-Authenticate') ?? ''
  const params = parseAuth(value)?.params
  const [realm, nonce] = [params?.get('realm'), params?.get('nonce')]
  if (realm === undefined || nonce === undefined)
    throw new Error(`${response.status} without a challenge: ${value}`)
  return { realm, nonce }
}

/** The value of an Authorization header. */
export function credentials(forgery: Forgery): string {
  const { user, realm, nonce, uri } = forgery
  const { algorithm = 'MD5', qop = 'auth' } = forgery
  const kind = forgery.hash ?? (algorithm === 'SHA-256' ? 'sha256' : 'md5')
  const hash = (text: string): string => createHash(kind).update(text).digest('hex')
  const [nc, cnonce] = [(forgery.nc ?? 1).toString(16).padStart(8, '0'), 'c0ffee']
  const [ha1, ha2] = [
    hash(`${user}:${forgery.hashedRealm ?? realm}:${forgery.password}`),
    hash(`${forgery.method}:${uri}`),
  ]
  const middle = qop === '' ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`
  const response = forgery.response ?? hash(`${ha1}:${middle}:${ha2}`)
  const tail = qop === '' ? '' : `, qop=${qop}, nc=${nc}, cnonce="${cnonce}"`
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${algorithm}${tail}`
}
