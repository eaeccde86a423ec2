/**
 * The hashed form of a stored file, with encryption off (docs/decisions/0014): the plain file, and beside it under
 * `<key>.chunks` the SHA-256 of every chunk, so that a stretch can be checked without the rest. The list names the hash of
 * the whole, which must be that of the catalogue's row, and ends with a hash of itself and the object's name.
 *
 *   0 'TDMH'   4 version 1   5 bits of the chunk size   6 zero u16   8 head bytes u32   12 zero u32   16 size u64
 *  24 SHA-256 of the whole   56 SHA-256 of chunk 0; of chunk 1; …   then SHA-256 of all before and the object's name
 *
 * It finds rot, not malice: who can write the folder can write both. Manifests are for that (promise P17).
 */
import { hash } from 'node:crypto'
import { CHUNK_BITS, ChunkPlan } from './chunk-plan.ts'

/** How the names of lists end. */
export const LIST_SUFFIX = '.chunks'

const MAGIC = 0x54444d48 // 'TDMH'
const VERSION = 1
const WHOLE_AT = 24
const HASHES_AT = 56
const HASH_BYTES = 32

/** The list of one file. */
export class ChunkList {
  readonly plan: ChunkPlan
  /** Of the whole content, lower-case hex. */
  readonly sha256: string
  readonly #bytes: Buffer

  private constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.plan = new ChunkPlan(Number(bytes.readBigUInt64BE(16)), bytes.readUInt32BE(8))
    this.sha256 = bytes.toString('hex', WHOLE_AT, HASHES_AT)
  }

  /** The bytes of the list of a new file. */
  static write(of: {
    readonly objectName: string
    readonly plan: ChunkPlan
    readonly sha256: string
    readonly hashes: readonly Uint8Array[]
  }): Buffer {
    const header = Buffer.alloc(HASHES_AT)
    header.writeUInt32BE(MAGIC, 0)
    header[4] = VERSION
    header[5] = CHUNK_BITS
    header.writeUInt32BE(of.plan.headBytes, 8)
    header.writeBigUInt64BE(BigInt(of.plan.sizeBytes), 16)
    header.write(of.sha256, WHOLE_AT, 'hex')
    const body = Buffer.concat([header, ...of.hashes])
    return Buffer.concat([body, ownHash(body, of.objectName)])
  }

  /** Reads a list; undefined when a bit of it is not what was written, or it is another object's. */
  static read(bytes: Buffer, objectName: string): ChunkList | undefined {
    const end = bytes.length - HASH_BYTES
    if (end < HASHES_AT + HASH_BYTES) return undefined
    if (!ownHash(bytes.subarray(0, end), objectName).equals(bytes.subarray(end))) return undefined
    if (bytes.readUInt32BE(0) !== MAGIC || bytes[4] !== VERSION || bytes[5] !== CHUNK_BITS) return undefined
    const list = new ChunkList(bytes)
    return list.plan.count * HASH_BYTES === end - HASHES_AT ? list : undefined
  }

  /** Whether this is the content of a chunk. */
  matches(index: number, plain: Uint8Array): boolean {
    const at = HASHES_AT + index * HASH_BYTES
    return hash('sha256', plain, 'buffer').equals(this.#bytes.subarray(at, at + HASH_BYTES))
  }
}

function ownHash(body: Uint8Array, objectName: string): Buffer {
  return hash('sha256', Buffer.concat([body, Buffer.from(objectName)]), 'buffer')
}
