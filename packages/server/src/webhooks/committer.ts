/**
 * Commits what became of attempts, many in one go. While the database cannot be reached it waits and tries again: what is
 * not written is sent once more after a restart, and never lost.
 */
import type { Logger } from '@tandem/base'
import type { Compilable } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { DeliveryClock } from './clock.ts'

const AGAIN_MS = 1_000

/** Has statements committed; resolves when they are on disk. */
export type CommitSoon = (statements: readonly Compilable[]) => Promise<void>

interface Waiting {
  readonly statements: readonly Compilable[]
  readonly done: () => void
}

/** Gathers and commits. */
export class Committer {
  readonly #options: { readonly db: ServerDatabase; readonly clock: DeliveryClock; readonly logger: Logger }
  #waiting: Waiting[] = []
  #committing: Promise<void> | undefined
  #closing = false

  constructor(options: {
    readonly db: ServerDatabase
    readonly clock: DeliveryClock
    readonly logger: Logger
  }) {
    this.#options = options
  }

  add: CommitSoon = (statements) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ statements, done: resolve })
    this.#start()
    return promise
  }

  #start(): void {
    this.#committing ??= this.#commitAll().finally(() => {
      this.#committing = undefined
      // Whoever was told by the last commit may have added more before this was reached.
      if (this.#waiting.length > 0 && !this.#closing) this.#start()
    })
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.#committing !== undefined) await this.#committing
  }

  /** Commits what waits, without insisting. */
  async close(): Promise<void> {
    this.#closing = true
    await this.settled()
  }

  async #commitAll(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve)) // The rest of what ended in this turn.
    while (this.#waiting.length > 0) {
      const some = this.#waiting
      this.#waiting = []
      try {
        await this.#options.db.commit(some.flatMap(({ statements }) => statements))
        for (const { done } of some) done()
      } catch (error) {
        if (this.#closing) return // The next start sends them again.
        this.#options.logger.warn('Outcomes of deliveries could not be stored yet', { error: String(error) })
        this.#waiting = [...some, ...this.#waiting]
        await new Promise<void>((resolve) => this.#options.clock.after(AGAIN_MS, resolve))
      }
    }
  }
}
