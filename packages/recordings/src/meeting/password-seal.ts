/**
 * Seals the passwords of meeting recordings for the database, so that a stolen one gives none (promise P12), though
 * their hosts must be shown them. The recording that a password belongs to is authenticated too.
 *
 *     nonce (12) | ciphertext | tag (16), AES-256-GCM, in base64
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { idKey } from '../catalogue/recording.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals and opens the password of one recording. */
export interface PasswordSeal {
  seal(recordingId: string, password: string): string
  /** Empty when it was sealed under another key: the recording stays reachable for its host, its page does not open. */
  open(recordingId: string, sealed: string): string
}

/** A seal under a key of its own, derived from a secret of 32 bytes that outlives restarts. */
export function passwordSeal(secret: Uint8Array): PasswordSeal {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'passwords of meeting recordings', 32))
  return {
    seal(recordingId, password) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(idKey(recordingId)))
      const body = [cipher.update(password, 'utf8'), cipher.final()]
      return Buffer.concat([nonce, ...body, cipher.getAuthTag()]).toString('base64')
    },
    open(recordingId, sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return ''
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
      decipher.setAAD(Buffer.from(idKey(recordingId))).setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        const body = bytes.subarray(NONCE_BYTES, -TAG_BYTES)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch {
        return '' // Another key, another recording, or damage: as the face says.
      }
    },
  }
}
