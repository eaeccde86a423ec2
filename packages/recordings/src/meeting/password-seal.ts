/**
 * Seals the passwords of meeting recordings for the database, so that a stolen one gives none (promise P12), though
 * their hosts must be shown them. The recording that a password belongs to is authenticated too. In base64.
 */
import { hkdfSync } from 'node:crypto'
import { openText, sealText } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'

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
    seal: (recordingId, password) =>
      Buffer.from(sealText(key, idKey(recordingId), password)).toString('base64'),
    open: (recordingId, sealed) => openText(key, idKey(recordingId), Buffer.from(sealed, 'base64')) ?? '',
  }
}
