/**
 * What call controls take. Members that exclude each other cannot be written together; whoever gets round the types is
 * stopped before anything is sent.
 */
import { requireText } from './api.ts'
import { InvalidArgument } from './error/webex-error.ts'
import type { CallOptions } from './options.ts'

/** Whose line a request is about; the caller's own when absent. */
export interface LineOptions extends CallOptions {
  /** A person, workspace or virtual line whose line appears on one of the caller's own devices. */
  readonly lineOwnerId?: string | undefined
}

/** Which own phone rings: all of them, one device by its endpoint id, or a number-reach number of the caller. */
export type OwnPhone =
  | { readonly endpointId?: string | undefined; readonly singleNumberReachPhoneNumber?: undefined }
  | { readonly endpointId?: undefined; readonly singleNumberReachPhoneNumber: string }

/** Where a dialled call goes, and which own phone rings for it first. */
export type DialRequest = { readonly destination: string } & OwnPhone

/** Where the parked call is fetched from: what park answered as `number`; against the caller when absent. */
export type RetrieveRequest = { readonly destination?: string | undefined } & OwnPhone

/** Whose ringing call is picked up; one of the caller's pickup group when absent. */
export type PickupRequest = { readonly target?: string | undefined } & OwnPhone

/** Whose answered call is joined. */
export type BargeInRequest = { readonly target: string } & OwnPhone

/** To a destination, to the own voicemail, or to the voicemail of a destination. */
export type DivertTarget =
  | { readonly destination: string; readonly toVoicemail?: false | undefined }
  | { readonly toVoicemail: true; readonly destination?: string | undefined }

/** Two calls that are joined; the only two of the line when neither is named. */
export type AttendedTransfer =
  | { readonly callId1: string; readonly callId2: string; readonly destination?: undefined }
  | { readonly callId1?: undefined; readonly callId2?: undefined; readonly destination?: undefined }

/** One call, which moves to a destination once that answers. */
export interface MuteTransfer {
  readonly callId1: string
  readonly destination: string
  readonly callId2?: undefined
}

/** Against a destination, a free member of the park group, or the caller when neither is named. */
export type ParkTarget =
  | { readonly destination?: string | undefined; readonly isGroupPark?: false | undefined }
  | { readonly isGroupPark: true; readonly destination?: undefined }

/** Why an unanswered call is refused: `busy` when absent. */
export type RejectAction = 'busy' | 'temporarilyUnavailable' | 'ignore' | (string & {})

/** A call that need not be named when only one of the line qualifies. */
export interface MaybeCall {
  readonly callId?: string | undefined
}

const DTMF = /^[0-9*#A-D,]+$/

/** The members that say which phone rings. Throws when both are given. */
export function ownPhoneOf(request: OwnPhone): Readonly<Record<string, string | undefined>> {
  const { endpointId, singleNumberReachPhoneNumber } = request
  if (endpointId !== undefined && singleNumberReachPhoneNumber !== undefined)
    throw new InvalidArgument('give endpointId or singleNumberReachPhoneNumber, not both')
  return { endpointId, singleNumberReachPhoneNumber }
}

/** The members of a divert. Throws when it goes nowhere. */
export function divertOf({ destination, toVoicemail }: DivertTarget): Readonly<Record<string, unknown>> {
  if (toVoicemail !== true) requireText('destination', destination)
  return { destination, toVoicemail }
}

/** The members of a transfer. Throws for a mixture that the contract answers 400. */
export function transferOf(request: AttendedTransfer | MuteTransfer): Readonly<Record<string, unknown>> {
  const { callId1, callId2, destination } = request
  const given = [callId1, callId2, destination].map((member) => (member === undefined ? '-' : 'x')).join('')
  if (!['---', 'xx-', 'x-x'].includes(given) || (callId1 !== undefined && callId1 === callId2))
    throw new InvalidArgument('give nothing, callId1 and another callId2, or callId1 and destination')
  return { callId1, callId2, destination }
}

/** The members that say where a call is parked. Throws when both are given. */
export function parkOf(target: ParkTarget): Readonly<Record<string, unknown>> {
  const {
    destination,
    isGroupPark,
  }: { destination?: string | undefined; isGroupPark?: boolean | undefined } = target
  if (destination !== undefined && isGroupPark === true)
    throw new InvalidArgument('give destination or isGroupPark, not both')
  return { destination, isGroupPark }
}

/** The digits, when a telephone has them: `0-9 * # A-D`, and `,` for a pause. */
export function requireDtmf(dtmf: string): string {
  if (DTMF.test(requireText('dtmf', dtmf))) return dtmf
  throw new InvalidArgument('dtmf may hold 0-9, *, #, A-D and, for a pause, a comma')
}
