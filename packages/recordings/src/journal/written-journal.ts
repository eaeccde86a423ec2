/**
 * A journal segment written on purpose, for tests and benchmarks: calls of two tones in real RTP packets, sealed as the
 * media workers seal them. The format is that of `media`; only the clock is invented, so an hour takes a second.
 */
import { createCipheriv, randomBytes } from 'node:crypto'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  encodeG711,
  encodeSegmentHeader,
  type JournalEntry,
  RecordingJournal,
  type Seal,
  type Side,
  wrapDataKey,
} from '@tandem/media'

const RATE_HZ = 8_000
const PACKET_MS = 20
const PACKET_SAMPLES = (RATE_HZ * PACKET_MS) / 1_000
const HEADER_BYTES = 12
/** Blocks are taken every 100 ms by the real writer. */
const TAKE_MS = 100
const AMPLITUDE = 8_000
/** Both clocks at the beginning of every segment written here. */
export const JOURNAL_EPOCH: { readonly instantAt: number; readonly wallAt: number } = {
  instantAt: 1_000_000,
  wallAt: Date.UTC(2026, 1, 3, 9, 15, 8),
}

const sealPlain: Seal = (key, nonce, aad, plain) => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(aad)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** One recording of a written segment. Moments are milliseconds after the epoch. */
export class WrittenRecording {
  readonly id: string
  readonly #journal: RecordingJournal
  readonly #packet: Uint8Array = new Uint8Array(HEADER_BYTES + PACKET_SAMPLES)
  readonly #tones: readonly [Uint8Array, Uint8Array]
  #sequence = 0

  constructor(id: string, journal: RecordingJournal, tonesHz: readonly [number, number]) {
    this.id = id
    this.#journal = journal
    this.#tones = [toneOf(tonesHz[0]), toneOf(tonesHz[1])]
  }

  /** Adds an entry; `at` counts from the epoch. */
  entry(entry: JournalEntry): this {
    this.#journal.entry({ ...entry, at: JOURNAL_EPOCH.instantAt + entry.at })
    return this
  }

  /** Both sides join with PCMU. */
  join(atMs: number): this {
    for (const side of [0, 1] as const) {
      this.entry({
        kind: 'joined',
        side,
        leg: `leg${side}`,
        codec: 'PCMU',
        payloadType: 0,
        clockRateHz: RATE_HZ,
        at: atMs,
      })
    }
    return this
  }

  /** Both sides talk from one moment to another. Give the blocks to the segment. */
  *talk(fromMs: number, toMs: number): Generator<Uint8Array> {
    for (let at = fromMs; at < toMs; at += PACKET_MS) {
      this.#sequence += 1
      for (const side of [0, 1] as const) this.#send(side, at)
      if (at % TAKE_MS === 0) yield* this.take()
    }
    yield* this.take()
  }

  /** Ends it. */
  close(atMs: number): this {
    const wallAt = JOURNAL_EPOCH.wallAt + atMs
    return this.entry({ kind: 'closed', facts: JSON.stringify({ stoppedAt: wallAt }), at: atMs, wallAt })
  }

  /** What was not taken yet, as a block. */
  *take(): Generator<Uint8Array> {
    const block = this.#journal.take()
    if (block !== undefined) yield block
  }

  #send(side: Side, atMs: number): void {
    const packet = this.#packet
    const view = new DataView(packet.buffer)
    const start = (atMs * RATE_HZ) / 1_000
    packet[0] = 0x80
    packet[1] = 0
    view.setUint16(2, this.#sequence & 0xffff)
    view.setUint32(4, start >>> 0)
    view.setUint32(8, 1_000 + side)
    const tone = this.#tones[side]
    const offset = start % RATE_HZ
    packet.set(tone.subarray(offset, offset + PACKET_SAMPLES), HEADER_BYTES)
    this.#journal.packet(side, 0, JOURNAL_EPOCH.instantAt + atMs, packet, packet.length)
  }
}

/** A segment file being written. */
export class WrittenSegment {
  readonly path: string
  readonly #kek: Uint8Array
  readonly #id: Buffer = randomBytes(16)
  #slots = 0

  constructor(folder: string, kek: Uint8Array) {
    this.#kek = kek
    this.path = join(folder, `${this.#id.toString('hex')}.seg`)
    writeFileSync(this.path, encodeSegmentHeader({ segmentId: this.#id, worker: 0, ...JOURNAL_EPOCH }))
  }

  /** Begins a recording with these facts, at a moment after the epoch. */
  open(
    id: string,
    facts: Readonly<Record<string, unknown>>,
    options: {
      readonly atMs?: number
      readonly tonesHz?: readonly [number, number]
      readonly continues?: boolean
    } = {},
  ): WrittenRecording {
    const { atMs = 0, tonesHz = [440, 1_000], continues = false } = options
    const key = randomBytes(32)
    const journal = new RecordingJournal({
      slot: this.#slots++,
      recordingId: id,
      segmentId: this.#id,
      key,
      wrappedKey: wrapDataKey(sealPlain, this.#kek, randomBytes(12), id, key),
      seal: sealPlain,
    })
    journal.open(
      JSON.stringify(facts),
      JOURNAL_EPOCH.wallAt + atMs,
      JOURNAL_EPOCH.instantAt + atMs,
      continues,
    )
    return new WrittenRecording(id, journal, tonesHz)
  }

  /** Appends blocks. */
  append(blocks: Iterable<Uint8Array>): void {
    appendFileSync(this.path, Buffer.concat([...blocks]))
  }
}

/** One second of a tone of a whole number of hertz as PCMU, repeatable without a click. */
function toneOf(hertz: number): Uint8Array {
  const samples = Int16Array.from({ length: RATE_HZ }, (_, at) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hertz * at) / RATE_HZ)),
  )
  const bytes = new Uint8Array(RATE_HZ)
  encodeG711('PCMU', samples, samples.length, bytes, 0)
  return bytes
}
