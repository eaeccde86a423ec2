/**
 * Equal steps in time on absolute deadlines. A late step does not move the next one, so that a clock of 20 ms makes
 * fifty packets a second for hours; after a stall the missed steps are skipped, not sent in a burst.
 */
import { after, type Instant } from '@tandem/base'

/** Steps that may be made up at once; with more behind, all are skipped. Three packets fit every jitter buffer. */
export const STEPS_BEHIND_MAX = 3

/** When the next step is due, and how many were missed. */
export class Pacer {
  readonly #periodMs: number
  #deadline: Instant

  /** The first step is due at `now`. */
  constructor(now: Instant, periodMs: number) {
    this.#deadline = now
    this.#periodMs = periodMs
  }

  get deadline(): Instant {
    return this.#deadline
  }

  /** Takes a step that is due; undefined when none is. The number says how many steps before it were skipped. */
  step(now: Instant): number | undefined {
    if (now < this.#deadline) return undefined
    const behind = Math.floor((now - this.#deadline) / this.#periodMs)
    const skipped = behind > STEPS_BEHIND_MAX ? behind : 0
    this.#deadline = after(this.#deadline, (skipped + 1) * this.#periodMs)
    return skipped
  }
}
