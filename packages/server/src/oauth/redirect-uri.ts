/**
 * Which addresses a client may register to be sent back to (RFC 6749 §3.1.2, RFC 8252 §7). They are compared as text, to the
 * letter: nothing is prefixed, decoded or completed (case A17).
 */

/** Longest address. */
export const REDIRECT_URI_CHARS_MAX = 2_000

/** What is wrong with an address, as the end of a sentence; `undefined` for one that may be registered. */
export function redirectUriFault(text: string): string | undefined {
  if (text.length > REDIRECT_URI_CHARS_MAX) return `must have at most ${REDIRECT_URI_CHARS_MAX} characters`
  const url = URL.canParse(text) && !/[\s\\]/.test(text) ? new URL(text) : undefined
  if (url === undefined) return 'must be an absolute URI'
  if (text.includes('#')) return 'must have no fragment'
  if (url.username !== '' || url.password !== '') return 'must name no user'
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:')
    return isLoopback(url.hostname) ? undefined : 'must be https, or http on this machine (localhost)'
  // A scheme of an app's own is written backwards from a domain, so that it has a dot (RFC 8252 §7.1).
  return /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol)
    ? undefined
    : 'must be https, http on this machine, or a scheme of an app such as com.example.app'
}

/** What a page's policy must allow, so that its form may end at this address. */
export function formTarget(uri: string): string {
  const url = new URL(uri)
  return /^https?:$/.test(url.protocol) ? url.origin : url.protocol
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
