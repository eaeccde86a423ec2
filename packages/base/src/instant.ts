/**
 * Three kinds of time, kept apart by type so that they cannot be mixed up.
 *
 * `Instant` is milliseconds on a monotonic clock and moves every state machine; `WallTime` is Unix
 * milliseconds and only labels things for people; `MediaTime` is counted in ticks of an RTP clock.
 */

declare const instantBrand: unique symbol
declare const wallBrand: unique symbol

/** A moment on the monotonic clock of this process, in milliseconds, fractions allowed. */
export type Instant = number & { readonly [instantBrand]?: never }

/** A moment in Unix milliseconds, as a calendar shows it. */
export type WallTime = number & { readonly [wallBrand]?: never }

/** The deadline of something that only an input can move. Larger than every other instant. */
export const NEVER: Instant = Number.POSITIVE_INFINITY

/** The moment `delayMs` after `now`. */
export function after(now: Instant, delayMs: number): Instant {
  return now + delayMs
}

/** The earlier of two moments; `NEVER` loses to everything. */
export function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b
}

/** Anything that is moved by inputs and by time, and says when it next needs the time. */
export interface Machine<Output> {
  /** When `tick` is next due; `NEVER` while only an input can move the machine. */
  readonly deadline: Instant
  /** Moves time forward to `now`. Early, late and repeated ticks are all safe. */
  tick(now: Instant): readonly Output[]
}
