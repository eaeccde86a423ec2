/**
 * Turns the journal of one recording into two channels of 8 kHz PCM, while the call goes on.
 *
 * Push items of one or several segments, roughly in order of arrival; pull as time passes; finish once. Left and
 * right are always equally long, and in all as long as the recording less its pauses. A sample is given out 200 ms
 * after its time, so that late packets and the other worker's segment can still be heard.
 */
import { assert, type Instant, NEVER } from '@tandem/base'
import { G711_RATE_HZ } from '../g711/g711.ts'
import type { JournalEntry, JournalOpening, ReadItem } from '../journal/entry.ts'
import { Channel } from './channel.ts'

/** How long after its time a sample is given out. */
export const HOLD_BACK_MS = 200
/** Two workers say one pause at slightly different instants; closer than this they mean the same. */
const SAME_PAUSE_MS = 100

/** Equally many samples for both ears. */
export interface StereoSamples {
  readonly left: Int16Array
  readonly right: Int16Array
}

type Pause = { readonly from: Instant; to: Instant }

/** The audio of one recording, put together from its journal. */
export class RecordingTimeline {
  readonly #pauses: Pause[] = []
  #opening: JournalOpening | undefined
  readonly #left = new Channel(0)
  readonly #right = new Channel(0)
  #waiting: ReadItem[] = []
  #begun = false
  #epoch: Instant = 0
  #lastDataAt: Instant = Number.NEGATIVE_INFINITY
  #given = 0
  #givenSamples = 0
  #finished = false

  /** How the recording began; undefined before that was pushed. */
  get opening(): JournalOpening | undefined {
    return this.#opening
  }

  /** The latest instant that anything was journaled for; minus infinity before. */
  get lastDataAt(): Instant {
    return this.#lastDataAt
  }

  /** Length of what has been given out, in milliseconds. */
  get durationMs(): number {
    return (1000 * this.#givenSamples) / G711_RATE_HZ
  }

  /** Takes one item. Nothing is placed before the first pull, since an earlier opening may still come. */
  push(item: ReadItem): void {
    if (this.#finished) return
    if (item.kind === 'opening') this.#open(item.opening)
    else if (item.kind === 'packet') this.#seen(item.arrival)
    else this.#seen(item.entry.at)
    if (this.#begun) this.#take(item)
    else this.#waiting.push(item)
  }

  /**
   * The samples up to 200 ms before `upTo`, from where the last pull ended; undefined when there are none. `upTo` is
   * the instant up to which every segment has been read, best the time of the newest block of the slowest one.
   */
  pull(upTo: Instant): StereoSamples | undefined {
    if (this.#opening === undefined || this.#finished) return undefined
    if (!this.#begun && upTo - HOLD_BACK_MS <= this.#opening.instantAt) return undefined
    this.#begin(this.#opening)
    const open = this.#pauses.at(-1)
    // While paused the end of the pause is unknown: nothing after its beginning can be given out yet.
    const limit = open?.to === NEVER ? Math.min(upTo - HOLD_BACK_MS, open.from) : upTo - HOLD_BACK_MS
    const samples = this.#give(this.#positionOf(limit))
    return samples.left.length === 0 ? undefined : samples
  }

  /**
   * The last samples. `closedAt` is the instant of the closing entry; a recovered recording has none, and ends with
   * its last packet.
   */
  finish(closedAt?: Instant): StereoSamples {
    assert(!this.#finished, 'a timeline is finished once')
    if (this.#opening !== undefined) this.#begin(this.#opening)
    const end = closedAt ?? Math.max(this.#epoch, this.#lastDataAt)
    const open = this.#pauses.at(-1)
    if (open?.to === NEVER) open.to = Math.max(open.from, end)
    const samples = this.#give(this.#positionOf(end))
    this.#finished = true
    return samples
  }

  #open(opening: JournalOpening): void {
    this.#seen(opening.instantAt)
    if (this.#begun || (this.#opening !== undefined && opening.instantAt >= this.#opening.instantAt)) return
    this.#opening = opening
  }

  #seen(at: Instant): void {
    this.#lastDataAt = Math.max(this.#lastDataAt, at)
  }

  #begin(opening: JournalOpening): void {
    if (this.#begun) return
    this.#begun = true
    this.#epoch = opening.instantAt
    for (const item of this.#waiting) this.#take(item)
    this.#waiting = []
  }

  #take(item: ReadItem): void {
    if (item.kind === 'entry') this.#entry(item.entry)
    if (item.kind !== 'packet') return
    const channel = item.side === 0 ? this.#left : this.#right
    channel.packet(item.stream, this.#positionOf(item.arrival), item.packet)
  }

  #entry(entry: JournalEntry): void {
    switch (entry.kind) {
      case 'joined':
        if (entry.side === 0) this.#left.join(entry)
        else this.#right.join(entry)
        return
      case 'pause':
        if (!this.#pauses.some((pause) => entry.at >= pause.from - SAME_PAUSE_MS && entry.at <= pause.to)) {
          this.#pauses.push({ from: entry.at, to: NEVER })
        }
        return
      case 'resume': {
        const open = this.#pauses.at(-1)
        if (open?.to === NEVER && entry.at >= open.from) open.to = entry.at
        return
      }
      case 'left':
        if (entry.side === 0) this.#left.leave(entry)
        else this.#right.leave(entry)
        return
      case 'note':
      case 'gap':
      case 'closed':
        return
    }
  }

  #positionOf(at: Instant): number {
    return Math.round(((at - this.#epoch) * G711_RATE_HZ) / 1000)
  }

  /** Gives out everything up to `limit`, the pauses cut out. */
  #give(limit: number): StereoSamples {
    const stretches: [number, number][] = []
    let from = this.#given
    let total = 0
    for (const pause of this.#pauses) {
      const pauseFrom = this.#positionOf(pause.from)
      const pauseTo = pause.to === NEVER ? Number.POSITIVE_INFINITY : this.#positionOf(pause.to)
      if (pauseTo <= from) continue
      if (pauseFrom >= limit) break
      if (pauseFrom > from) stretches.push([from, pauseFrom])
      from = Math.min(limit, pauseTo)
    }
    if (limit > from) stretches.push([from, limit])
    for (const [start, end] of stretches) total += end - start
    const left = new Int16Array(total)
    const right = new Int16Array(total)
    let offset = 0
    for (const [start, end] of stretches) {
      this.#left.add(start, end, left, offset)
      this.#right.add(start, end, right, offset)
      offset += end - start
    }
    if (limit > this.#given) {
      this.#given = limit
      this.#left.advance(limit)
      this.#right.advance(limit)
    }
    this.#givenSamples += total
    return { left, right }
  }
}
