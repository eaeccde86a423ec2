/**
 * Syncs that many wait for, done once: whoever asks while a sync of the same path runs shares the next one, which begins
 * after it and so covers what was changed before it was asked for. A hundred recordings that end at once need a few
 * syncs of their folder, not hundreds. A failure reaches everybody who shared that sync; none is tried again (R4).
 */

type Line = { readonly running: Promise<void>; next: Promise<void> | undefined }

/** Shares calls of one syncing function by path. */
export class SharedSync {
  readonly #sync: (path: string) => Promise<void>
  readonly #lines = new Map<string, Line>()

  constructor(sync: (path: string) => Promise<void>) {
    this.#sync = sync
  }

  /** Resolves when a sync that began after this call has ended. */
  sync(path: string): Promise<void> {
    const line = this.#lines.get(path)
    if (line === undefined) return this.#start(path)
    line.next ??= line.running.catch(() => {}).then(() => this.#start(path))
    return line.next
  }

  #start(path: string): Promise<void> {
    const running = this.#sync(path)
    const line: Line = { running, next: undefined }
    this.#lines.set(path, line)
    const done = (): void => {
      if (this.#lines.get(path) === line && line.next === undefined) this.#lines.delete(path)
    }
    running.then(done, done)
    return running
  }
}
