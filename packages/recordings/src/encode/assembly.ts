/**
 * One recording being made from its journal while the call goes on: merges what its segments say by time, places it on
 * the two-channel timeline, encodes what is settled, and at the end knows the file and the facts.
 *
 * Feed it the recording's items with `take`, let time pass with `advance`, end it with `finish`. It reads no clock: its
 * time is that of the journal. When a disk error or a bug of ours breaks it, it is thrown away and made again from the
 * journal, which stays until the file is published.
 */
import { type Instant, NEVER } from '@tandem/base'
import { type JournalEntry, type ReadItem, RecordingTimeline } from '@tandem/media'
import type { RecordingGap } from '../catalogue/recording.ts'
import {
  type ClosingFacts,
  type NoteFacts,
  type OpeningFacts,
  parseClosing,
  parseNote,
  parseOpening,
  type RecordingFacts,
} from '../facts.ts'
import type { Mp3Encoder } from '../mp3/mp3-encoder.ts'
import { Mp3File } from '../mp3/mp3-file.ts'
import { UlawFile } from '../ulaw/ulaw-file.ts'
import type { PartForm } from '../vault/part-builder.ts'
import type { PartFormat } from '../vault/part-name.ts'
import type { AudioFile, AudioPart } from './audio-file.ts'

/**
 * How far behind the newest item the encoder stays: the writer's 100 ms and its kin of other workers, the timeline's own
 * 200 ms for packets out of order, and a slow write. What comes later than this is too late for the file.
 */
export const SETTLE_MS = 1_000

/** How much audio is asked of the timeline at a time when a recording ends. */
const STRETCH_MS = 60_000

/** Most notes kept for one recording; a call with more changes than this keeps its first ones. */
export const NOTES_MAX = 10_000

/** A recording whose part is whole; the vault has it synced before it gets its name. */
export interface Assembled extends AudioPart {
  readonly id: string
  readonly facts: RecordingFacts
  readonly format: PartFormat
  /** Whether something is missing because a process or a disk failed. */
  readonly recovered: boolean
  readonly gaps: readonly RecordingGap[]
}

/** What an assembly is made with. */
export interface AssemblyOptions {
  readonly id: string
  readonly partPath: (format: PartFormat) => string
  /** How the part is to be stored; undefined while that cannot be said, because the recording's key is on its way. */
  readonly form: () => PartForm | undefined
  readonly encoder: () => Mp3Encoder
}

type Opening = { readonly facts: OpeningFacts; readonly wallAt: number; readonly instantAt: Instant }
type Timed = { readonly at: Instant; readonly item: ReadItem }
type Closed = Extract<JournalEntry, { kind: 'closed' }>

/** One recording in the making. */
export class Assembly {
  readonly id: string
  readonly #options: AssemblyOptions
  readonly #timeline = new RecordingTimeline()
  readonly #notes: NoteFacts[] = []
  readonly #noteTexts = new Set<string>()
  readonly #gaps: { readonly at: Instant; readonly ms: number }[] = []
  #waiting: Timed[] = []
  #opening: Opening | undefined
  #closed: Closed | undefined
  #beginningLost = false
  #lastAt: Instant = Number.NEGATIVE_INFINITY
  #encodedTo: Instant = Number.NEGATIVE_INFINITY
  #missed = false
  #file: AudioFile | undefined

  constructor(options: AssemblyOptions) {
    this.id = options.id
    this.#options = options
  }

  /**
   * Whether a packet came after its moment had been encoded, because the segment of its worker was written late: the
   * file lacks it, and should be made anew.
   */
  get missedItems(): boolean {
    return this.#missed
  }

  /** Takes one item of this recording, in the order of its segment. */
  take(item: ReadItem): void {
    const at = momentOf(item)
    if (item.kind === 'packet' && at < this.#encodedTo) this.#missed = true
    this.#lastAt = Math.max(this.#lastAt, at)
    if (item.kind === 'opening') this.#open(item)
    else if (item.kind === 'entry') this.#note(item.entry)
    this.#waiting.push({ at, item })
  }

  /** Encodes what is settled, but nothing from `limit` on. */
  advance(limit: Instant): void {
    const opening = this.#opening
    if (opening === undefined || !this.#canWrite(opening)) return
    const upTo = Math.min(limit, this.#lastAt - SETTLE_MS)
    if (upTo <= this.#encodedTo) return
    this.#encodedTo = upTo
    this.#place(upTo)
    const audio = this.#timeline.pull(upTo)
    if (audio !== undefined) this.#write(opening, audio)
  }

  /**
   * Ends the recording: at its closing, or where the journal ends when there is none. `cut` says why nothing more came
   * and stands in the gap that is shown. Returns undefined when the journal holds no readable opening.
   */
  finish(cut: string): Assembled | undefined {
    const opening = this.#opening
    if (opening === undefined) return undefined
    const closed = this.#closed
    this.#place(NEVER)
    const endAt = closed?.at ?? Math.max(this.#timeline.lastDataAt, opening.instantAt)
    // A long silence is given out in stretches: an hour of it at once would take a hundred megabytes.
    for (let upTo = opening.instantAt; upTo < endAt; upTo += STRETCH_MS) {
      const audio = this.#timeline.pull(upTo)
      if (audio !== undefined) this.#write(opening, audio)
    }
    this.#write(opening, this.#timeline.finish(closed?.at))
    const part = this.#part(opening).finish()
    const gaps = this.#shownGaps(opening, endAt, cut)
    const facts = this.#facts(opening, closed)
    const format = formatOf(opening)
    return { id: this.id, facts, format, ...part, recovered: gaps.length > 0, gaps }
  }

  /** The call half that is recorded; undefined before the opening was met. */
  get callId(): string | undefined {
    return this.#opening?.facts.callId
  }

  /** Whether the journal says how the recording ended. */
  get isClosed(): boolean {
    return this.#closed !== undefined
  }

  /** Lets go of the file. The part stays where it is. Safe to call twice. */
  close(): void {
    this.#file?.close()
    this.#file = undefined
  }

  #open(item: Extract<ReadItem, { kind: 'opening' }>): void {
    const { facts: json, wallAt, instantAt, continues } = item.opening
    if (this.#opening !== undefined && (continues || instantAt >= this.#opening.instantAt)) return
    const facts = parseOpening(json, wallAt)
    if (facts === undefined) return
    this.#beginningLost = continues
    this.#opening = { facts, wallAt, instantAt }
  }

  #note(entry: JournalEntry): void {
    if (entry.kind === 'gap') this.#gaps.push({ at: entry.at, ms: entry.ms })
    // Two workers may both say the end; the one that carries facts wins.
    if (entry.kind === 'closed' && entry.facts.length >= (this.#closed?.facts.length ?? 0))
      this.#closed = entry
    if (entry.kind !== 'note' || this.#noteTexts.has(entry.json) || this.#notes.length >= NOTES_MAX) return
    const note = parseNote(entry.json)
    if (note === undefined) return
    this.#noteTexts.add(entry.json)
    this.#notes.push(note)
  }

  /** Moves what happened up to a moment onto the timeline, in the order of time. */
  #place(upTo: Instant): void {
    const due: Timed[] = []
    const rest: Timed[] = []
    for (const timed of this.#waiting) (timed.at <= upTo ? due : rest).push(timed)
    this.#waiting = rest
    due.sort((a, b) => a.at - b.at) // Stable: one segment's own order stands.
    for (const { item } of due) this.#timeline.push(item)
  }

  #canWrite(opening: Opening): boolean {
    return this.#file !== undefined || formatOf(opening) === 'ulaw' || this.#options.form() !== undefined
  }

  #part(opening: Opening): AudioFile {
    this.#file ??= this.#newPart(formatOf(opening))
    return this.#file
  }

  #newPart(format: PartFormat): AudioFile {
    const { partPath, encoder, form } = this.#options
    if (format === 'ulaw') return new UlawFile(partPath(format))
    const known = form()
    // It comes with the question to finish: asked again, it will be there.
    if (known === undefined) throw Object.assign(new Error(`no key for ${this.id} yet`), { code: 'EAGAIN' })
    return new Mp3File(partPath(format), encoder(), known)
  }

  #write(opening: Opening, audio: { readonly left: Int16Array; readonly right: Int16Array }): void {
    if (audio.left.length > 0) this.#part(opening).append(audio.left, audio.right)
  }

  #facts(opening: Opening, closed: Closed | undefined): RecordingFacts {
    const notes = this.#notes.toSorted((a, b) => a.at - b.at)
    if (closed === undefined) return { opening: opening.facts, notes }
    const closing: ClosingFacts = parseClosing(closed.facts, closed.wallAt)
    return { opening: opening.facts, notes, closing }
  }

  #shownGaps(opening: Opening, endAt: Instant, cut: string): RecordingGap[] {
    const wall = (at: Instant): number => Math.round(opening.wallAt + (at - opening.instantAt))
    const gaps: RecordingGap[] = this.#gaps.map(({ at, ms }) => ({
      from: wall(at - ms),
      to: wall(at),
      why: 'the recorder could not keep up',
    }))
    if (this.#beginningLost) {
      gaps.unshift({
        from: opening.facts.startedAt,
        to: opening.wallAt,
        why: 'the beginning of the journal is lost',
      })
    }
    if (this.#closed === undefined) gaps.push({ from: wall(endAt), why: cut })
    return gaps
  }
}

function formatOf(opening: Opening): PartFormat {
  return opening.facts.purpose === 'voicemail' ? 'ulaw' : 'mp3'
}

/** When an item happened, on the clock of the workers. */
export function momentOf(item: ReadItem): Instant {
  switch (item.kind) {
    case 'opening':
      return item.opening.instantAt
    case 'packet':
      return item.arrival
    case 'entry':
      return item.entry.at
  }
}
