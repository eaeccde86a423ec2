/**
 * Recordings on their way from the end of their journal to their row: what is being made, what failed and is tried again,
 * what is ready and waits for the end of its call. Whatever fails leaves the journal, raises an alarm and is tried again;
 * only a journal that cannot be read is given up, and stays.
 */
import type { Logger } from '@tandem/base'
import { type EncoderPool, EncodingError } from '../encode/encoder-pool.ts'
import type { RecordingAlarm } from '../options.ts'
import { isSafeName } from '../vault/part-name.ts'
import { CallGate } from './call-gate.ts'
import { inWords } from './disk-fault.ts'
import { type Made, type MadeRecording, type Publisher, VoicemailRefused } from './publisher.ts'
import type { ReadBack } from './read-back.ts'
import { Work } from './work.ts'

/** How soon after its first failure a recording is tried again; each further failure doubles it. */
export const RETRY_MS = 1_000
/** The longest wait between two tries: somebody frees some space, or a store comes back. */
export const RETRY_MS_MAX = 30_000
/** Most published files that wait to be read back while others are still being made. */
export const UNVERIFIED_MAX = 200
/**
 * How long a recording waits for the end of its call at most. Longer than any call: it is for an end of which nobody told,
 * since a recording that appears too early is better than one that never does.
 */
export const HELD_MS_MAX: number = 24 * 60 * 60 * 1_000

/** What stands behind. */
export interface ProductionCounts {
  /** Being recorded now. */
  readonly open: number
  /** Ended and not yet available. */
  readonly backlog: number
  /** Of those, failed at least once and waiting for another try. */
  readonly waiting: number
  /** Stopped and ready while their call goes on: available when it ends. */
  readonly held: number
  /** Published since the start. */
  readonly published: number
}

/** What production works with. */
export interface ProductionOptions {
  readonly publisher: Publisher
  readonly pool: Pick<EncoderPool, 'follow' | 'forget' | 'ofCall'>
  readonly readBack: ReadBack
  readonly logger: Logger
  readonly onAlarm: (alarm: RecordingAlarm) => void
  /** `RETRY_MS` but for tests. */
  readonly retryMs: number
}

type Job = {
  readonly cut: string
  /** Begun by an earlier process: its call ended with that. */
  readonly isLeftOver: boolean
  /** Its file is in the vault. */
  isMade: boolean
  failures: number
  timer: NodeJS.Timeout | undefined
}

/** The production line of this node. */
export class Production {
  readonly #options: ProductionOptions
  readonly #open = new Set<string>()
  readonly #jobs = new Map<string, Job>()
  readonly #gate = new CallGate<MadeRecording>()
  /** Runs out when a recording has waited too long. */
  readonly #patience = new Map<string, NodeJS.Timeout>()
  /** Not to be made from this journal: no readable opening, another key. */
  readonly #givenUp = new Set<string>()
  readonly #work: Work
  #published = 0
  #closed = false
  #recovering = false

  constructor(options: ProductionOptions) {
    this.#options = options
    this.#work = new Work(options.logger)
  }

  /** What stands behind at this moment. */
  get counts(): ProductionCounts {
    const waiting = [...this.#jobs.values()].filter((job) => job.failures > 0).length
    return {
      open: this.#open.size,
      backlog: this.#jobs.size,
      waiting,
      held: this.#gate.count,
      published: this.#published,
    }
  }

  /** Recordings of whose journal nothing more is to be made: it was made, or cannot be. */
  get passedOver(): readonly string[] {
    const made = [...this.#jobs].flatMap(([id, job]) => (job.isMade ? [id] : []))
    return [...this.#givenUp, ...this.#gate.ids, ...made]
  }

  /** Whether this recording is on its way to its row: being made, waiting for another try or for the end of its call. */
  isMaking(id: string): boolean {
    return this.#jobs.has(id) || this.#gate.holds(id)
  }

  /** A recording has begun. */
  begin(id: string): void {
    if (this.#closed || !isSafeName(id)) return
    this.#open.add(id)
    this.#options.pool.follow(id)
  }

  /** A recording has ended; `cut` is the reason to show when its journal has no end. */
  finish(id: string, cut: string): void {
    this.#open.delete(id)
    if (this.#closed || !isSafeName(id) || this.#jobs.has(id) || this.#gate.holds(id)) return
    const job: Job = { cut, isLeftOver: this.#recovering, isMade: false, failures: 0, timer: undefined }
    this.#jobs.set(id, job)
    this.#work.add(this.#attempt(id, job))
  }

  /** A call half has ended: what was recorded of it becomes available, all of it together. */
  callEnded(callId: string): void {
    if (this.#closed) return
    this.#gate.ended(callId)
    if (this.#gate.holdsOf(callId)) this.#work.add(this.#release(callId))
  }

  /** Runs `work`, while which whatever could be of one call is held; all of it is published at its end, by call. */
  async recovering<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#recovering = true
    try {
      return await work()
    } finally {
      for (const callId of this.#gate.callIds) await this.#announce(this.#gate.release(callId, []))
      this.#recovering = false
    }
  }

  /** Lets go of journals, unless somebody waits for a recording: that goes first. */
  tidyLater(): void {
    if (!this.#isBusy) this.#work.add(this.#options.readBack.tidy(this.#open))
  }

  /** Resolves when everything that ended is available, waits for its call or waits for another try. */
  idle(): Promise<void> {
    return this.#work.idle()
  }

  /** Takes nothing more on. What is not available yet is finished after the next start. */
  close(): void {
    this.#closed = true
    this.#work.end()
    for (const job of this.#jobs.values()) clearTimeout(job.timer)
    for (const timer of this.#patience.values()) clearTimeout(timer)
  }

  async #attempt(id: string, job: Job): Promise<void> {
    let made: Made
    try {
      made = await this.#options.publisher.make(id, job.cut)
    } catch (error) {
      this.#failed(id, job, error)
      await this.#announce(this.#gate.passed(id)) // Others of its call do not wait for what may take long.
      return
    }
    if (made.kind === 'made') {
      await this.#admit(made.recording, job)
      return
    }
    this.#jobs.delete(id)
    if (made.kind === 'known') this.#options.readBack.published(id)
    else this.#options.readBack.settled(id)
    await this.#announce(this.#gate.passed(id))
    await this.#tidyWhenQuiet()
  }

  /** Publishes what was made, or lets it wait for the others of its call. */
  async #admit(recording: MadeRecording, job: Job): Promise<void> {
    const { id, callId, facts } = recording
    const { closing, opening } = facts
    const continues = closing?.callContinues === true && (this.#recovering || !job.isLeftOver)
    // One that was cut off says nothing of its call; one of a call that is always recorded was never stopped.
    const mayHaveOthers = opening.recordingType.startsWith('onDemand') || this.#gate.holdsOf(callId)
    const isLast = mayHaveOthers && (this.#recovering || (closing !== undefined && !job.isLeftOver))
    if (!continues && !isLast) {
      await this.#announce([recording, ...this.#gate.passed(id)])
      return
    }
    this.#jobs.delete(id)
    this.#options.pool.forget(id) // An encoding thread need not stay for it.
    const complete = this.#gate.hold(recording)
    if (this.#recovering) return
    if (!continues) this.#gate.ended(callId)
    this.#waitAtMost(id, callId)
    await this.#announce(complete)
    if (this.#gate.hasEnded(callId)) await this.#release(callId)
    await this.#tidyWhenQuiet()
  }

  #waitAtMost(id: string, callId: string): void {
    const timer = setTimeout(() => this.callEnded(callId), HELD_MS_MAX).unref()
    this.#patience.set(id, timer)
  }

  /** Publishes what was recorded of a call half that has ended, when the last recording of it is made. */
  async #release(callId: string): Promise<void> {
    const making = await this.#options.pool.ofCall(callId)
    const awaited = making.filter((id) => this.#open.has(id) || this.#jobs.has(id))
    await this.#announce(this.#gate.release(callId, awaited))
  }

  async #announce(recordings: readonly MadeRecording[]): Promise<void> {
    if (recordings.length === 0 || this.#closed) return
    for (const { id } of recordings) {
      clearTimeout(this.#patience.get(id))
      this.#patience.delete(id)
    }
    const jobs = recordings.map(({ id }) => this.#jobOf(id))
    try {
      const published = await this.#options.publisher.announce(recordings)
      this.#published += published // Not in one: another may count while this one waits.
    } catch (error) {
      for (const [at, { id }] of recordings.entries()) this.#alarmFailed(id, jobs[at] as Job, error, true)
      this.#again(jobs[0] as Job, () => this.#announce(recordings))
      return
    }
    for (const { id } of recordings) {
      this.#jobs.delete(id)
      this.#options.readBack.published(id)
    }
    await this.#tidyWhenQuiet()
  }

  /** The job of a recording; a new one for what has waited for its call. */
  #jobOf(id: string): Job {
    const job: Job = this.#jobs.get(id) ?? {
      cut: '',
      isLeftOver: false,
      isMade: false,
      failures: 0,
      timer: undefined,
    }
    job.isMade = true
    this.#jobs.set(id, job)
    return job
  }

  /** Whether somebody waits for a recording that has not failed yet; recovery tidies at its end. */
  get #isBusy(): boolean {
    return this.#recovering || [...this.#jobs.values()].some((job) => job.failures === 0)
  }

  async #tidyWhenQuiet(): Promise<void> {
    const { readBack } = this.#options
    if (!this.#isBusy || readBack.waiting >= UNVERIFIED_MAX) await readBack.tidy(this.#open)
  }

  #failed(id: string, job: Job, error: unknown): void {
    if (this.#closed) return
    const again = !(error instanceof EncodingError) || error.again
    this.#alarmFailed(id, job, error, again)
    if (again) {
      this.#again(job, () => this.#attempt(id, job))
      return
    }
    this.#jobs.delete(id)
    this.#givenUp.add(id)
    this.#options.pool.forget(id)
  }

  #again(job: Job, work: () => Promise<void>): void {
    if (this.#closed) return
    const { retryMs } = this.#options
    const delayMs = Math.min(retryMs * 2 ** (job.failures - 1), Math.max(RETRY_MS_MAX, retryMs))
    job.timer = setTimeout(() => this.#work.add(work()), delayMs)
    job.timer.unref() // A server that stops need not wait for it: the next start finishes the recording.
  }

  #alarmFailed(id: string, job: Job, error: unknown, again: boolean): void {
    if (this.#closed) return
    job.failures += 1
    const message = `${inWords(error)}. The journal of recording ${id} is kept${again ? ' and tried again' : ''}.`
    this.#options.logger.error('A recording could not be made available', {
      recordingId: id,
      failures: job.failures,
      message,
    })
    this.#options.onAlarm({ what: alarmOf(error, again), recordingId: id, message })
  }
}

function alarmOf(error: unknown, again: boolean): RecordingAlarm['what'] {
  if (error instanceof VoicemailRefused) return 'voicemail-refused'
  return again ? 'encoding-failed' : 'unreadable'
}
