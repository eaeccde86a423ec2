/**
 * The sealed form of a stored file (docs/decisions/0014): a header, then chunks under AES-256-GCM with a tag each. The key
 * of the file comes from the recording's data key, a salt and the object's name by HKDF-SHA-256; nonce and additional
 * data bind each chunk to its index, to being the last one, to the header and to the object. So chunks cannot be
 * reordered, cut off or moved elsewhere, and every attempt to write a file has a key of its own: no nonce comes twice.
 *
 *   0 'TDMS'   4 version 1   5 bits of the chunk size   6 zero u16   8 head bytes u32   12 zero u32   16 salt, 32 bytes
 *  48 chunk 0: ciphertext, tag of 16 bytes; chunk 1; …
 *
 * Nonce: 1 for the last chunk, else 0; seven zeros; index u32. Additional data: the header, then the object's name.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { CHUNK_BITS, CHUNK_BYTES, ChunkPlan } from './chunk-plan.ts'

/** Bytes before the first chunk. */
export const SEALED_HEADER_BYTES = 48
/** Tag after each chunk, the longest that GCM has. */
export const TAG_BYTES = 16
/** Length of data keys. */
export const DATA_KEY_BYTES = 32

const MAGIC = 0x54444d53 // 'TDMS'
const VERSION = 1
const SALT_AT = 16
const SALT_BYTES = 32
const NONCE_BYTES = 12
const PURPOSE = 'tandem sealed file 1'

/** Seals and opens the chunks of one file. */
export class SealedForm {
  readonly header: Buffer
  readonly headBytes: number
  /** An object, since Node takes 35 µs for each chunk to find out that bytes are none: half as much as to seal it. */
  readonly #key: KeyObject
  readonly #aad: Buffer

  private constructor(header: Buffer, dataKey: Uint8Array, objectName: string) {
    this.header = header
    this.headBytes = header.readUInt32BE(8)
    const salt = header.subarray(SALT_AT, SALT_AT + SALT_BYTES)
    const secret = createSecretKey(dataKey)
    const derived = hkdfSync('sha256', secret, salt, `${PURPOSE}\n${objectName}`, DATA_KEY_BYTES)
    this.#key = createSecretKey(new Uint8Array(derived))
    this.#aad = Buffer.concat([header, Buffer.from(objectName)])
  }

  /** For a new file: with a salt that no other has. */
  static create(dataKey: Uint8Array, objectName: string, headBytes: number): SealedForm {
    const header = Buffer.alloc(SEALED_HEADER_BYTES)
    header.writeUInt32BE(MAGIC, 0)
    header[4] = VERSION
    header[5] = CHUNK_BITS
    header.writeUInt32BE(headBytes, 8)
    randomBytes(SALT_BYTES).copy(header, SALT_AT)
    return new SealedForm(header, dataKey, objectName)
  }

  /** For a file that is there; undefined when this is no header of ours. That it was not altered, the tags prove. */
  static read(header: Uint8Array, dataKey: Uint8Array, objectName: string): SealedForm | undefined {
    if (header.length !== SEALED_HEADER_BYTES) return undefined
    const bytes = Buffer.from(header)
    if (bytes.readUInt32BE(0) !== MAGIC || bytes[4] !== VERSION || bytes[5] !== CHUNK_BITS) return undefined
    return new SealedForm(bytes, dataKey, objectName)
  }

  /** The chunks of a file of this size on disk; undefined when no file of ours can have it. */
  planOf(storedBytes: number): ChunkPlan | undefined {
    const sizeBytes = plainSizeOf(storedBytes, this.headBytes)
    return sizeBytes === undefined ? undefined : new ChunkPlan(sizeBytes, this.headBytes)
  }

  /** Ciphertext and tag of one chunk. */
  seal(index: number, plain: Uint8Array, isLast: boolean): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce(index, isLast))
    cipher.setAAD(this.#aad)
    const sealed = cipher.update(plain)
    cipher.final()
    return Buffer.concat([sealed, cipher.getAuthTag()])
  }

  /** Content of one chunk; undefined when a bit of it is not what was written. */
  open(index: number, stored: Uint8Array, isLast: boolean): Buffer | undefined {
    const end = stored.length - TAG_BYTES
    if (end < 0) return undefined
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce(index, isLast), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(this.#aad)
    decipher.setAuthTag(stored.subarray(end))
    const plain = decipher.update(stored.subarray(0, end))
    try {
      decipher.final()
      return plain
    } catch {
      return undefined // A wrong tag is the answer to a question here, not a failure.
    }
  }
}

/** Where a chunk begins in a sealed file, and how long it is there. */
export function sealedSpan(
  plan: ChunkPlan,
  index: number,
): { readonly start: number; readonly bytes: number } {
  const start = SEALED_HEADER_BYTES + plan.startOf(index) + index * TAG_BYTES
  return { start, bytes: plan.endOf(index) - plan.startOf(index) + TAG_BYTES }
}

function plainSizeOf(storedBytes: number, headBytes: number): number | undefined {
  const body = storedBytes - SEALED_HEADER_BYTES
  const sealedChunk = CHUNK_BYTES + TAG_BYTES
  if (headBytes === 0) {
    const chunks = Math.max(1, Math.ceil(body / sealedChunk))
    const plain = body - chunks * TAG_BYTES
    return plain > (chunks - 1) * CHUNK_BYTES || (chunks === 1 && plain === 0) ? plain : undefined
  }
  const rest = body - headBytes - TAG_BYTES
  const chunks = Math.ceil(rest / sealedChunk)
  const plain = rest - chunks * TAG_BYTES
  if (rest < 0 || (chunks > 0 && plain <= (chunks - 1) * CHUNK_BYTES)) return undefined
  return headBytes + plain
}

function nonce(index: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(NONCE_BYTES)
  bytes[0] = isLast ? 1 : 0
  bytes.writeUInt32BE(index, 8)
  return bytes
}
