/**
 * The arithmetic of digest authentication: RFC 7616 §3.4 (and RFC 2617 for peers without qop), with the
 * algorithms that RFC 8760 gives SIP. No state and no policy: those are in `guard.ts` and `answer.ts`.
 */
import type { SipCrypto } from '../endpoint-api.ts'

/** The algorithms spoken here, as the wire spells them, strongest first. */
export type DigestAlgorithm = 'SHA-256' | 'MD5'

/** The stored secrets of a user: `H(username:realm:password)` in lower-case hex, one for each algorithm. */
export interface Ha1 {
  readonly ha1Md5: string
  readonly ha1Sha256: string
}

/** What a response is computed over. Without `qop` it is the form of RFC 2069, kept for old phones. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm
  readonly ha1: string
  readonly method: string
  readonly uri: string
  readonly nonce: string
  readonly qop?: { readonly nc: string; readonly cnonce: string }
}

/** The algorithm that a challenge or an answer names; MD5 when it names none, undefined when it is not ours. */
export function algorithmNamed(name: string | undefined): DigestAlgorithm | undefined {
  const upper = (name ?? 'MD5').toUpperCase()
  return upper === 'SHA-256' || upper === 'MD5' ? upper : undefined
}

/** `H(username:realm:password)` for both algorithms, as a directory keeps them in place of the password. */
export function ha1Of(
  crypto: SipCrypto,
  user: { readonly username: string; readonly realm: string; readonly password: string },
): Ha1 {
  const text = `${user.username}:${user.realm}:${user.password}`
  return { ha1Md5: crypto.hash('md5', text), ha1Sha256: crypto.hash('sha256', text) }
}

/** The `response` value of RFC 7616 §3.4.1, lower-case hex. */
export function digestResponse(crypto: SipCrypto, input: DigestInput): string {
  const hash = input.algorithm === 'MD5' ? 'md5' : 'sha256'
  const ha2 = crypto.hash(hash, `${input.method}:${input.uri}`)
  const middle =
    input.qop === undefined ? input.nonce : `${input.nonce}:${input.qop.nc}:${input.qop.cnonce}:auth`
  return crypto.hash(hash, `${input.ha1}:${middle}:${ha2}`)
}

/** Compares two texts in a time that depends on the length of the first alone. */
export function sameText(expected: string, given: string): boolean {
  let difference = expected.length ^ given.length
  for (let i = 0; i < expected.length; i++) difference |= expected.charCodeAt(i) ^ given.charCodeAt(i)
  return difference === 0
}
