/**
 * Hides media that waits to be imported: AES-256 in counter mode (NIST SP 800-38A §6.5) under a key of each part's own,
 * so that a stolen disk shows no sound of an upload that is not finished, and any place of it can be read and appended
 * to. It protects nothing against change: that is what the hash of the whole file is for.
 */
import { createCipheriv, hkdfSync } from 'node:crypto'

const BLOCK_BYTES = 16

/** Hides and shows one part. */
export interface PartMask {
  /** Names the key without telling it: a part under another key is not taken for ours. */
  readonly fingerprint: string
  /** The bytes that stand at `offset`, hidden when they were shown and shown when they were hidden. */
  apply(bytes: Uint8Array, offset: number): Uint8Array
}

/** The mask of one part, from a secret of 32 bytes that outlives restarts. */
export function partMask(secret: Uint8Array, partId: string): PartMask {
  const derived = Buffer.from(hkdfSync('sha256', secret, partId, 'part of an import', 36))
  const key = derived.subarray(0, 32)
  return {
    fingerprint: derived.subarray(32).toString('hex'),
    apply(bytes, offset) {
      const counter = Buffer.alloc(BLOCK_BYTES)
      counter.writeBigUInt64BE(BigInt(Math.floor(offset / BLOCK_BYTES)), BLOCK_BYTES - 8)
      const cipher = createCipheriv('aes-256-ctr', key, counter)
      const into = offset % BLOCK_BYTES
      if (into > 0) cipher.update(Buffer.alloc(into))
      return cipher.update(bytes)
    },
  }
}
