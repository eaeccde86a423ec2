/**
 * Counts wrong passwords for each recording and source, so that none can be guessed (promise P8's rule for passwords: ten
 * failures in ten minutes). What it remembers is bounded; a restart forgets it.
 */
import { sourceOf } from '../../limits/source.ts'

/** Wrong passwords of one source for one recording within the time; one more is not even looked at. */
export const WRONG_PASSWORDS_MAX = 10
/** The time in which they count, in milliseconds from the first of them. */
export const ATTEMPTS_MS = 600_000
/** Most pairs of recording and source remembered, about 2 MB; one more forgets the oldest. */
export const ATTEMPT_PAIRS_MAX = 10_000

interface Attempts {
  readonly since: number
  readonly wrong: number
}

/** The wrong passwords of the last minutes. */
export class PasswordAttempts {
  /** By recording and source, in the order of the first failure. */
  readonly #attempts = new Map<string, Attempts>()

  /** How long this source must wait, in whole seconds; 0 when it may try. */
  waitSeconds(recordingKey: string, source: string, now: number): number {
    const attempts = this.#counted(keyOf(recordingKey, source), now)
    if (attempts === undefined || attempts.wrong < WRONG_PASSWORDS_MAX) return 0
    return Math.max(1, Math.ceil((attempts.since + ATTEMPTS_MS - now) / 1_000))
  }

  /** A password was wrong. */
  failed(recordingKey: string, source: string, now: number): void {
    const key = keyOf(recordingKey, source)
    const { since, wrong } = this.#counted(key, now) ?? { since: now, wrong: 0 }
    this.#attempts.set(key, { since, wrong: wrong + 1 })
    if (this.#attempts.size <= ATTEMPT_PAIRS_MAX) return
    const [oldest] = this.#attempts.keys()
    if (oldest !== undefined) this.#attempts.delete(oldest)
  }

  #counted(key: string, now: number): Attempts | undefined {
    const attempts = this.#attempts.get(key)
    // A clock that was set back begins anew, or somebody would wait for hours.
    if (attempts !== undefined && now >= attempts.since && now - attempts.since < ATTEMPTS_MS) return attempts
    this.#attempts.delete(key)
    return undefined
  }
}

function keyOf(recordingKey: string, source: string): string {
  return `${recordingKey} ${sourceOf(source)}`
}
