/**
 * The target of a webhook as text (contract, webhooks §2): an absolute http or https URL of sensible length, without user
 * and password. Which addresses it may lead to is judged where it is resolved.
 */

/** Longest target: what every HTTP server takes in its request line. */
export const TARGET_URL_CHARS_MAX = 2_048

/** A target taken apart. */
export interface Target {
  readonly url: URL
  /** Host without brackets, as it is resolved: a name in ASCII or an address in its plain form. */
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

/** Reads a target; a text says what is wrong with it. The parser turns 0x7f.1, 2130706433 and the like into addresses. */
export function readTarget(text: string): Target | string {
  if (text.length > TARGET_URL_CHARS_MAX) return `must have at most ${TARGET_URL_CHARS_MAX} characters`
  // Only the two slashes make it absolute; the parser would also take http:host and backslashes.
  if (!/^https?:\/\/[^/\\]/i.test(text)) return 'must be an absolute http or https URL'
  if (/[\p{Cc}\s]/u.test(text)) return 'must not hold spaces or control characters'
  if (!URL.canParse(text)) return 'must be an absolute http or https URL'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'must not hold a user or password'
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host === '') return 'must name a host'
  return { url, host, secure, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) }
}
