/**
 * One recording's part of a segment: gathers packets and entries, and seals them into a block when asked.
 *
 * `open` first, then `packet` and `entry`, and `take` every 100 ms. While paused, packets are not kept at all
 * (promises.md P18). The buffer is bounded: if nobody takes, packets are lost and a `gap` entry says so.
 */
import { assert, type Instant, type WallTime } from '@tandem/base'
import { writeUint32 } from '../rtp/rtp-packet.ts'
import type { JournalEntry, JournalOpening, Side } from './entry.ts'
import {
  BLOCK_AAD_BYTES,
  BLOCK_HEADER_BYTES,
  BLOCK_MAGIC,
  BLOCK_MORE,
  BLOCK_OPENING,
  blockCrc,
  blockNonce,
  JOURNAL_VERSION,
  RECORD_ENTRY,
  RECORD_HEADER_BYTES,
  RECORD_OPENING,
  RECORD_PACKET,
} from './format.ts'
import { type Seal, WRAPPED_KEY_BYTES } from './seal.ts'
import { encodeUtf8 } from './utf8.ts'

/** Packets kept between two takes, per recording: over a minute of two G.711 sides. */
export const BUFFER_BYTES_MAX: number = 1024 * 1024
/** Longest JSON of one entry; the engine's facts are a few kilobytes. */
export const ENTRY_BYTES_MAX: number = 64 * 1024
/** Room for entries beyond the packets' bound, so that what is not audio is still kept when packets are not. */
const ENTRY_ROOM_BYTES_MAX = 2 * 1024 * 1024
const BUFFER_BYTES_FIRST = 8 * 1024

/** What a recording's journal is made of. */
export interface RecordingJournalOptions {
  /** The recording's number in its segment, never used twice there. */
  readonly slot: number
  readonly recordingId: string
  readonly segmentId: Uint8Array
  /** The data key in the clear. */
  readonly key: Uint8Array
  readonly wrappedKey: Uint8Array
  readonly seal: Seal
}

type Joined = Extract<JournalEntry, { kind: 'joined' }>

/** Seals what one recording has to say into blocks of one segment. */
export class RecordingJournal {
  readonly #options: RecordingJournalOptions
  readonly #joined = new Map<string, Joined>()
  #facts = ''
  #buffer = new Uint8Array(BUFFER_BYTES_FIRST)
  #view = new DataView(this.#buffer.buffer)
  #length = 0
  #opened = false
  #openingTaken = false
  #sequence = 0
  #pausedAt: Instant | undefined
  #lostFrom: Instant | undefined
  #lostTo: Instant = 0

  constructor(options: RecordingJournalOptions) {
    assert(options.wrappedKey.length === WRAPPED_KEY_BYTES, 'a wrapped key has 60 bytes')
    this.#options = options
  }

  /** The recording's id. */
  get recordingId(): string {
    return this.#options.recordingId
  }

  /** Whether packets are left out at present. */
  get paused(): boolean {
    return this.#pausedAt !== undefined
  }

  /** Bytes that wait for the next `take`. */
  get pendingBytes(): number {
    return this.#length
  }

  /** Begins the recording in this segment; call it once, before anything else. `facts` is JSON. */
  open(facts: string, wallAt: WallTime, instantAt: Instant, continues: boolean): void {
    assert(!this.#opened, 'a journal is opened once')
    this.#opened = true
    this.#facts = facts
    const opening: JournalOpening = { facts, wallAt, instantAt, continues }
    this.#text(RECORD_OPENING, JSON.stringify(opening))
  }

  /** Keeps one packet as received, of one stream of a side. Returns false when it was left out: paused, or the buffer is full. */
  packet(side: Side, stream: number, arrival: Instant, packet: Uint8Array, length: number): boolean {
    assert(this.#opened, 'a journal is opened before it takes packets')
    if (this.#pausedAt !== undefined) return false
    const needed = RECORD_HEADER_BYTES + 8 + length
    if (this.#length + needed > BUFFER_BYTES_MAX) {
      this.#lostFrom ??= arrival
      this.#lostTo = arrival
      return false
    }
    this.#reserve(needed)
    this.#header(RECORD_PACKET, side, stream, 8 + length)
    this.#view.setFloat64(this.#length, arrival)
    const at = this.#length + 8
    for (let index = 0; index < length; index++) this.#buffer[at + index] = packet[index] as number
    this.#length = at + length
    return true
  }

  /** Keeps one entry. Returns false when it is too long to keep. */
  entry(entry: JournalEntry): boolean {
    assert(this.#opened, 'a journal is opened before it takes entries')
    if (entry.kind === 'joined') this.#joined.set(`${entry.side} ${entry.leg}`, entry)
    if (entry.kind === 'left') this.#joined.delete(`${entry.side} ${entry.leg}`)
    if (entry.kind === 'pause') this.#pausedAt ??= entry.at
    if (entry.kind === 'resume') this.#pausedAt = undefined
    return this.#text(RECORD_ENTRY, JSON.stringify(entry))
  }

  /** One sealed block with everything since the last take; undefined when there was nothing. */
  take(): Uint8Array | undefined {
    if (this.#lostFrom !== undefined) {
      const ms = this.#lostTo - this.#lostFrom + 20 // The last packet lost had a length of its own.
      this.#lostFrom = undefined
      this.#text(RECORD_ENTRY, JSON.stringify({ kind: 'gap', at: this.#lostTo, ms }))
    }
    if (this.#length === 0) return undefined
    const block = this.#seal(this.#buffer.subarray(0, this.#length))
    this.#length = 0
    this.#openingTaken = true
    this.#sequence += 1
    return block
  }

  /**
   * The same recording in the next segment: opened as continued, with the streams that are joined and the pause
   * that holds said again. Take the last block of this one first.
   */
  continueIn(options: {
    readonly slot: number
    readonly segmentId: Uint8Array
    readonly wallAt: WallTime
    readonly instantAt: Instant
  }): RecordingJournal {
    const next = new RecordingJournal({ ...this.#options, slot: options.slot, segmentId: options.segmentId })
    next.open(this.#facts, options.wallAt, options.instantAt, true)
    for (const joined of this.#joined.values()) next.entry(joined)
    if (this.#pausedAt !== undefined) next.entry({ kind: 'pause', at: this.#pausedAt })
    return next
  }

  #text(kind: number, json: string): boolean {
    const bytes = encodeUtf8(json)
    if (bytes.length > ENTRY_BYTES_MAX) return false
    const needed = RECORD_HEADER_BYTES + bytes.length
    if (this.#length + needed > ENTRY_ROOM_BYTES_MAX) return false
    this.#reserve(needed)
    this.#header(kind, 0, 0, bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
    return true
  }

  #header(kind: number, side: number, stream: number, length: number): void {
    this.#buffer[this.#length] = kind
    this.#buffer[this.#length + 1] = side
    writeUint32(this.#buffer, this.#length + 2, stream)
    writeUint32(this.#buffer, this.#length + 6, length)
    this.#length += RECORD_HEADER_BYTES
  }

  #reserve(needed: number): void {
    if (this.#length + needed <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(2 * this.#buffer.length, this.#length + needed))
    grown.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = grown
    this.#view = new DataView(grown.buffer)
  }

  #seal(plain: Uint8Array): Uint8Array {
    const { slot, segmentId, key, seal } = this.#options
    const clear = this.#openingTaken ? new Uint8Array(0) : this.#clearPart()
    const sealedBytes = plain.length + 16
    const block = new Uint8Array(BLOCK_HEADER_BYTES + clear.length + sealedBytes)
    const view = new DataView(block.buffer)
    view.setUint32(0, BLOCK_MAGIC)
    block[4] = JOURNAL_VERSION
    block[5] = this.#openingTaken ? BLOCK_MORE : BLOCK_OPENING
    view.setUint16(6, clear.length)
    view.setUint32(8, slot)
    view.setUint32(12, this.#sequence)
    view.setUint32(16, sealedBytes)
    block.set(clear, BLOCK_HEADER_BYTES)
    const sealed = seal(
      key,
      blockNonce(segmentId, slot, this.#sequence),
      blockAad(block, clear.length),
      plain,
    )
    assert(sealed.length === sealedBytes, 'sealing adds a 16-byte tag and nothing else')
    block.set(sealed, BLOCK_HEADER_BYTES + clear.length)
    view.setUint32(BLOCK_AAD_BYTES, blockCrc(block, 0, block.length))
    return block
  }

  #clearPart(): Uint8Array {
    const id = encodeUtf8(this.#options.recordingId)
    const clear = new Uint8Array(WRAPPED_KEY_BYTES + id.length)
    clear.set(this.#options.wrappedKey)
    clear.set(id, WRAPPED_KEY_BYTES)
    return clear
  }
}

/** What a block's tag vouches for beside its content: the header up to the CRC, and the clear part. */
export function blockAad(block: Uint8Array, clearBytes: number): Uint8Array {
  const aad = new Uint8Array(BLOCK_AAD_BYTES + clearBytes)
  aad.set(block.subarray(0, BLOCK_AAD_BYTES))
  aad.set(block.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + clearBytes), BLOCK_AAD_BYTES)
  return aad
}
