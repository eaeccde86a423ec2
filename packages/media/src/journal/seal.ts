/**
 * Encryption of a journal: AES-256-GCM, handed in by `io` since this package has no ciphers.
 *
 * A recording has one data key. It is kept only wrapped, under the key-encryption key of the server, so that
 * destroying the wrapped copies destroys the audio.
 */
import { assert } from '@tandem/base'
import { encodeUtf8 } from './utf8.ts'

/** AES-256-GCM: returns the ciphertext followed by its 16-byte tag. */
export type Seal = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array) => Uint8Array

/** The reverse of `Seal`; undefined when the tag does not fit. */
export type Open = (
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
) => Uint8Array | undefined

/** Bytes of a data key and of the key-encryption key. */
export const KEY_BYTES = 32
/** Bytes of a GCM nonce. */
export const NONCE_BYTES = 12
/** Bytes that sealing adds. */
export const TAG_BYTES = 16
/** Bytes of a wrapped data key: nonce, ciphertext, tag. */
export const WRAPPED_KEY_BYTES: number = NONCE_BYTES + KEY_BYTES + TAG_BYTES

/** Wraps a recording's data key. `nonce` is 12 random bytes, never used twice with one `kek`. */
export function wrapDataKey(
  seal: Seal,
  kek: Uint8Array,
  nonce: Uint8Array,
  recordingId: string,
  dataKey: Uint8Array,
): Uint8Array {
  assert(nonce.length === NONCE_BYTES && dataKey.length === KEY_BYTES, 'a 32-byte key under a 12-byte nonce')
  const wrapped = new Uint8Array(WRAPPED_KEY_BYTES)
  wrapped.set(nonce)
  wrapped.set(seal(kek, nonce, wrapContext(recordingId), dataKey), NONCE_BYTES)
  return wrapped
}

/** The data key again; undefined when `wrapped` is damaged, or belongs to another recording or another `kek`. */
export function unwrapDataKey(
  open: Open,
  kek: Uint8Array,
  recordingId: string,
  wrapped: Uint8Array,
): Uint8Array | undefined {
  if (wrapped.length !== WRAPPED_KEY_BYTES) return undefined
  const nonce = wrapped.subarray(0, NONCE_BYTES)
  return open(kek, nonce, wrapContext(recordingId), wrapped.subarray(NONCE_BYTES))
}

function wrapContext(recordingId: string): Uint8Array {
  return encodeUtf8(`tandem data key 1 ${recordingId}`)
}
