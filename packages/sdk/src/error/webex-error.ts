/**
 * Every failure that the SDK throws, one class for each kind. All are `WebexError`s; those answered by the
 * server are `WebexApiError`s with the status, the server's own words and the tracking id to report.
 *
 * An aborted call is the exception: it fails with the signal's own reason.
 */
import { type ErrorDetail, readErrorBody } from './read-error-body.ts'

/** What was asked when it failed. The query of a signed link is left out. */
export interface FailedRequest {
  readonly method: string
  readonly url: string
}

/** Facts that every failure may carry. */
export interface FailureFacts {
  readonly request?: FailedRequest | undefined
  readonly trackingId?: string | undefined
  readonly cause?: unknown
}

/** The parent of all failures of this SDK. */
export class WebexError extends Error {
  override readonly name: string = 'WebexError'
  readonly request: FailedRequest | undefined
  /** Names this request in the server's logs; undefined when none was sent. */
  readonly trackingId: string | undefined

  constructor(message: string, facts: FailureFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.request = facts.request
    this.trackingId = facts.trackingId
  }
}

/** An argument that the server would refuse for certain: nothing was sent. */
export class InvalidArgument extends WebexError {
  override readonly name: string = 'InvalidArgument'
}

/** No answer arrived: name resolution, connection, TLS, or a redirect where none is expected. `cause` says which. */
export class ConnectionFailed extends WebexError {
  override readonly name: string = 'ConnectionFailed'
}

/** The attempt took longer than `timeoutMs`. A command may still have taken effect. */
export class TimedOut extends WebexError {
  override readonly name: string = 'TimedOut'
}

/** A success that cannot be read: its body is not JSON, or a page has no items. */
export class UnreadableResponse extends WebexError {
  override readonly name: string = 'UnreadableResponse'
}

/** A link that must not or cannot be followed: a next page on another origin, a page that names itself. */
export class LinkRefused extends WebexError {
  override readonly name: string = 'LinkRefused'
}

/** The recording's details name no audio link for this caller, as for administrators. */
export class NoDownloadLink extends WebexError {
  override readonly name: string = 'NoDownloadLink'
}

/** What an error is made from. */
export interface ErrorResponse {
  readonly status: number
  readonly headers: Headers
  readonly rawBody: string
  readonly request: FailedRequest
  readonly trackingId: string
  readonly retryAfterMs?: number | undefined
}

/** The server answered with a status outside 200 to 299. */
export class WebexApiError extends WebexError {
  override readonly name: string = 'WebexApiError'
  readonly status: number
  /** The server's error code, from the first error that has one or from the body; undefined when it names none. */
  readonly code: number | undefined
  /** The first description, which real clients compare (`Call not found`); the message when there is none. */
  readonly description: string
  readonly errors: readonly ErrorDetail[]
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined
  readonly headers: Headers
  readonly rawBody: string

  constructor(response: ErrorResponse) {
    const body = readErrorBody(response.rawBody)
    const description = body.errors[0]?.description ?? body.message
    const { method } = response.request
    const said = description ?? 'the server gave no reason'
    const trackingId = body.trackingId ?? response.headers.get('trackingid') ?? response.trackingId
    super(`${response.status} for ${method} ${new URL(response.request.url).pathname}: ${said}`, {
      request: response.request,
      trackingId,
    })
    this.status = response.status
    this.code = body.code
    this.description = said
    this.errors = body.errors
    this.retryAfterMs = response.retryAfterMs
    this.headers = response.headers
    this.rawBody = response.rawBody
  }
}

/** 400: the request itself is wrong; the description names the field. */
export class BadRequest extends WebexApiError {
  override readonly name: string = 'BadRequest'
}

/** 401: no token, or one that is unknown, revoked or expired. */
export class Unauthorized extends WebexApiError {
  override readonly name: string = 'Unauthorized'
}

/** 403: the token lacks a scope, or its person a right. */
export class Forbidden extends WebexApiError {
  override readonly name: string = 'Forbidden'
}

/** 404: there is no such thing, or this caller may not see it. */
export class NotFound extends WebexApiError {
  override readonly name: string = 'NotFound'
}

/** 409: its present state forbids the action. */
export class Conflict extends WebexApiError {
  override readonly name: string = 'Conflict'
}

/** 429, after all attempts that the retry options allow. */
export class RateLimited extends WebexApiError {
  override readonly name: string = 'RateLimited'
}

/** 500 to 599. */
export class ServerError extends WebexApiError {
  override readonly name: string = 'ServerError'
}

/** The error of the class that its status calls for. */
export function apiError(response: ErrorResponse): WebexApiError {
  const { status } = response
  if (status === 400) return new BadRequest(response)
  if (status === 401) return new Unauthorized(response)
  if (status === 403) return new Forbidden(response)
  if (status === 404) return new NotFound(response)
  if (status === 409) return new Conflict(response)
  if (status === 429) return new RateLimited(response)
  if (status >= 500) return new ServerError(response)
  return new WebexApiError(response)
}
