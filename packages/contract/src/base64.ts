/**
 * Base64 without the platform's help, since this package may use neither Node's nor the browser's (RFC 4648 §4, §5).
 *
 * Only text goes in and out: ids and cursors. Written unpadded; read padded or not, in either alphabet.
 */

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const URL_SAFE = `${STANDARD.slice(0, 62)}-_`
const VALUES: ReadonlyMap<string, number> = new Map([
  ...[...STANDARD].map((letter, value) => [letter, value] as const),
  ['-', 62],
  ['_', 63],
])

/** UTF-8 text as base64 without padding; `url` picks the alphabet that needs no escaping in a query. */
export function encodeBase64(text: string, options: { readonly url: boolean }): string {
  const alphabet = options.url ? URL_SAFE : STANDARD
  const bytes = utf8(text)
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out += alphabet.charAt(word >> 18) + alphabet.charAt((word >> 12) & 63)
    if (left > 1) out += alphabet.charAt((word >> 6) & 63)
    if (left > 2) out += alphabet.charAt(word & 63)
  }
  return out
}

/** The text behind base64, or `undefined` when it is not base64 or not UTF-8. */
export function decodeBase64(encoded: string): string | undefined {
  const letters = encoded.replace(/={1,2}$/, '')
  if (letters.length % 4 === 1) return undefined
  let percent = ''
  let word = 0
  let bits = 0
  for (const letter of letters) {
    const value = VALUES.get(letter)
    if (value === undefined) return undefined
    word = ((word << 6) | value) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    percent += `%${((word >> bits) & 0xff).toString(16).padStart(2, '0')}`
  }
  try {
    return decodeURIComponent(percent)
  } catch {
    return undefined // The bytes are not UTF-8, so they are no id of ours.
  }
}

/** The bytes of text in UTF-8; a lone surrogate becomes U+FFFD, as everywhere. */
function utf8(text: string): number[] {
  const bytes: number[] = []
  const escaped = encodeURIComponent(text.toWellFormed())
  for (let i = 0; i < escaped.length; i++) {
    if (escaped[i] === '%') {
      bytes.push(Number.parseInt(escaped.slice(i + 1, i + 3), 16))
      i += 2
    } else bytes.push(escaped.charCodeAt(i))
  }
  return bytes
}
