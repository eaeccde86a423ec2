/**
 * The text of a secret that we give out: a prefix that says what it is, 32 random bytes, and a checksum, so that a typing
 * error or a found string is told apart from a secret of ours without asking the database, and scanners find leaks. At rest
 * there is only its SHA-256 (promise P12).
 *
 *     tdm_ | 43 characters base64url | 6 characters base64url of the CRC-32 of what is before
 */
import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What a secret begins with: bearer tokens, refresh tokens, client secrets. */
export type SecretPrefix = 'tdm_' | 'tdr_' | 'tds_'

const RANDOM_BYTES = 32
const FORM = /^td[mrs]_[A-Za-z0-9_-]{49}$/
const CHECKSUM_CHARS = 6

/** A new token, or another secret. */
export function newTokenText(prefix: SecretPrefix = 'tdm_'): string {
  const body = prefix + randomBytes(RANDOM_BYTES).toString('base64url')
  return body + checksum(body)
}

/** Whether a text has the form and the checksum of a token, or of another secret. */
export function isTokenText(text: string, prefix: SecretPrefix = 'tdm_'): boolean {
  if (!text.startsWith(prefix) || !FORM.test(text)) return false
  return checksum(text.slice(0, -CHECKSUM_CHARS)) === text.slice(-CHECKSUM_CHARS)
}

/** What is stored of a secret, hex. Enough without salt or stretching, since the secret is 256 random bits. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64url')
}
