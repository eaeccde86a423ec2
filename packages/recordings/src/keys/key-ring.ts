/**
 * Key-encryption keys (KEKs): the present one, under which data keys are wrapped, and earlier ones, which still open what
 * was wrapped before. A wrapped key names its KEK, so that rotation re-wraps and reads nothing else. Wrapping is
 * AES-256-GCM with the recording's id as additional data: a wrapped key opens for no other recording.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'

/** Length of KEKs and of data keys. */
export const KEY_BYTES = 32

const NONCE_BYTES = 12
const TAG_BYTES = 16
const PURPOSE = 'tandem data key 1'

/** One KEK with its name. */
export interface NamedKey {
  readonly id: string
  readonly key: Uint8Array
}

/** The KEKs that a server has. */
export interface KeyRing {
  readonly current: NamedKey
  readonly others: readonly NamedKey[]
}

/** The name of a key that has none of its own: it follows from the key and tells nothing of it. */
export function keyIdOf(key: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from('tandem kek id\n'), key]), 'hex').slice(0, 16)
}

/** Wraps a data key: nonce, ciphertext, tag. A key object, since Node takes 35 µs to find out that bytes are none. */
export function wrapKey(kek: Uint8Array, idKey: string, dataKey: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(kek), nonce)
  cipher.setAAD(Buffer.from(`${PURPOSE}\n${idKey}`))
  const sealed = cipher.update(dataKey)
  cipher.final()
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()])
}

/** Unwraps a data key; undefined when the KEK is another, the id is, or a bit differs. */
export function unwrapKey(kek: Uint8Array, idKey: string, wrapped: Uint8Array): Uint8Array | undefined {
  if (wrapped.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) return undefined
  const end = wrapped.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(kek), wrapped.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(`${PURPOSE}\n${idKey}`))
  decipher.setAuthTag(wrapped.subarray(end))
  const key = decipher.update(wrapped.subarray(NONCE_BYTES, end))
  try {
    decipher.final()
    return new Uint8Array(key)
  } catch {
    return undefined // A wrong tag is the answer to a question here, not a failure.
  }
}
