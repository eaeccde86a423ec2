/**
 * UTF-8 without the platform: `TextEncoder` is no part of the language, and this package knows nothing else.
 *
 * Used for the few short JSON texts of a journal, never for packets.
 */

/** The UTF-8 bytes of `text`; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const point = character.codePointAt(0) as number // A string's iterator gives no empty parts.
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    else if (code < 0x10000)
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f))
      bytes.push(0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    }
  }
  return Uint8Array.from(bytes)
}

/** The text of UTF-8 bytes written by `encodeUtf8`; a sequence that is not UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  let index = 0
  while (index < bytes.length) {
    const first = bytes[index] as number // Inside the array by the loop's condition.
    const extra = first < 0x80 ? 0 : first >> 5 === 6 ? 1 : first >> 4 === 14 ? 2 : first >> 3 === 30 ? 3 : -1
    let code = extra <= 0 ? first : first & (0x3f >> extra)
    let whole = extra >= 0
    for (let offset = 1; whole && offset <= extra; offset++) {
      const next = bytes[index + offset]
      whole = next !== undefined && next >> 6 === 2
      code = (code << 6) | ((next ?? 0) & 0x3f)
    }
    text += whole && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
    index += whole ? extra + 1 : 1
  }
  return text
}
