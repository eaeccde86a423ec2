/**
 * What a client is made with, and what each call takes beside its own parameters.
 *
 * Nothing here is global: two clients in one process may talk to two servers. The clock is an option only so
 * that tests can run hours of waiting in no time.
 */

/** A bearer token, or a function that gives one for each attempt, so that a renewed token is picked up. */
export type TokenSource = string | (() => string | Promise<string>)

/** The part of the global `fetch` that the client uses. Give your own for a proxy, TLS settings or tests. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** How often and how long a request is tried again. */
export interface RetryOptions {
  /** Attempts in all, the first included. Default 5. */
  readonly attemptsMax?: number
  /** Longest time from the first attempt to the start of the last, in milliseconds. Default 300,000. */
  readonly totalMsMax?: number
}

/** Time and chance as the client sees them. */
export interface ClientClock {
  /** Unix milliseconds. */
  now(): number
  /** Runs `run` after `delayMs` milliseconds; the result takes it back. */
  after(delayMs: number, run: () => void): () => void
  /** From 0 up to, not including, 1. */
  random(): number
}

/** One attempt as a hook sees it. The token is masked, and so is the query of a signed link. */
export interface AttemptFacts {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly trackingId: string
  /** 1 for the first. */
  readonly attempt: number
}

/** Called around every attempt, for logs and measurements. A hook that throws fails the call. */
export interface Hooks {
  onRequest?(facts: AttemptFacts): void
  onResponse?(facts: AttemptFacts & { readonly status: number; readonly elapsedMs: number }): void
  /** Before the wait that precedes another attempt; `status` is absent after a network failure. */
  onRetry?(facts: AttemptFacts & { readonly status?: number; readonly waitMs: number }): void
}

/** Options of `WebexClient`. */
export interface ClientOptions {
  /** Default: the environment variable `WEBEX_ACCESS_TOKEN`, where there is an environment. */
  readonly token?: TokenSource | undefined
  /** Everything before `/telephony`, `/v1` included. Default `https://webexapis.com/v1`. */
  readonly baseUrl?: string | undefined
  /** Requests under way at once; a request that waits to be tried again holds no place. Default 10. */
  readonly concurrency?: number | undefined
  /** Longest time for one attempt, its body included. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** `false` tries everything once. */
  readonly retry?: RetryOptions | false | undefined
  readonly fetch?: Fetch | undefined
  readonly hooks?: Hooks | undefined
  readonly clock?: ClientClock | undefined
}

/** The last parameter of every method. */
export interface CallOptions {
  /** Ends the call, its waits and its paging; the promise fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** IANA name of the zone that recording dates are shown in. */
  readonly timezone?: string | undefined
  /** In place of a generated one; attempts after the first add `_2`, `_3` ... */
  readonly trackingId?: string | undefined
  /** Further headers. `Authorization` cannot be replaced here. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}
