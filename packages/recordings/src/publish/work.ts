/** What is being done in the background, so that somebody can wait for all of it; its failures are logged, not lost. */
import type { Logger } from '@tandem/base'
import { inWords } from './disk-fault.ts'

/** Promises that nobody awaits by name. */
export class Work {
  readonly #logger: Logger
  readonly #running = new Set<Promise<unknown>>()
  #ended = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Takes one on. */
  add(promise: Promise<unknown>): void {
    const tracked = promise.catch((error: unknown) => {
      if (this.#ended) return
      this.#logger.error('Work on recordings failed; it is done again later', { error: inWords(error) })
    })
    this.#running.add(tracked)
    void tracked.finally(() => this.#running.delete(tracked))
  }

  /** From now on failures are no news: everything is being torn down. */
  end(): void {
    this.#ended = true
  }

  /** Resolves when nothing is being done, not even what was begun meanwhile. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled([...this.#running])
  }
}
