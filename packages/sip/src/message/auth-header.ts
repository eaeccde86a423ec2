/**
 * Challenges and credentials: RFC 3261 §20.7, §20.28, §20.44 in the syntax of RFC 7235, for any scheme.
 *
 * Parameter names are lower case, quoted values come without quotes and escapes. What the digest means is the
 * business of `auth/`; here a value is only read and written.
 */

import { isToken } from './characters.ts'
import { IDENTIFIER_CHARS_MAX, PARAMETER_COUNT_MAX } from './limits.ts'
import { quote, Scanner, unquote } from './scanner.ts'

/** The longest parameter of a challenge or of credentials: a URI, at most. */
const PARAMETER_CHARS_MAX = 4 * IDENTIFIER_CHARS_MAX + 4

/** One challenge or one set of credentials. */
export interface AuthValue {
  /** As written; compare without regard to case. */
  readonly scheme: string
  readonly params: ReadonlyMap<string, string>
}

/** Reads `scheme name=value, name="value" ...`; undefined when it is malformed or a name comes twice. */
export function parseAuth(text: string): AuthValue | undefined {
  const scanner = new Scanner(text)
  scanner.space()
  const scheme = scanner.token()
  if (scheme === '' || !scanner.space()) return undefined
  const params = new Map<string, string>()
  for (;;) {
    const name = scanner.token().toLowerCase()
    if (name === '' || params.has(name) || params.size >= PARAMETER_COUNT_MAX) return undefined
    if (!scanner.mark('=')) return undefined
    const raw = scanner.code === 34 ? scanner.quoted() : scanner.token()
    if (raw === undefined || raw === '' || raw.length > PARAMETER_CHARS_MAX) return undefined
    params.set(name, unquote(raw))
    scanner.space()
    if (scanner.done) return { scheme, params }
    if (!scanner.mark(',')) return undefined
  }
}

/** What RFC 3261 §25.1 writes without quotes; `qop` is quoted in a challenge and bare in credentials. */
const BARE = new Set(['algorithm', 'stale', 'nc'])

/** Writes a challenge (WWW-Authenticate, Proxy-Authenticate). */
export function printChallenge(value: AuthValue): string {
  return print(value, { bareQop: false })
}

/** Writes credentials (Authorization, Proxy-Authorization). */
export function printCredentials(value: AuthValue): string {
  return print(value, { bareQop: true })
}

function print(value: AuthValue, options: { readonly bareQop: boolean }): string {
  const parts: string[] = []
  for (const [name, text] of value.params) {
    const bare = (BARE.has(name) || (name === 'qop' && options.bareQop)) && isToken(text)
    parts.push(`${name}=${bare ? text : quote(text)}`)
  }
  return `${value.scheme} ${parts.join(', ')}`
}
