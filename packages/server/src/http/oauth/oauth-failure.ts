/**
 * Failures of the token endpoints. Their body is the contract's (README §4) with the members of the standard beside it
 * (`error`, `error_description`, RFC 6749 §5.2), which clients made for any OAuth server read.
 */
import type { ErrorName } from '@tandem/contract'
import { errorBody, Failure } from '../failure.ts'

/** The codes of RFC 6749 §5.2, RFC 8628 §3.5 and RFC 6750 §3.1 that are used here. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token'

/** A failure that also has a name in the standard. */
export class OAuthFailure extends Failure {
  readonly code: OAuthErrorCode
  /** Further members of the body. */
  readonly members: Readonly<Record<string, unknown>>

  constructor(
    error: ErrorName,
    code: OAuthErrorCode,
    options: {
      readonly detail?: string
      readonly headers?: Readonly<Record<string, string>>
      readonly members?: Readonly<Record<string, unknown>>
    } = {},
  ) {
    super(error, options.detail, options.headers)
    this.code = code
    this.members = options.members ?? {}
  }
}

/** A request that lacks something, or has too much of it. */
export function badRequest(detail: string): OAuthFailure {
  return new OAuthFailure('invalid_request', 'invalid_request', { detail })
}

/** The body of a failure of a token endpoint. */
export function oauthErrorBody(failure: Failure, trackingId: string): object {
  const body = errorBody(failure, trackingId)
  const [code, members] =
    failure instanceof OAuthFailure ? [failure.code, failure.members] : (['invalid_request', {}] as const)
  // The standard's text is ASCII without quotes (RFC 6749 §5.2).
  const description = failure.detail.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
  return { ...body, error: code, error_description: description, ...members }
}
