/**
 * What the library does by itself: retention, recycle bin, scrub, transcripts, pruning. Each job is asked again and again
 * at its own pace, one run of it at a time; one that fails is logged and asked again as if it had not been. The jobs hold
 * no timers themselves, so that they can be tested in virtual time.
 */
import type { Logger } from '@tandem/base'

/** A job that has more to do is asked again this soon, so that others get their turn between. */
const MORE_MS = 20

/** Something that is to be done again and again. */
export interface Job {
  /** For the log. */
  readonly name: string
  readonly everyMs: number
  /** `more` asks for another run at once. */
  run(): Promise<'more' | undefined>
}

type Task = {
  readonly job: Job
  timer: NodeJS.Timeout | undefined
  running: Promise<void> | undefined
  again: boolean
}

/** Runs jobs until it is closed. */
export class Upkeep {
  readonly #tasks: readonly Task[]
  readonly #logger: Logger
  #closed = true

  constructor(jobs: readonly Job[], logger: Logger) {
    this.#tasks = jobs.map((job) => ({ job, timer: undefined, running: undefined, again: false }))
    this.#logger = logger
  }

  /** Runs each job a first time, and from then on at its pace. */
  start(): void {
    this.#closed = false
    for (const task of this.#tasks) this.#run(task)
  }

  /** Runs one job now, or again as soon as its present run is over. */
  wake(name: string): void {
    const task = this.#tasks.find(({ job }) => job.name === name)
    if (task === undefined || this.#closed) return
    if (task.running !== undefined) task.again = true
    else this.#run(task)
  }

  /** Lets the present runs end and starts no other. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { timer } of this.#tasks) clearTimeout(timer)
    await Promise.all(this.#tasks.map(({ running }) => running))
  }

  #run(task: Task): void {
    clearTimeout(task.timer)
    task.again = false
    task.running = this.#attempt(task.job).then((more) => {
      task.running = undefined
      if (this.#closed) return
      const delayMs = more || task.again ? MORE_MS : task.job.everyMs
      task.timer = setTimeout(() => this.#run(task), delayMs)
      task.timer.unref() // A server that stops need not wait for it.
    })
  }

  async #attempt(job: Job): Promise<boolean> {
    try {
      return (await job.run()) === 'more'
    } catch (error) {
      if (!this.#closed)
        this.#logger.error('A job of the library failed', { job: job.name, error: String(error) })
      return false
    }
  }
}
