/**
 * One segment file followed as it grows. Each `read` gives what was appended since the last one, a chunk at a time so
 * that a large segment does not stand in memory. Synchronous: it lives in an encoding thread.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { type Open, type ReadItem, type SegmentDamage, SegmentReader, unwrapDataKey } from '@tandem/media'

/** Bytes read from the file at a time. */
const CHUNK_BYTES = 1 << 18

/** One for the thread: segments are read one after another, and a reader copies what it keeps. */
const buffer = new Uint8Array(CHUNK_BYTES)

/** How to open the recordings of a segment. */
export interface SegmentKeys {
  readonly kek: Uint8Array
  readonly open: Open
  /** Whether this recording is wanted; called once for each opening of it. */
  readonly wants: (recordingId: string) => boolean
}

/** A segment from its beginning to as far as it goes. */
export class SegmentTail {
  readonly path: string
  readonly #reader: SegmentReader
  readonly #ids = new Set<string>()
  readonly #unreadable = new Set<string>()
  #position = 0

  constructor(path: string, keys: SegmentKeys) {
    this.path = path
    this.#reader = new SegmentReader({
      open: keys.open,
      keyFor: (recordingId, wrapped) => {
        this.#ids.add(recordingId)
        if (!keys.wants(recordingId)) return undefined
        const key = unwrapDataKey(keys.open, keys.kek, recordingId, wrapped)
        if (key === undefined) this.#unreadable.add(recordingId)
        return key
      },
    })
  }

  /** Every recording that has an opening in what was read so far. */
  get ids(): ReadonlySet<string> {
    return this.#ids
  }

  /** Those whose key cannot be opened with our key-encryption key. */
  get unreadable(): ReadonlySet<string> {
    return this.#unreadable
  }

  /** Where reading stopped for good; a tail that is merely short is not damage. */
  get damaged(): SegmentDamage | undefined {
    return this.#reader.damaged
  }

  /** Whether a whole header was read. */
  get hasHeader(): boolean {
    return this.#reader.header !== undefined
  }

  /** Hands what is new to `take`; returns whether there was anything. */
  read(take: (items: readonly ReadItem[]) => void): boolean {
    const fd = openSync(this.path, 'r')
    const before = this.#position
    try {
      for (;;) {
        const bytes = readSync(fd, buffer, 0, buffer.length, this.#position)
        if (bytes === 0) return this.#position > before
        this.#position += bytes
        const items = this.#reader.push(buffer.subarray(0, bytes))
        if (items.length > 0) take(items)
      }
    } finally {
      closeSync(fd)
    }
  }
}
