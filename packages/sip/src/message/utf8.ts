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

/** Bytes are handed out from slabs of this size: an array of its own costs more than the text that goes into it. */
const SLAB_BYTES = 16_384
/** A text of one UTF-16 unit takes three bytes of UTF-8 at most. */
const BYTES_PER_UNIT_MAX = 3

let slab = new Uint8Array(SLAB_BYTES)
let used = 0

/** The UTF-8 bytes of `text`. They may share their buffer with others: copy them before the buffer is transferred. */
export function encodeUtf8(text: string): Uint8Array {
  return encodeUtf8With(text, EMPTY)
}

/** The UTF-8 bytes of `text` with `tail` behind them, in one piece. */
export function encodeUtf8With(text: string, tail: Uint8Array): Uint8Array {
  const bytesMax = BYTES_PER_UNIT_MAX * text.length + tail.length
  if (bytesMax > SLAB_BYTES) return encodeLarge(text, tail)
  if (used + bytesMax > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    used = 0
  }
  const start = used
  used += ENCODER.encodeInto(text, start === 0 ? slab : slab.subarray(start)).written
  if (tail.length > 0) slab.set(tail, used)
  used += tail.length
  return slab.subarray(start, used)
}

const EMPTY = new Uint8Array(0)

function encodeLarge(text: string, tail: Uint8Array): Uint8Array {
  const head = ENCODER.encode(text)
  const whole = new Uint8Array(head.length + tail.length)
  whole.set(head)
  whole.set(tail, head.length)
  return whole
}
