/**
 * The places for requests that are under way at once, handed out in the order of asking.
 */

/** A counting semaphore. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Waits for a place. An aborted wait fails with the signal's reason and takes none. */
  take(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const granted = (): void => {
        signal?.removeEventListener('abort', aborted)
        resolve()
      }
      const aborted = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(granted), 1)
        reject(signal?.reason)
      }
      this.#waiting.push(granted)
      signal?.addEventListener('abort', aborted, { once: true })
    })
  }

  /** Gives a place back: to the one who has waited longest, if any. */
  give(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}
