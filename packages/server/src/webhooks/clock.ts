/** The time that deliveries go by: the machine's, or a test's. */

/** A clock. */
export interface DeliveryClock {
  /** Unix milliseconds. */
  now(): number
  /** Runs something once after so many milliseconds; gives back how to call it off. */
  after(ms: number, run: () => void): () => void
}

/** Longest wait of a real timer; whoever waits longer asks again. */
export const TIMER_MS_MAX = 3_600_000

/** The machine's clock. Its timers keep no process alive. */
export const SYSTEM_CLOCK: DeliveryClock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), TIMER_MS_MAX)).unref()
    return () => clearTimeout(timer)
  },
}
