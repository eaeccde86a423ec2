/**
 * Reads a journal segment as it grows: feed it chunks in order, get what they hold in the order it was written.
 *
 * The scan stops for good at the first block that is not whole and true; `damaged` says where and why, and
 * everything before it has been given out. A tail that is merely short is not damage until `finish`. Recordings
 * whose key is gone (erased) are passed over.
 */
import type { JournalEntry, JournalOpening, ReadItem, Side } from './entry.ts'
import {
  BLOCK_HEADER_BYTES,
  BLOCK_MAGIC,
  BLOCK_MORE,
  BLOCK_OPENING,
  blockCrc,
  blockNonce,
  CLEAR_BYTES_MAX,
  decodeSegmentHeader,
  isReadable,
  RECORD_ENTRY,
  RECORD_HEADER_BYTES,
  RECORD_HEADER_BYTES_V1,
  RECORD_OPENING,
  RECORD_PACKET,
  SEALED_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './format.ts'
import { blockAad } from './recording-journal.ts'
import { type Open, TAG_BYTES, WRAPPED_KEY_BYTES } from './seal.ts'
import { decodeUtf8 } from './utf8.ts'

/** Where a scan stopped, and why. */
export interface SegmentDamage {
  readonly offset: number
  readonly why: 'header' | 'magic' | 'length' | 'checksum' | 'order' | 'authentication' | 'content' | 'torn'
}

/** What a reader needs to open blocks. */
export interface SegmentReaderOptions {
  /** The data key of a recording; undefined when it may not or cannot be read any more. */
  readonly keyFor: (recordingId: string, wrappedKey: Uint8Array) => Uint8Array | undefined
  readonly open: Open
}

type Slot = { readonly recordingId: string; readonly key: Uint8Array | undefined; sequence: number }

/** Reads one segment. */
export class SegmentReader {
  readonly #options: SegmentReaderOptions
  readonly #slots = new Map<number, Slot>()
  #pending: Uint8Array = new Uint8Array(0)
  #header: SegmentHeader | undefined
  #damaged: SegmentDamage | undefined
  #offset = 0

  constructor(options: SegmentReaderOptions) {
    this.#options = options
  }

  /** What the segment says of itself; undefined before its first 48 bytes came. */
  get header(): SegmentHeader | undefined {
    return this.#header
  }

  /** Where the scan stopped for good; undefined while all is well. */
  get damaged(): SegmentDamage | undefined {
    return this.#damaged
  }

  /** Bytes consumed: the end of the last whole block. */
  get offset(): number {
    return this.#offset
  }

  /** Takes the next bytes of the file. */
  push(chunk: Uint8Array): ReadItem[] {
    const items: ReadItem[] = []
    if (this.#damaged !== undefined) return items
    const bytes = this.#join(chunk)
    let position = 0
    while (this.#damaged === undefined) {
      const size =
        this.#header === undefined ? this.#readHeader(bytes) : this.#readBlock(bytes, position, items)
      if (size === 0) break
      position += size
      this.#offset += size
    }
    // What stays is copied: the caller may use its buffer again. (`slice` would not copy one of Node's buffers.)
    this.#pending = this.#damaged === undefined ? new Uint8Array(bytes.subarray(position)) : new Uint8Array(0)
    return items
  }

  /** Says that no more bytes will come: a block cut short is then reported as torn. */
  finish(): SegmentDamage | undefined {
    if (this.#damaged === undefined && (this.#pending.length > 0 || this.#header === undefined))
      this.#fail('torn')
    return this.#damaged
  }

  #join(chunk: Uint8Array): Uint8Array {
    if (this.#pending.length === 0) return chunk
    const joined = new Uint8Array(this.#pending.length + chunk.length)
    joined.set(this.#pending)
    joined.set(chunk, this.#pending.length)
    return joined
  }

  #fail(why: SegmentDamage['why']): 0 {
    this.#damaged = { offset: this.#offset, why }
    return 0
  }

  #readHeader(bytes: Uint8Array): number {
    if (bytes.length < SEGMENT_HEADER_BYTES) return 0
    this.#header = decodeSegmentHeader(bytes)
    return this.#header === undefined ? this.#fail('header') : SEGMENT_HEADER_BYTES
  }

  /** Reads the block at `position`. Returns its size, or 0 when it is not there whole or not sound. */
  #readBlock(bytes: Uint8Array, position: number, items: ReadItem[]): number {
    const left = bytes.length - position
    if (left < BLOCK_HEADER_BYTES) return 0
    const view = new DataView(bytes.buffer, bytes.byteOffset + position, left)
    const kind = view.getUint8(5)
    const version = view.getUint8(4)
    if (view.getUint32(0) !== BLOCK_MAGIC || !isReadable(version)) return this.#fail('magic')
    if (kind !== BLOCK_OPENING && kind !== BLOCK_MORE) return this.#fail('magic')
    const clearBytes = view.getUint16(6)
    const sealedBytes = view.getUint32(16)
    if (clearBytes > CLEAR_BYTES_MAX || sealedBytes > SEALED_BYTES_MAX || sealedBytes < TAG_BYTES) {
      return this.#fail('length')
    }
    const size = BLOCK_HEADER_BYTES + clearBytes + sealedBytes
    if (left < size) return 0
    if (view.getUint32(20) !== blockCrc(bytes, position, position + size)) return this.#fail('checksum')
    const block = bytes.subarray(position, position + size)
    const slot = this.#slotOf(block, kind, view.getUint32(8), view.getUint32(12), clearBytes)
    if (slot === undefined) return this.#fail('order')
    if (slot.key === undefined) return size
    const plain = this.#open(slot.key, block, clearBytes, view.getUint32(8), view.getUint32(12))
    if (plain === undefined) return this.#fail('authentication')
    if (!readRecords(plain, version, slot.recordingId, items)) return this.#fail('content')
    return size
  }

  /** The recording that a block belongs to; undefined when blocks are missing, repeated or out of order. */
  #slotOf(
    block: Uint8Array,
    kind: number,
    number: number,
    sequence: number,
    clearBytes: number,
  ): Slot | undefined {
    const known = this.#slots.get(number)
    if (kind === BLOCK_MORE) {
      if (known === undefined || sequence !== known.sequence + 1) return undefined
      known.sequence = sequence
      return known
    }
    if (known !== undefined || sequence !== 0 || clearBytes <= WRAPPED_KEY_BYTES) return undefined
    const wrapped = new Uint8Array(block.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + WRAPPED_KEY_BYTES))
    const idStart = BLOCK_HEADER_BYTES + WRAPPED_KEY_BYTES
    const recordingId = decodeUtf8(block.subarray(idStart, BLOCK_HEADER_BYTES + clearBytes))
    const slot: Slot = { recordingId, key: this.#options.keyFor(recordingId, wrapped), sequence }
    this.#slots.set(number, slot)
    return slot
  }

  #open(
    key: Uint8Array,
    block: Uint8Array,
    clearBytes: number,
    slot: number,
    sequence: number,
  ): Uint8Array | undefined {
    const segmentId = this.#header?.segmentId
    if (segmentId === undefined) return undefined
    const nonce = blockNonce(segmentId, slot, sequence)
    return this.#options.open(
      key,
      nonce,
      blockAad(block, clearBytes),
      block.subarray(BLOCK_HEADER_BYTES + clearBytes),
    )
  }
}

/** Takes the records of one block apart; false when they are not what we write. */
function readRecords(plain: Uint8Array, version: number, recordingId: string, items: ReadItem[]): boolean {
  const headerBytes = version === 1 ? RECORD_HEADER_BYTES_V1 : RECORD_HEADER_BYTES
  const view = new DataView(plain.buffer, plain.byteOffset, plain.length)
  let at = 0
  while (at < plain.length) {
    if (at + headerBytes > plain.length) return false
    const kind = view.getUint8(at)
    const side: Side = view.getUint8(at + 1) === 0 ? 0 : 1
    const stream = version === 1 ? 0 : view.getUint32(at + 2)
    const start = at + headerBytes
    const end = start + view.getUint32(start - 4)
    if (end > plain.length) return false
    if (kind === RECORD_PACKET) {
      if (end - start < 8) return false
      const packet = plain.subarray(start + 8, end)
      items.push({ kind: 'packet', recordingId, side, stream, arrival: view.getFloat64(start), packet })
    } else {
      const value = parseObject(decodeUtf8(plain.subarray(start, end)))
      if (value === undefined) return false
      // The tag has proved that we wrote this JSON ourselves, from these very types.
      if (kind === RECORD_OPENING)
        items.push({ kind: 'opening', recordingId, opening: value as JournalOpening })
      else if (kind === RECORD_ENTRY) items.push({ kind: 'entry', recordingId, entry: value as JournalEntry })
      else return false
    }
    at = end
  }
  return true
}

function parseObject(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
