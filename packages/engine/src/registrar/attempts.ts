/**
 * A brake on guessing: too many wrong passwords for one user from one source, and that pair is refused for a while even
 * with the right one. Keyed by what was tried, never by what exists, so that it tells nobody which users there are.
 */
import type { Instant } from '@tandem/base'

/** Failures in a window before the ban; a person mistypes three times, a guesser needs thousands. */
export const FAILURES_MAX = 10
/** Window in which failures are counted, in milliseconds. */
export const FAILURE_WINDOW_MS = 600_000
/** How long a pair stays refused, in milliseconds. */
export const BAN_MS = 900_000
/** Most pairs kept, 64 bytes or so each; beyond it the oldest is forgotten. */
export const PAIRS_MAX = 20_000

type Entry = { failures: number; windowEndsAt: Instant; bannedUntil: Instant }

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
    const entry: Entry =
      old !== undefined && old.windowEndsAt > now
        ? old
        : { failures: 0, windowEndsAt: now + FAILURE_WINDOW_MS, bannedUntil: old?.bannedUntil ?? 0 }
    entry.failures += 1
    const banned = entry.failures === FAILURES_MAX
    if (banned) entry.bannedUntil = now + BAN_MS
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
