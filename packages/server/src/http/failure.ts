/**
 * How an operation says that it cannot: by throwing a `Failure` that names an error of the registry. The one place that
 * turns failures into answers gives them the contract's body (contract README §4).
 */
import { ERRORS, type ErrorBody, type ErrorEntry, type ErrorName } from '@tandem/contract'

/** How soon a client should try again when the server cannot serve it now. Whole seconds, as a known client needs. */
const RETRY_SECONDS = 5

/** An answer that is not a success. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly error: ErrorName
  /** What is wrong in this very request; the registry's text when there is nothing to add. */
  readonly detail: string
  readonly headers: Readonly<Record<string, string>>

  constructor(error: ErrorName, detail?: string, headers: Readonly<Record<string, string>> = {}) {
    super(error)
    this.error = error
    this.detail = detail ?? ERRORS[error].description
    this.headers =
      ERRORS[error].status === 503 ? { 'retry-after': String(RETRY_SECONDS), ...headers } : headers
  }

  /** The HTTP status. */
  get status(): number {
    return ERRORS[this.error].status
  }
}

/** A 400 that names the field and what is wrong with it. */
export function invalid(field: string, must: string): Failure {
  return new Failure('invalid_request', `${field} ${must}`)
}

/** The body that goes out for a failure. */
export function errorBody(failure: Failure, trackingId: string): ErrorBody {
  const entry: ErrorEntry = ERRORS[failure.error]
  return {
    message: failure.detail,
    errors: [{ description: failure.detail, errorCode: entry.errorCode }],
    trackingId,
  }
}
