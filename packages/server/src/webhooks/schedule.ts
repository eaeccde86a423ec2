/**
 * When a delivery is tried again (contract, webhooks §8): the schedule of the Standard Webhooks specification with jitter,
 * lengthened by the target's `Retry-After`, and never beyond the age at which the event itself is no longer kept.
 */

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** From each attempt to the next: 10 attempts in 75 h 35 min 5 s. */
export const STEPS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
]
/** Attempts of one delivery. */
export const ATTEMPTS_MAX: number = STEPS_MS.length + 1
/** All steps together. */
export const SCHEDULE_MS: number = STEPS_MS.reduce((sum, step) => sum + step, 0)
/** What jitter adds to a step at most, as a share of it. */
export const JITTER = 0.1
/**
 * Age of an event at which it is given up whatever `Retry-After` or an outage did to its schedule. A day below the seven
 * days that the outbox keeps it, so that no event is pruned that still waits.
 */
export const EVENT_AGE_MS_MAX: number = 6 * 24 * HOUR_MS
/** How long a failing event holds back the later ones of its key. */
export const HOLD_MS = 60_000
/** Longest `Retry-After` that is followed. */
export const RETRY_AFTER_SECONDS_MAX = 86_400

/** An attempt that failed. Times in Unix milliseconds. */
export interface FailedAttempt {
  /** Attempts made so far, this one included. */
  readonly attempts: number
  readonly startedAt: number
  readonly now: number
  /** When the event happened. */
  readonly eventAt: number
  readonly retryAfterSeconds?: number
  /** 0 up to 1. */
  readonly random: number
}

/** When the next attempt is due; `undefined` when it was the last. */
export function nextAttemptAt(failed: FailedAttempt): number | undefined {
  const step = STEPS_MS[failed.attempts - 1]
  if (step === undefined) return undefined
  const usual = failed.startedAt + step + Math.floor(step * JITTER * failed.random)
  const asked = failed.now + Math.min(failed.retryAfterSeconds ?? 0, RETRY_AFTER_SECONDS_MAX) * SECOND_MS
  const due = Math.max(usual, asked)
  return due > failed.eventAt + EVENT_AGE_MS_MAX ? undefined : due
}
