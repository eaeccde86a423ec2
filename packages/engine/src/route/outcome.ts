/**
 * Which answer a caller gets when every phone that was called has refused: RFC 3261 §16.7 step 6, narrowed to what a
 * caller can use. A phone's private troubles (401, 302, 500 ...) never reach the other side.
 */

/** Statuses passed on as they are, best first. 600 and above stand before all of them. */
const PASSED_ON = [486, 480, 488] as const

/** True for a refusal that ends the call at once, whatever other phones still ring (RFC 3261 §16.7 step 5). */
export function isDecline(status: number): boolean {
  return status >= 600
}

/** The status for the caller, made from those of the phones. No answer, no phone and anything odd are all 480. */
export function bestStatus(statuses: readonly number[]): number {
  const decline = statuses.find(isDecline)
  if (decline !== undefined) return decline
  return PASSED_ON.find((status) => statuses.includes(status)) ?? 480
}

/** Why a call was not answered, for its record. */
export type FailureCause = 'declined' | 'busy' | 'notAcceptable' | 'noAnswer'

/** The cause that belongs to a status of `bestStatus`. */
export function causeOf(status: number): FailureCause {
  if (isDecline(status)) return 'declined'
  if (status === 486) return 'busy'
  return status === 488 ? 'notAcceptable' : 'noAnswer'
}
