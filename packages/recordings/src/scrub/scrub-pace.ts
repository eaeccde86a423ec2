/**
 * How fast the scrub reads: evenly over six days, so that everything is read within seven (promise P5) with a day to
 * spare, and never faster than a bandwidth that depends on whether calls run. It has no clock: it is told the time.
 */

/** Over how long a pass is spread. */
export const PASS_MS: number = 6 * 24 * 60 * 60 * 1_000
/** How much reading may be made up for in one go after nobody asked for a while. */
export const BURST_MS = 2_000

/** Bytes per second at most. */
export interface ScrubRates {
  readonly idleBytesPerSecond: number
  /** While calls run. */
  readonly busyBytesPerSecond: number
}

/** A disk of today reads several times that, and a pass of 12 TB at this speed takes six days. */
export const SCRUB_RATES: ScrubRates = { idleBytesPerSecond: 24 << 20, busyBytesPerSecond: 4 << 20 }

/** Says how many bytes may be read now. */
export class ScrubPace {
  readonly #rates: ScrubRates
  #allowance = 0
  #lastAt: number | undefined

  constructor(rates: ScrubRates) {
    this.#rates = rates
  }

  /** Time has passed; a clock that goes back or jumps gives no more than one burst. */
  advance(now: number, isBusy: boolean): void {
    const rate = isBusy ? this.#rates.busyBytesPerSecond : this.#rates.idleBytesPerSecond
    const burst = (rate * BURST_MS) / 1_000
    const passedMs = this.#lastAt === undefined ? BURST_MS : Math.max(0, now - this.#lastAt)
    this.#lastAt = now
    this.#allowance = Math.min(burst, this.#allowance + (rate * passedMs) / 1_000)
  }

  /** Whether another file may be read. Files are read whole, so that a large one makes a debt. */
  get mayRead(): boolean {
    return this.#allowance > 0
  }

  /** So many bytes were read. */
  spend(bytes: number): void {
    this.#allowance -= bytes
  }
}

/** How much of a pass should have been read by now: all of it once its time is over, whatever has come meanwhile. */
export function dueBytes(pass: { readonly began: number; readonly totalBytes: number }, now: number): number {
  const share = (now - pass.began) / PASS_MS
  return share >= 1 ? Number.POSITIVE_INFINITY : pass.totalBytes * share
}
