/**
 * The journal of one media worker: all its recordings interleaved in one segment file at a time (design, "The way
 * of a call"; format in `media`).
 *
 * Packets and entries only touch memory. Every `FLUSH_MS` what came of a recording goes to the kernel, every `SYNC_MS`
 * to the disk; `recordingOpened` and `recordingClosed` are said once their block is on disk (R1). If the
 * disk refuses, every recording of that segment fails at once and later ones try a new segment (R4).
 */
import type { Instant, Logger, WallTime } from '@tandem/base'
import {
  encodeSegmentHeader,
  type JournalEntry,
  type JournalSink,
  type MediaEvent,
  type RecordingId,
  RecordingJournal,
  type Seal,
} from '@tandem/media'
import type { JournalFolder } from './journal-folder.ts'
import { Segment } from './segment.ts'

/** How often what was heard goes to the kernel: with the write itself it bounds the loss of a killed process (P3). */
export const FLUSH_MS = 100
/**
 * Recordings take turns in that time. Sealing all of them at once would hold up the packets of two hundred calls for
 * some fifteen milliseconds; a tenth of them at a time is not felt.
 */
export const FLUSH_TURNS = 10
/** How often it goes to the disk: it bounds the loss of a power cut. */
export const SYNC_MS = 500
/** A segment ends at this size, so that it can go when its recordings are published. */
export const SEGMENT_BYTES_MAX: number = 64 << 20
/** A segment ends at this age, so that one long call does not hold back many short ones. */
export const SEGMENT_MS_MAX = 600_000
/** Recordings at once in one worker: slots are 16 bits wide. */
export const RECORDINGS_MAX = 4_096
/** Slots of one segment, none used twice in it. */
const SLOTS_MAX = 65_535

/** A recording to begin, or to continue in this worker. */
export interface OpenOrder {
  readonly recording: RecordingId
  readonly facts: string
  readonly wallAt: WallTime
  readonly instantAt: Instant
  readonly key: Uint8Array
  readonly wrappedKey: Uint8Array
  /** Whether another worker's segment holds the beginning. */
  readonly continues: boolean
}

/** What a writer is made with. */
export interface JournalWriterOptions {
  readonly folder: JournalFolder
  readonly worker: number
  readonly clock: () => Instant
  readonly wallOffsetMs: number
  readonly seal: Seal
  readonly randomBytes: (length: number) => Uint8Array
  readonly onEvent: (event: MediaEvent) => void
  /** A segment will never be written again; it may go once all its recordings are published. */
  readonly onRetired: (segmentName: string) => void
  readonly logger: Logger
  readonly limits?: { readonly segmentBytesMax?: number; readonly segmentMsMax?: number }
}

/** One open recording. */
interface Live {
  readonly order: OpenOrder
  /** Its turn among the `FLUSH_TURNS`. */
  readonly turn: number
  journal: RecordingJournal
}

/** A segment with the recordings that still depend on it: open ones, and closed ones whose end is not on disk yet. */
interface Shelf {
  readonly segment: Segment
  readonly dependents: Set<RecordingId>
  slots: number
}

/** The writer. Drive it with `flushTurn` every `FLUSH_MS / FLUSH_TURNS` and `sync` every `SYNC_MS`. */
export class JournalWriter implements JournalSink {
  readonly #options: JournalWriterOptions
  readonly #live = new Map<RecordingId, Live>()
  readonly #shelves = new Set<Shelf>()
  readonly #turns: readonly Set<Live>[] = Array.from({ length: FLUSH_TURNS }, () => new Set<Live>())
  #turn = 0
  #shelf: Shelf | undefined

  constructor(options: JournalWriterOptions) {
    this.#options = options
  }

  /** Recordings open now. */
  get recordings(): number {
    return this.#live.size
  }

  /** Begins a recording; `recordingOpened` or `recordingFailed` follows. */
  open(order: OpenOrder): void {
    const id = order.recording
    if (this.#live.has(id)) return
    if (this.#live.size >= RECORDINGS_MAX) {
      this.#options.onEvent({ kind: 'recordingFailed', recording: id, why: 'too many recordings at once' })
      return
    }
    const shelf = this.#current()
    const turn = this.#emptiestTurn()
    const live: Live = { order, turn, journal: this.#journalIn(shelf, order) }
    this.#live.set(id, live)
    this.#turns[turn]?.add(live)
    shelf.dependents.add(id)
    this.#write(live, shelf)
    shelf.segment.whenSynced(() => this.#options.onEvent({ kind: 'recordingOpened', recording: id }))
  }

  /** A packet of a stream of one side. What arrives while the recording is paused leaves no trace: the journal sees to it (P18). */
  packet(
    recording: string,
    side: 0 | 1,
    stream: number,
    arrival: Instant,
    packet: Uint8Array,
    length: number,
  ): void {
    this.#live.get(recording)?.journal.packet(side, stream, arrival, packet, length)
  }

  /** Something that happened to a recording. */
  entry(recording: string, entry: JournalEntry): void {
    this.#live.get(recording)?.journal.entry(entry)
  }

  /** Ends a recording; `recordingClosed` follows once its end is on disk. */
  close(recording: RecordingId, facts: string, wallAt: WallTime): void {
    const live = this.#live.get(recording)
    const shelf = this.#shelf
    if (live === undefined || shelf === undefined) return
    live.journal.entry({ kind: 'closed', facts, at: wallAt - this.#options.wallOffsetMs, wallAt })
    this.#write(live, shelf)
    this.#forget(recording)
    shelf.segment.whenSynced(() => {
      shelf.dependents.delete(recording)
      this.#options.onEvent({ kind: 'recordingClosed', recording })
    })
    if (this.#live.size === 0) this.#retire()
  }

  /** Forgets a recording without an end, because another worker's part of it has failed. */
  abandon(recording: RecordingId): void {
    if (!this.#forget(recording)) return
    this.#shelf?.dependents.delete(recording)
    if (this.#live.size === 0) this.#retire()
  }

  /** Hands what the recordings whose turn it is have heard since their last turn to the kernel. */
  flushTurn(): void {
    this.#turn = (this.#turn + 1) % FLUSH_TURNS
    const shelf = this.#shelf
    if (shelf === undefined) return
    for (const live of this.#turns[this.#turn] ?? []) this.#take(live, shelf)
    shelf.segment.flush()
    if (this.#isFull(shelf)) this.#continueInNew()
  }

  /** Hands everything heard since the last time to the kernel, of all recordings at once. */
  flush(): void {
    const shelf = this.#shelf
    if (shelf === undefined) return
    for (const live of this.#live.values()) this.#take(live, shelf)
    shelf.segment.flush()
    if (this.#isFull(shelf)) this.#continueInNew()
  }

  /** Has everything written go to the disk. */
  sync(): void {
    this.#shelf?.segment.sync()
  }

  /** Writes and syncs all there is, and closes the files. Open recordings stay without an end. */
  async finish(): Promise<void> {
    this.flush()
    this.#retire()
    await Promise.all(Array.from(this.#shelves, (shelf) => shelf.segment.end()))
  }

  #emptiestTurn(): number {
    let emptiest = 0
    for (const [turn, lives] of this.#turns.entries()) {
      if (lives.size < (this.#turns[emptiest]?.size ?? 0)) emptiest = turn
    }
    return emptiest
  }

  #forget(recording: RecordingId): boolean {
    const live = this.#live.get(recording)
    if (live === undefined) return false
    this.#turns[live.turn]?.delete(live)
    return this.#live.delete(recording)
  }

  #take(live: Live, shelf: Shelf): void {
    const block = live.journal.take()
    if (block !== undefined) shelf.segment.append(block)
  }

  #write(live: Live, shelf: Shelf): void {
    this.#take(live, shelf)
    shelf.segment.flush()
  }

  #journalIn(shelf: Shelf, order: OpenOrder): RecordingJournal {
    const journal = new RecordingJournal({
      slot: shelf.slots++,
      recordingId: order.recording,
      segmentId: shelf.segment.id,
      key: order.key,
      wrappedKey: order.wrappedKey,
      seal: this.#options.seal,
    })
    journal.open(order.facts, order.wallAt, order.instantAt, order.continues)
    return journal
  }

  #current(): Shelf {
    if (this.#shelf !== undefined && this.#isFull(this.#shelf)) this.#continueInNew()
    this.#shelf ??= this.#newShelf()
    return this.#shelf
  }

  #isFull(shelf: Shelf): boolean {
    const { segmentBytesMax = SEGMENT_BYTES_MAX, segmentMsMax = SEGMENT_MS_MAX } = this.#options.limits ?? {}
    return (
      shelf.segment.sizeBytes >= segmentBytesMax ||
      this.#options.clock() - shelf.segment.openedAt >= segmentMsMax ||
      shelf.slots >= SLOTS_MAX
    )
  }

  #continueInNew(): void {
    const old = this.#shelf
    if (old !== undefined) for (const live of this.#live.values()) this.#take(live, old)
    this.#retire()
    if (this.#live.size === 0) return
    const shelf = this.#newShelf()
    this.#shelf = shelf
    for (const [id, live] of this.#live) {
      const { wallAt, instantAt } = live.order
      const slot = shelf.slots++
      live.journal = live.journal.continueIn({ slot, segmentId: shelf.segment.id, wallAt, instantAt })
      shelf.dependents.add(id)
      this.#write(live, shelf)
    }
  }

  #retire(): void {
    const shelf = this.#shelf
    if (shelf === undefined) return
    this.#shelf = undefined
    void shelf.segment.end().then(() => {
      // A failed segment is the reader's as well: what is whole in it can be recovered.
      this.#shelves.delete(shelf)
      this.#options.onRetired(shelf.segment.name)
    })
  }

  #newShelf(): Shelf {
    const { folder, randomBytes, worker, clock, wallOffsetMs } = this.#options
    const id = randomBytes(16)
    const name = `${Buffer.from(id).toString('hex')}.seg`
    const openedAt = clock()
    const header = encodeSegmentHeader({
      segmentId: id,
      worker,
      wallAt: openedAt + wallOffsetMs,
      instantAt: openedAt,
    })
    const dependents = new Set<RecordingId>()
    const segment = new Segment({
      name,
      id,
      openedAt,
      file: folder.create(name, header),
      onFailed: (why) => this.#failed(shelf, why),
    })
    const shelf: Shelf = { segment, dependents, slots: 0 }
    this.#shelves.add(shelf)
    return shelf
  }

  #failed(shelf: Shelf, why: string): void {
    const { logger, onEvent, onRetired } = this.#options
    logger.error('A journal segment has failed; its recordings end here and later ones get a new segment', {
      segment: shelf.segment.name,
      recordings: shelf.dependents.size,
      why,
    })
    const wasCurrent = this.#shelf === shelf
    if (wasCurrent) this.#shelf = undefined
    this.#shelves.delete(shelf)
    for (const id of shelf.dependents) {
      this.#forget(id)
      for (const other of this.#shelves) other.dependents.delete(id) // Said once, however many segments it spans.
      onEvent({ kind: 'recordingFailed', recording: id, why })
    }
    shelf.dependents.clear()
    if (wasCurrent) onRetired(shelf.segment.name)
  }
}
