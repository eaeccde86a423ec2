/** Call ids of requests (call-controls §3): any text may be one, and what cannot be ours is simply not found. */
import { decodeCallId } from '@tandem/contract'
import { Failure } from '../failure.ts'

/** The raw id of a call half; throws `call_not_found`. */
export function rawCallId(callId: string): string {
  const raw = decodeCallId(callId)
  if (raw === undefined) throw new Failure('call_not_found')
  return raw
}

/** The same as a member, left out when there is none. */
export function optionalCallId(callId: string | undefined): { readonly callId?: string } {
  return callId === undefined ? {} : { callId: rawCallId(callId) }
}

/** What two call ids of a request are compared by: one call may be written with and without padding. */
export function comparableCallId(callId: string): string {
  return decodeCallId(callId) ?? callId
}
