/**
 * The bodies of call controls (contract, call-controls §1, §3). Members that are unknown to us are ignored, and `null` is
 * the same as absent. What a single member cannot say (two that exclude each other) is checked by the operation.
 */
import Type, { type Static } from 'typebox'
import { DESTINATION_CHARS_MAX, DTMF_CHARS_MAX, ID_CHARS_MAX } from './vocabulary.ts'

const id = Type.String({ minLength: 1, maxLength: ID_CHARS_MAX })
const destination = Type.String({
  minLength: 1,
  maxLength: DESTINATION_CHARS_MAX,
  description: 'Digits, E.164, feature code, tel: or sip: URI, user@domain',
})
const ownPhone = {
  endpointId: Type.Optional(id),
  singleNumberReachPhoneNumber: Type.Optional(
    Type.String({ minLength: 1, maxLength: DESTINATION_CHARS_MAX }),
  ),
}
/** Another user's line that appears on one of the caller's own devices. */
const lineOwner = { lineOwnerId: Type.Optional(id) }

/** Body of the commands that name a call and nothing else: hangup, hold, resume, mute, unmute. */
export const CallRequest = Type.Object({ callId: id, ...lineOwner }, { title: 'CallRequest' })
/** Body of the commands that name a call and nothing else: hangup, hold, resume, mute, unmute. */
export type CallRequest = Static<typeof CallRequest>

/** Body of `POST …/dial`. `endpointId` and `singleNumberReachPhoneNumber` exclude each other. */
export const DialRequest = Type.Object({ destination, ...ownPhone, ...lineOwner }, { title: 'DialRequest' })
/** Body of `POST …/dial`. `endpointId` and `singleNumberReachPhoneNumber` exclude each other. */
export type DialRequest = Static<typeof DialRequest>

/** Body of `POST …/answer`. */
export const AnswerRequest = Type.Object(
  { callId: id, endpointId: Type.Optional(id), ...lineOwner },
  { title: 'AnswerRequest' },
)
/** Body of `POST …/answer`. */
export type AnswerRequest = Static<typeof AnswerRequest>

/** Body of `POST …/reject`; `busy` when it names no action. */
export const RejectRequest = Type.Object(
  {
    callId: id,
    action: Type.Optional(Type.Enum(['busy', 'temporarilyUnavailable', 'ignore'])),
    ...lineOwner,
  },
  { title: 'RejectRequest' },
)
/** Body of `POST …/reject`; `busy` when it names no action. */
export type RejectRequest = Static<typeof RejectRequest>

/** Body of `POST …/divert`; `destination` is needed unless it goes to the own voicemail. */
export const DivertRequest = Type.Object(
  {
    callId: id,
    destination: Type.Optional(destination),
    toVoicemail: Type.Optional(Type.Boolean()),
    ...lineOwner,
  },
  { title: 'DivertRequest' },
)
/** Body of `POST …/divert`; `destination` is needed unless it goes to the own voicemail. */
export type DivertRequest = Static<typeof DivertRequest>

/** Body of `POST …/transfer`: two calls, or one and a destination, or nothing. */
export const TransferRequest = Type.Object(
  {
    callId1: Type.Optional(id),
    callId2: Type.Optional(id),
    destination: Type.Optional(destination),
    ...lineOwner,
  },
  { title: 'TransferRequest' },
)
/** Body of `POST …/transfer`: two calls, or one and a destination, or nothing. */
export type TransferRequest = Static<typeof TransferRequest>

/** Body of `POST …/park`; with `isGroupPark` the destination is ignored. */
export const ParkRequest = Type.Object(
  {
    callId: id,
    destination: Type.Optional(destination),
    isGroupPark: Type.Optional(Type.Boolean()),
    ...lineOwner,
  },
  { title: 'ParkRequest' },
)
/** Body of `POST …/park`; with `isGroupPark` the destination is ignored. */
export type ParkRequest = Static<typeof ParkRequest>

/** Body of `POST …/retrieve`; without a destination what is parked against the caller. */
export const RetrieveRequest = Type.Object(
  { destination: Type.Optional(destination), ...ownPhone, ...lineOwner },
  { title: 'RetrieveRequest' },
)
/** Body of `POST …/retrieve`; without a destination what is parked against the caller. */
export type RetrieveRequest = Static<typeof RetrieveRequest>

/** Body of the commands that find the call themselves when only one qualifies (Ruling 18): the four of recording, push. */
export const OptionalCallRequest = Type.Object(
  { callId: Type.Optional(id), ...lineOwner },
  { title: 'OptionalCallRequest' },
)
/** Body of the commands that find the call themselves when only one qualifies (Ruling 18): the four of recording, push. */
export type OptionalCallRequest = Static<typeof OptionalCallRequest>

/** Body of `POST …/transmitDtmf`: `0-9`, `*`, `#`, `A-D`, and `,` for a pause. */
export const TransmitDtmfRequest = Type.Object(
  {
    callId: Type.Optional(id),
    dtmf: Type.Optional(Type.String({ maxLength: DTMF_CHARS_MAX })),
    ...lineOwner,
  },
  { title: 'TransmitDtmfRequest' },
)
/** Body of `POST …/transmitDtmf`: `0-9`, `*`, `#`, `A-D`, and `,` for a pause. */
export type TransmitDtmfRequest = Static<typeof TransmitDtmfRequest>

/** Body of `POST …/pickup`; without a target, of the caller’s pickup group. */
export const PickupRequest = Type.Object(
  { target: Type.Optional(destination), ...ownPhone, ...lineOwner },
  { title: 'PickupRequest' },
)
/** Body of `POST …/pickup`; without a target, of the caller’s pickup group. */
export type PickupRequest = Static<typeof PickupRequest>

/** Body of `POST …/bargeIn`. */
export const BargeInRequest = Type.Object(
  { target: destination, ...ownPhone, ...lineOwner },
  { title: 'BargeInRequest' },
)
/** Body of `POST …/bargeIn`. */
export type BargeInRequest = Static<typeof BargeInRequest>

/** Body of `POST …/pull`. */
export const PullRequest = Type.Object(
  { endpointId: Type.Optional(id), ...lineOwner },
  { title: 'PullRequest' },
)
/** Body of `POST …/pull`. */
export type PullRequest = Static<typeof PullRequest>
