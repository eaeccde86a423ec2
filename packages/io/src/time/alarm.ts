/**
 * One real timer that follows a deadline. Setting the same deadline again costs a comparison, so a hot path may
 * set it after every packet.
 */
import { type Instant, NEVER } from '@tandem/base'

/** The longest delay `setTimeout` takes (a signed 32-bit number); an early ring is harmless, it is set anew. */
export const TIMER_MS_MAX: number = 2 ** 31 - 1

/** Rings once when its moment has come; set it again for the next one. */
export class Alarm {
  readonly #clock: () => Instant
  readonly #ring: () => void
  #timer: NodeJS.Timeout | undefined
  #at: Instant = NEVER

  constructor(clock: () => Instant, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Moves the alarm to `at`; `NEVER` stops it. */
  set(at: Instant): void {
    if (at === this.#at) return
    this.#at = at
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (at === NEVER) return
    const waitMs = Math.min(Math.max(0, at - this.#clock()), TIMER_MS_MAX)
    this.#timer = setTimeout(this.#fire, waitMs)
  }

  readonly #fire = (): void => {
    this.#at = NEVER
    this.#timer = undefined
    this.#ring()
  }
}
