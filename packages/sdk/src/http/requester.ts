/**
 * Sends one logical request: attempts, waits, places, time-outs and errors. The resources above it only say what
 * is asked; nothing above it knows that a request may go out twice.
 *
 * The token goes to the base URL's origin alone: `url` must lie on it, except for `anonymous` requests, which
 * carry neither token nor cookies.
 */
import {
  apiError,
  ConnectionFailed,
  LinkRefused,
  TimedOut,
  UnreadableResponse,
} from '../error/webex-error.ts'
import type {
  AttemptFacts,
  CallOptions,
  ClientClock,
  Fetch,
  Hooks,
  RetryOptions,
  TokenSource,
} from '../options.ts'
import { sleep } from './clock.ts'
import { parseRetryAfter, waitBeforeRetry } from './retry.ts'
import type { Slots } from './slots.ts'
import { attemptTrackingId, newTrackingId } from './tracking-id.ts'

/** What every request of one client shares. */
export interface Transport {
  readonly baseUrl: URL
  readonly token: TokenSource
  readonly timeoutMs: number
  readonly retry: RetryOptions | false
  readonly slots: Slots
  readonly fetch: Fetch
  readonly hooks: Hooks
  readonly clock: ClientClock
}

/** One logical request. */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  readonly url: URL
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, in place of `body`, with a `content-type` among `headers`. */
  readonly bytes?: Uint8Array<ArrayBuffer> | Blob
  readonly headers?: Readonly<Record<string, string>>
  /** Sent without token, to whatever host the URL names, and redirects are followed. */
  readonly anonymous?: boolean
  readonly options: CallOptions
}

/** An answer in the 200s whose body was read as JSON; undefined when it had none. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
  readonly trackingId: string
}

/** An answer whose body is still to be read. */
export interface OpenAnswer {
  readonly response: Response
  readonly trackingId: string
}

/** Sends until there is an answer in the 200s, and reads it as JSON. */
export async function sendForJson(transport: Transport, ask: Ask): Promise<Answer> {
  return repeat(transport, ask, async (response, trackingId) => {
    const text = response.status === 204 ? '' : await response.text()
    const body = text === '' ? undefined : parseJson(text, ask, trackingId)
    return { status: response.status, headers: response.headers, body, trackingId }
  })
}

/** Sends until there is an answer in the 200s, and leaves its body to the caller. */
export async function sendForStream(transport: Transport, ask: Ask): Promise<OpenAnswer> {
  return repeat(transport, ask, async (response, trackingId) => ({ response, trackingId }))
}

type Read<Result> = (response: Response, trackingId: string) => Promise<Result>

async function repeat<Result>(transport: Transport, ask: Ask, read: Read<Result>): Promise<Result> {
  if (ask.anonymous !== true && ask.url.origin !== transport.baseUrl.origin) {
    const why = `${ask.url.origin} is not the server that this client was made for; the token was not sent there`
    throw new LinkRefused(why, { request: { method: ask.method, url: shownUrl(ask) } })
  }
  const baseId = ask.options.trackingId ?? newTrackingId()
  const beganAt = transport.clock.now()
  for (let attempt = 1; ; attempt++) {
    const trackingId = attemptTrackingId(baseId, attempt)
    const tried = await tryOnce(transport, ask, trackingId, attempt, read)
    if ('result' in tried) return tried.result
    const outcome = { method: ask.method, attempt, elapsedMs: transport.clock.now() - beganAt, ...tried }
    const waitMs = waitBeforeRetry(outcome, transport.retry, transport.clock.random)
    if (waitMs === undefined) throw tried.error
    const { status } = tried
    transport.hooks.onRetry?.({ ...tried.facts, waitMs, ...(status === undefined ? {} : { status }) })
    await sleep(transport.clock, waitMs, ask.options.signal)
  }
}

/** One attempt: a result, or a failure that may be worth another. An aborted one throws. */
type Tried<Result> =
  | { readonly result: Result }
  | {
      readonly error: Error
      readonly facts: AttemptFacts
      readonly status?: number
      readonly retryAfterMs?: number | undefined
    }

async function tryOnce<Result>(
  transport: Transport,
  ask: Ask,
  trackingId: string,
  attempt: number,
  read: Read<Result>,
): Promise<Tried<Result>> {
  const { signal } = ask.options
  await transport.slots.take(signal)
  const limit = new AttemptLimit(transport, signal)
  try {
    const headers = await headersOf(transport, ask, trackingId)
    const request = { method: ask.method, url: shownUrl(ask) }
    const facts = { ...request, headers: masked(headers), trackingId, attempt }
    transport.hooks.onRequest?.(facts)
    const beganAt = transport.clock.now()
    let response: Response
    let result: Result | undefined
    let rawBody = ''
    try {
      response = await limit.race(transport.fetch(ask.url.href, initOf(ask, headers, limit.signal)))
      if (response.ok) result = await limit.race(read(response, trackingId))
      else rawBody = await limit.race(response.text())
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      if (cause instanceof UnreadableResponse) throw cause
      const error = limit.expired
        ? new TimedOut(`no answer to ${ask.method} ${ask.url.pathname} within ${transport.timeoutMs} ms`, {
            request,
            trackingId,
          })
        : new ConnectionFailed(`no answer to ${ask.method} ${ask.url.pathname} from ${ask.url.host}`, {
            request,
            trackingId,
            cause,
          })
      return { error, facts }
    }
    const { status } = response
    transport.hooks.onResponse?.({ ...facts, status, elapsedMs: transport.clock.now() - beganAt })
    if (response.ok) return { result: result as Result } // Read above, since the answer was a success.
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), transport.clock)
    const error = apiError({ status, headers: response.headers, rawBody, request, trackingId, retryAfterMs })
    return { error, facts, status, retryAfterMs }
  } finally {
    limit.lift()
    transport.slots.give()
  }
}

/** Ends an attempt when its time is over or the caller's signal says so, even under a `fetch` that does not listen. */
class AttemptLimit {
  readonly #controller = new AbortController()
  readonly #ended: Promise<never>
  readonly #lift: () => void
  expired = false

  constructor(transport: Transport, signal: AbortSignal | undefined) {
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => {}) // Often nobody is waiting any more when it fails.
    this.#ended = promise
    const end = (reason: unknown): void => {
      this.#controller.abort(reason)
      reject(reason)
    }
    const aborted = (): void => end(signal?.reason)
    const cancel = transport.clock.after(transport.timeoutMs, () => {
      this.expired = true
      end(new Error('time-out'))
    })
    signal?.addEventListener('abort', aborted, { once: true })
    if (signal?.aborted) aborted()
    this.#lift = () => {
      cancel()
      signal?.removeEventListener('abort', aborted)
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  race<Value>(work: Promise<Value>): Promise<Value> {
    return Promise.race([work, this.#ended])
  }

  lift(): void {
    this.#lift()
  }
}

async function headersOf(
  transport: Transport,
  ask: Ask,
  trackingId: string,
): Promise<Record<string, string>> {
  const { timezone, headers: extra } = ask.options
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...extra, ...ask.headers }))
    headers[name.toLowerCase()] = value
  delete headers['authorization']
  if (ask.body !== undefined) headers['content-type'] = 'application/json;charset=utf-8'
  if (ask.anonymous === true) return headers
  headers['accept'] ??= 'application/json'
  headers['trackingid'] = trackingId
  if (timezone !== undefined) headers['timezone'] = timezone
  const { token } = transport
  headers['authorization'] = `Bearer ${typeof token === 'string' ? token : await token()}`
  return headers
}

function initOf(ask: Ask, headers: Record<string, string>, signal: AbortSignal): RequestInit {
  return {
    method: ask.method,
    headers,
    signal,
    // A redirected command would be sent twice, and a redirect may name another host.
    redirect: ask.anonymous === true ? 'follow' : 'error',
    credentials: 'omit',
    ...bodyOf(ask),
  }
}

function bodyOf({ body, bytes }: Ask): Pick<RequestInit, 'body'> {
  if (bytes !== undefined) return { body: bytes }
  return body === undefined ? {} : { body: JSON.stringify(body) }
}

function masked(headers: Readonly<Record<string, string>>): Record<string, string> {
  return 'authorization' in headers ? { ...headers, authorization: 'Bearer ***' } : { ...headers }
}

/** A signed link opens the recording for whoever reads it in a log, so its query stays out. */
function shownUrl(ask: Ask): string {
  return ask.anonymous === true ? `${ask.url.origin}${ask.url.pathname}` : ask.url.href
}

function parseJson(text: string, ask: Ask, trackingId: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const request = { method: ask.method, url: shownUrl(ask) }
    throw new UnreadableResponse(`the answer to ${ask.method} ${ask.url.pathname} is not JSON`, {
      request,
      trackingId,
      cause,
    })
  }
}
