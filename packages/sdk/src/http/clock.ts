/**
 * The real clock of a client, and waiting that an `AbortSignal` can end.
 */
import type { ClientClock } from '../options.ts'

/** Time and chance of the machine. */
export const REAL_CLOCK: ClientClock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** Comes back after `delayMs`; fails at once with the signal's reason when it is aborted. */
export function sleep(clock: ClientClock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    })
    function aborted(): void {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', aborted, { once: true })
  })
}
