/**
 * Counts wrong passwords and codes by source and account (promise P8): ten failures in ten minutes, and the pair is banned for
 * fifteen. An account that does not exist is banned like one that does. What it remembers is bounded; a restart forgets it.
 */
import { sourceOf } from '../limits/source.ts'

/** Failures in the window that earn a ban. */
export const FAILURES_MAX = 10
/** The window, in milliseconds from the first failure. */
export const WINDOW_MS: number = 10 * 60_000
/** How long a ban lasts. */
export const BAN_MS: number = 15 * 60_000
/** Most pairs remembered, about 4 MB; one more forgets the oldest. */
export const PAIRS_MAX = 20_000

interface Pair {
  readonly since: number
  readonly failures: number
  readonly bannedUntil?: number
}

/** Who has failed of late. */
export class Attempts {
  /** In the order of the first failure. */
  readonly #pairs = new Map<string, Pair>()

  /**
   * Counts an attempt as failed before it is looked at, so that many at the same time are counted too; `succeeded` takes
   * it back. Gives how long this pair must wait, in whole seconds; 0 when the attempt may be looked at.
   */
  begin(account: string, source: string, now: number): number {
    const key = keyOf(account, source)
    const pair = this.#current(key, now)
    if (pair?.bannedUntil !== undefined) return Math.max(1, Math.ceil((pair.bannedUntil - now) / 1_000))
    const { since, failures } = pair ?? { since: now, failures: 0 }
    const isLast = failures + 1 >= FAILURES_MAX
    this.#pairs.set(key, { since, failures: failures + 1, ...(isLast ? { bannedUntil: now + BAN_MS } : {}) })
    if (this.#pairs.size > PAIRS_MAX) {
      const [oldest] = this.#pairs.keys()
      if (oldest !== undefined) this.#pairs.delete(oldest)
    }
    return 0
  }

  /** The attempt was right: what failed before is forgotten. */
  succeeded(account: string, source: string): void {
    this.#pairs.delete(keyOf(account, source))
  }

  #current(key: string, now: number): Pair | undefined {
    const pair = this.#pairs.get(key)
    if (pair === undefined) return undefined
    const until = pair.bannedUntil ?? pair.since + WINDOW_MS
    // A clock that was set back begins anew, or somebody would wait for hours.
    if (now >= pair.since && now < until) return pair
    this.#pairs.delete(key)
    return undefined
  }
}

function keyOf(account: string, source: string): string {
  return `${sourceOf(source)} ${account.toLowerCase().slice(0, 320)}`
}
