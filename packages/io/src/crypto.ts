/**
 * The ciphers and hashes that the sans-IO packages take as parameters, made of `node:crypto`.
 *
 * `nodeCrypto` serves SIP (digest, RFC 7616 and 8760; tags and branches), `seal` and `open` the journal
 * (AES-256-GCM: cipher text, then the 16-byte tag).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  type KeyObject,
  randomFillSync,
} from 'node:crypto'
import type { SipCrypto } from '@tandem/sip'

const TAG_BYTES = 16
/** Randomness is drawn in pages of this size: a system call for each tag costs more than the tag. */
const RANDOM_PAGE_BYTES = 4096

const page = new Uint8Array(RANDOM_PAGE_BYTES)
let used = RANDOM_PAGE_BYTES

function randomBytes(length: number): Uint8Array {
  if (length > RANDOM_PAGE_BYTES) return randomFillSync(new Uint8Array(length))
  if (used + length > RANDOM_PAGE_BYTES) {
    randomFillSync(page)
    used = 0
  }
  const bytes = page.slice(used, used + length)
  page.fill(0, used, used + length) // Handed out once; nothing of it stays behind.
  used += length
  return bytes
}

const keyObjects = new WeakMap<Uint8Array, KeyObject>()

/** The key in Node's own form; making that costs more than the HMAC of a nonce. */
function keyObject(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key)
  if (known !== undefined) return known
  const made = createSecretKey(key)
  keyObjects.set(key, made)
  return made
}

/** Hashes and randomness for `Endpoint` and `Engine`. */
export const nodeCrypto: SipCrypto = {
  hash: (algorithm, text) => hash(algorithm, text, 'hex'),
  hmac: (key, text) => createHmac('sha256', keyObject(key)).update(text).digest('hex'),
  randomBytes,
}

/** 32 random bits. */
export function random32(): number {
  const bytes = randomBytes(4)
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}

/** AES-256-GCM: the cipher text followed by its tag. A nonce must never be used twice with one key. */
export function seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(aad)
  const body = cipher.update(plain)
  cipher.final() // Empty for GCM; it makes the tag ready.
  const sealed = new Uint8Array(body.length + TAG_BYTES)
  sealed.set(body)
  sealed.set(cipher.getAuthTag(), body.length)
  return sealed
}

/** The plain text of what `seal` made; undefined when the key, the nonce, `aad` or a single bit differs. */
export function open(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined
  const end = sealed.length - TAG_BYTES
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(aad)
    decipher.setAuthTag(sealed.subarray(end))
    const plain = decipher.update(sealed.subarray(0, end))
    decipher.final()
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.length)
  } catch {
    return undefined // The one thing a forged or damaged block may cause.
  }
}
