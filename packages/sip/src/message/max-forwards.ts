/**
 * The Max-Forwards header: RFC 3261 §8.1.1.6, §20.22. What bounds a call that is forwarded in a circle.
 */
import { parseDigits } from './characters.ts'
import type { SipRequest } from './message.ts'

/** What a request begins with, and what one without the header counts as. */
export const MAX_FORWARDS = 70
/** The largest value that the header can hold: RFC 3261 §20.22. */
export const HOPS_MAX = 255

/** How many hops a request may still go; 70 when it does not say, or not in digits. */
export function maxForwardsOf(request: SipRequest): number {
  const hops = parseDigits(request.headers.get('Max-Forwards') ?? '', HOPS_MAX)
  return hops === undefined || hops > HOPS_MAX ? MAX_FORWARDS : hops
}
