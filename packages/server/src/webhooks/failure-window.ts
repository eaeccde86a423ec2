/**
 * Counts the failed attempts of each webhook over five minutes (contract, webhooks §8). In memory: a restart begins to
 * count anew, which at worst lets a dead target be tried a hundred times more.
 */

/** How far back failures count. */
export const FAILURE_WINDOW_MS = 300_000

/** The failures of all webhooks. */
export class FailureWindow {
  readonly #max: number
  readonly #failures = new Map<string, number[]>()

  /** `max` failures within the window are too many. */
  constructor(max: number) {
    this.#max = max
  }

  /** Notes a failure; true when it is one too many. Moments in Unix milliseconds, never going back. */
  fail(webhookId: string, now: number): boolean {
    const failures = this.#failures.get(webhookId) ?? []
    failures.push(now)
    while ((failures[0] ?? now) <= now - FAILURE_WINDOW_MS || failures.length > this.#max) failures.shift()
    this.#failures.set(webhookId, failures)
    return failures.length >= this.#max
  }

  /** Begins anew. */
  forget(webhookId: string): void {
    this.#failures.delete(webhookId)
  }

  /** Lets go of webhooks that have not failed for a while. */
  tidy(now: number): void {
    for (const [id, failures] of this.#failures)
      if ((failures.at(-1) ?? 0) <= now - FAILURE_WINDOW_MS) this.#failures.delete(id)
  }
}
