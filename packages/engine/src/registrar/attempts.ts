/**
 * A brake on guessing: too many wrong passwords for one user from one source, and that pair is refused for a while even
 * with the right one. Keyed by what was tried, never by what exists, so that it tells nobody which users there are.
 */
import type { Instant } from '@tandem/base'

/** Failures in a window before the ban; a person mistypes three times, a guesser needs thousands. */
export const FAILURES_MAX = 10
/** Failures count this long, in milliseconds. */
export const FAILURE_WINDOW_MS = 600_000
/** How long a pair stays refused, in milliseconds. */
export const BAN_MS = 900_000
/** Most pairs kept, 200 bytes or so each; beyond it the one that failed longest ago is forgotten. */
export const PAIRS_MAX = 20_000

/** The failures that still count, oldest first; none of those that have brought a ban. */
type Entry = { readonly failedAt: readonly Instant[]; readonly bannedUntil: Instant }

/** Counts failed log-ins by source and user. */
export class Attempts {
  readonly #entries = new Map<string, Entry>()

  /** How many pairs are remembered. */
  get size(): number {
    return this.#entries.size
  }

  /** Whether this pair is refused at `now`. */
  isBanned(now: Instant, key: string): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && entry.bannedUntil > now
  }

  /** Takes a wrong password; true when it was the one that brings the ban. */
  failed(now: Instant, key: string): boolean {
    const old = this.#entries.get(key)
    const counted = (old?.failedAt ?? []).filter((failedAt) => now - failedAt < FAILURE_WINDOW_MS)
    const failedAt = [...counted, now]
    const banned = failedAt.length >= FAILURES_MAX
    const entry: Entry = banned
      ? { failedAt: [], bannedUntil: now + BAN_MS }
      : { failedAt, bannedUntil: old?.bannedUntil ?? 0 }
    this.#entries.delete(key) // Put again below, so that the map's order is that of the last failure.
    this.#entries.set(key, entry)
    if (this.#entries.size > PAIRS_MAX) {
      const oldest = this.#entries.keys().next().value
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    return banned
  }

  /** Takes a right password: the pair starts afresh. */
  succeeded(key: string): void {
    this.#entries.delete(key)
  }
}
