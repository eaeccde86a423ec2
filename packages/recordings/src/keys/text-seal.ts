/**
 * Seals small texts for the database under a key of 32 bytes with AES-256-GCM, the place that a text belongs to being
 * authenticated too, so that one cannot be moved to another row.
 *
 *     nonce (12) | ciphertext | tag (16)
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals and opens texts by the place they belong to. */
export interface TextSeal {
  seal(context: string, text: string): Uint8Array
  /** Undefined when key or place are others, or a bit differs. */
  open(context: string, sealed: Uint8Array): string | undefined
}

/** A seal under one key. */
export function textSeal(key: Uint8Array): TextSeal {
  return {
    seal(context, text) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(context, sealed) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
      decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-TAG_BYTES))
      try {
        const body = sealed.subarray(NONCE_BYTES, -TAG_BYTES)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch {
        return undefined // A wrong tag is the answer to a question here, not a failure.
      }
    },
  }
}
