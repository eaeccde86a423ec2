/**
 * A SIP message in memory: RFC 3261 §7. Parsed by `parse.ts`, written by `print.ts`.
 *
 * Headers keep their order and their values as text; `header.ts` holds the parsers of the structured ones.
 */
import type { Headers } from './headers.ts'

/** A request, RFC 3261 §7.1. `uri` is the Request-URI as text. */
export interface SipRequest {
  readonly kind: 'request'
  readonly method: string
  readonly uri: string
  readonly headers: Headers
  readonly body: Uint8Array
}

/** A response, RFC 3261 §7.2. */
export interface SipResponse {
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly body: Uint8Array
}

export type SipMessage = SipRequest | SipResponse

/** A body of no bytes. */
export const NO_BODY: Uint8Array = new Uint8Array(0)
