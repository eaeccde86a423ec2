/**
 * Text to bytes and back: RFC 3261 §7 makes SIP text UTF-8.
 *
 * `TextDecoder` and `TextEncoder` exist in every runtime and are pure, but the language's own library does not
 * declare them, and the libraries that do would let sockets and clocks in. So the part used here is declared.
 */

declare const TextDecoder: new (
  label: string,
  options: { ignoreBOM: boolean; fatal: boolean },
) => { decode(bytes: Uint8Array): string }
declare const TextEncoder: new () => {
  encode(text: string): Uint8Array
  encodeInto(text: string, into: Uint8Array): { read: number; written: number }
}

const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false })
const STRICT = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
const ENCODER = new TextEncoder()

/** The text of `bytes`; what is not UTF-8 becomes U+FFFD, since a Latin-1 name is no reason to lose a call. */
export function decodeUtf8(bytes: Uint8Array): string {
  return LENIENT.decode(bytes)
}

/** The text of `bytes`; undefined when they are not UTF-8. */
export function decodeUtf8Strictly(bytes: Uint8Array): string | undefined {
  try {
    return STRICT.decode(bytes)
  } catch {
    return undefined // The one way in which the strict decoder says no.
  }
}

/** The UTF-8 bytes of `text`. */
export function encodeUtf8(text: string): Uint8Array {
  return ENCODER.encode(text)
}

/** The UTF-8 bytes of `text` with `tail` behind them, in one piece. */
export function encodeUtf8With(text: string, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(text.length + tail.length)
  const { read, written } = ENCODER.encodeInto(text, whole)
  if (read === text.length && written === text.length) {
    whole.set(tail, written)
    return whole
  }
  const head = ENCODER.encode(text) // Some character took more than one byte.
  const longer = new Uint8Array(head.length + tail.length)
  longer.set(head)
  longer.set(tail, head.length)
  return longer
}
