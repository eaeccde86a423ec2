/**
 * How the content of a stored file is cut into chunks, each checked as a whole (issue "Vault"): 64 KiB each, the last one
 * shorter. A file whose beginning is written last (an MP3's `Info` frame) has a first chunk of its own for it, the head,
 * so that a writer holds back those few bytes and no more.
 */

/** Content of one chunk: what is read and checked before any byte of it is served. */
export const CHUNK_BYTES: number = 1 << 16

/** The binary logarithm of it, as headers say it. */
export const CHUNK_BITS = 16

/** Chunks of a file at most: their index has 32 bits, which is 256 TiB of content. */
export const CHUNKS_MAX: number = 2 ** 32

/** The chunks of a file of known size. */
export class ChunkPlan {
  readonly sizeBytes: number
  readonly headBytes: number
  /** At least one: an empty file has an empty chunk. */
  readonly count: number

  constructor(sizeBytes: number, headBytes: number) {
    this.sizeBytes = sizeBytes
    this.headBytes = headBytes
    const rest = Math.ceil((sizeBytes - headBytes) / CHUNK_BYTES)
    this.count = headBytes === 0 ? Math.max(1, rest) : 1 + rest
  }

  /** Where a chunk begins in the content. */
  startOf(index: number): number {
    if (this.headBytes === 0) return index * CHUNK_BYTES
    return index === 0 ? 0 : this.headBytes + (index - 1) * CHUNK_BYTES
  }

  /** Where it ends: the position after its last byte. */
  endOf(index: number): number {
    return index === this.count - 1 ? this.sizeBytes : this.startOf(index + 1)
  }

  /** The chunk that holds the byte at `offset`, which lies inside of the content. */
  indexAt(offset: number): number {
    if (this.headBytes === 0) return Math.floor(offset / CHUNK_BYTES)
    return offset < this.headBytes ? 0 : 1 + Math.floor((offset - this.headBytes) / CHUNK_BYTES)
  }

  isLast(index: number): boolean {
    return index === this.count - 1
  }
}
