/**
 * The Contact headers of one message: RFC 3261 §20.10, §10.2.2 for the lone `*`.
 *
 * A faulty `expires` counts as an hour, as §20.10 wants; one too large is cut to 2^32 - 1. The registrar clamps it
 * further. A faulty `q` spoils the list.
 */
import { parseDigits } from './characters.ts'
import { type NameAddr, parseNameAddr } from './name-addr.ts'

/** The largest time that `delta-seconds` may state, RFC 3261 §20.19. */
export const DELTA_SECONDS_MAX: number = 2 ** 32 - 1
/** What a malformed `expires` parameter counts as, in seconds: RFC 3261 §20.10. */
const EXPIRES_FALLBACK_S = 3_600

/** One place where somebody can be reached. */
export interface Contact extends NameAddr {
  /** From the parameter; absent when the Expires header or the default holds. */
  readonly expiresS?: number
  /** 0 to 1; 1 when it was not given. */
  readonly q: number
}

/** Reads all values of Contact: `'*'`, or the list, empty for none; undefined when one is malformed. */
export function parseContactList(values: readonly string[]): '*' | Contact[] | undefined {
  if (values.length === 1 && values[0] === '*') return '*'
  const contacts: Contact[] = []
  for (const value of values) {
    const address = parseNameAddr(value)
    if (address === undefined) return undefined
    const q = parseQ(address.params.get('q'))
    if (q === undefined) return undefined
    const expires = address.params.get('expires')
    contacts.push({ ...address, q, ...(expires === undefined ? {} : { expiresS: parseExpires(expires) }) })
  }
  return contacts
}

/** Seconds from an `expires` parameter. */
function parseExpires(text: string): number {
  return Math.min(parseDigits(text, DELTA_SECONDS_MAX) ?? EXPIRES_FALLBACK_S, DELTA_SECONDS_MAX)
}

/** `qvalue`: 0 to 1 with at most three decimals; 1 for none. */
function parseQ(text: string | undefined): number | undefined {
  if (text === undefined) return 1
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : undefined
}

/** Seconds of an Expires, Min-Expires or Retry-After value; cut to 2^32 - 1; undefined when it is no number. */
export function parseDeltaSeconds(text: string): number | undefined {
  const seconds = parseDigits(text, DELTA_SECONDS_MAX)
  return seconds === undefined ? undefined : Math.min(seconds, DELTA_SECONDS_MAX)
}
