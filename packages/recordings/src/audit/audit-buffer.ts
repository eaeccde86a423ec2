/**
 * Entries whose caller does not wait (lists, searches): gathered, and written down in one commit. None is lost while the
 * process lives and the database answers again before the buffer is full; what did not fit is counted and said.
 */
import type { Logger } from '@tandem/base'
import type { Compilable } from '@tandem/store'

/** So many waiting entries are written at once, however short they have waited. */
export const BUFFER_ENTRIES_FULL = 500
/** Most entries that wait for a database that does not answer: some 20 MB at their largest. */
export const BUFFER_ENTRIES_MAX = 10_000

/** Entries as statements, waiting. */
export class AuditBuffer {
  readonly #write: (statements: readonly Compilable[]) => Promise<unknown>
  readonly #logger: Logger
  #waiting: Compilable[] = []
  #writing: Promise<void> | undefined
  #refused = 0
  /** The last attempt failed, and it was said. */
  #failing = false

  constructor(write: (statements: readonly Compilable[]) => Promise<unknown>, logger: Logger) {
    this.#write = write
    this.#logger = logger
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length
  }

  /** Takes one; true when it should be written now. */
  add(statements: readonly Compilable[]): boolean {
    if (this.#waiting.length >= BUFFER_ENTRIES_MAX) this.#refused += statements.length
    else this.#waiting.push(...statements)
    return this.#waiting.length >= BUFFER_ENTRIES_FULL
  }

  /** Writes what waits. After a failure it waits for the next time; never throws. */
  flush(): Promise<void> {
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BUFFER_ENTRIES_FULL)
      try {
        await this.#write(batch)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        const waiting = this.#waiting.length
        if (!this.#failing)
          this.#logger.error('Entries of the audit log wait for the database', { waiting, why })
        this.#failing = true
        return
      }
      this.#failing = false
      this.#waiting.splice(0, batch.length)
      if (this.#refused > 0)
        this.#logger.error('Entries of the audit log are missing: the database did not answer in time', {
          refused: this.#refused,
        })
      this.#refused = 0
    }
  }
}
