/**
 * Whether and when a failed attempt is repeated.
 *
 * A 429 was refused before anything was done, so every method is repeated after it. Anything else may have
 * taken effect: only GET and HEAD are repeated, a call command never is.
 */
import type { ClientClock, RetryOptions } from '../options.ts'

const ATTEMPTS_MAX = 5 // Five waits of a minute are the most that a caller should sit through.
const TOTAL_MS_MAX = 300_000
const RETRY_AFTER_MS_MAX = 60_000 // Longer waits are cut, as wxc_sdk does.
const RETRY_AFTER_MS_DEFAULT = 5_000 // A 429 without Retry-After.
const BACKOFF_MS_MIN = 250 // First wait after a network failure or a 502, 503, 504; doubles each time.
const BACKOFF_MS_MAX = 8_000
const JITTER = 0.1 // Of the wait, added on top, so that clients refused together do not return together.

/** What an attempt came to: a status, or a failure of the network or of time. */
export interface AttemptOutcome {
  readonly method: string
  readonly attempt: number
  /** Milliseconds since the first attempt began. */
  readonly elapsedMs: number
  readonly status?: number | undefined
  readonly retryAfterMs?: number | undefined
}

/** The wait in milliseconds before the next attempt; undefined when there is to be none. */
export function waitBeforeRetry(
  outcome: AttemptOutcome,
  retry: RetryOptions | false,
  random: () => number,
): number | undefined {
  if (retry === false) return undefined
  if (outcome.attempt >= (retry.attemptsMax ?? ATTEMPTS_MAX)) return undefined
  const plainMs = plainWaitMs(outcome)
  if (plainMs === undefined) return undefined
  const waitMs = Math.round(plainMs * (1 + JITTER * random()))
  return outcome.elapsedMs + waitMs > (retry.totalMsMax ?? TOTAL_MS_MAX) ? undefined : waitMs
}

function plainWaitMs({ method, attempt, status, retryAfterMs }: AttemptOutcome): number | undefined {
  const asked = retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)
  if (status === 429) return asked ?? RETRY_AFTER_MS_DEFAULT
  if (method !== 'GET' && method !== 'HEAD') return undefined
  if (status === 423) return asked // Locked: only when the server says for how long.
  if (status !== undefined && status !== 502 && status !== 503 && status !== 504) return undefined
  return asked ?? Math.min(BACKOFF_MS_MIN * 2 ** (attempt - 1), BACKOFF_MS_MAX)
}

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3), seconds or a date, into milliseconds from now, never negative;
 * undefined when it is absent or unreadable.
 */
export function parseRetryAfter(value: string | null, clock: Pick<ClientClock, 'now'>): number | undefined {
  if (value === null) return undefined
  const text = value.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const atMs = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - clock.now())
}
