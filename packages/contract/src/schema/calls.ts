/**
 * Call controls on the wire: the `Call` object, its parties, and the bodies of the commands (contract, call-controls
 * §1, §2). Times are ISO 8601 with milliseconds in UTC. Members that are unknown to us are ignored in requests; a member
 * that has no value is left out of answers, never sent as `null`.
 */
import Type, { type Static } from 'typebox'
import { DESTINATION_CHARS_MAX, ID_CHARS_MAX } from './vocabulary.ts'

/** The role a party plays for the person who asks. */
export const Party = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'Only if known and not private' })),
    number: Type.Optional(Type.String({ description: 'Digits or URI, only if known and not private' })),
    personId: Type.Optional(Type.String({ description: 'Webex id of a person' })),
    placeId: Type.Optional(Type.String({ description: 'Webex id of a workspace' })),
    privacyEnabled: Type.Boolean({ description: 'The party withholds name, number and id' }),
    callType: Type.Enum(['location', 'organization', 'external', 'emergency', 'repair', 'other']),
  },
  { title: 'Party' },
)
/** The other side of a call, as one person may see it. */
export type Party = Static<typeof Party>

/** One step by which a call came to where it rings now. */
export const Redirection = Type.Object(
  {
    reason: Type.Enum([
      'busy',
      'noAnswer',
      'unavailable',
      'unconditional',
      'timeOfDay',
      'divert',
      'followMe',
      'huntGroup',
      'callQueue',
      'unknown',
    ]),
    redirectingParty: Party,
  },
  { title: 'Redirection' },
)
/** One step by which a call came to where it rings now. */
export type Redirection = Static<typeof Redirection>

/** One person's part in a call. */
export const Call = Type.Object(
  {
    id: Type.String({ description: 'Call identifier, a Webex id of type CALL' }),
    callSessionId: Type.String({
      description: 'Base64 of the bare UUID that all parts of one conversation share',
    }),
    personality: Type.Enum(['originator', 'terminator', 'clickToDial']),
    state: Type.Enum(['connecting', 'alerting', 'connected', 'held', 'remoteHeld', 'disconnected']),
    remoteParty: Party,
    appearance: Type.Optional(Type.Integer({ description: 'Line appearance, only when assigned' })),
    created: Type.String({ format: 'date-time' }),
    answered: Type.Optional(Type.String({ format: 'date-time' })),
    redirections: Type.Optional(Type.Array(Redirection)),
    recall: Type.Optional(Type.Object({ type: Type.Enum(['park']), party: Party })),
    recordingState: Type.Optional(Type.Enum(['pending', 'started', 'paused', 'stopped', 'failed'])),
    muteCapable: Type.Boolean(),
    muted: Type.Boolean(),
    disconnected: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { title: 'Call' },
)
/** One person's part in a call. */
export type Call = Static<typeof Call>

/** The answer to `GET /telephony/calls`: all active calls, oldest first. */
export const CallList = Type.Object({ items: Type.Array(Call) }, { title: 'CallList' })
/** The answer to `GET /telephony/calls`: all active calls, oldest first. */
export type CallList = Static<typeof CallList>

/** Names a new call: the answer to dial and its like. */
export const CallInfo = Type.Object(
  { callId: Type.String(), callSessionId: Type.String() },
  { title: 'CallInfo' },
)
/** Names a new call: the answer to dial and its like. */
export type CallInfo = Static<typeof CallInfo>

/** Body of `POST /telephony/calls/dial`. `endpointId` and `singleNumberReachPhoneNumber` exclude each other. */
export const DialRequest = Type.Object(
  {
    destination: Type.String({ minLength: 1, maxLength: DESTINATION_CHARS_MAX }),
    endpointId: Type.Optional(Type.String({ minLength: 1, maxLength: ID_CHARS_MAX })),
    singleNumberReachPhoneNumber: Type.Optional(
      Type.String({ minLength: 1, maxLength: DESTINATION_CHARS_MAX }),
    ),
    lineOwnerId: Type.Optional(Type.String({ minLength: 1, maxLength: ID_CHARS_MAX })),
  },
  { title: 'DialRequest' },
)
/** Body of `POST /telephony/calls/dial`. */
export type DialRequest = Static<typeof DialRequest>

/** Body of `POST /telephony/calls/hangup`. */
export const HangupRequest = Type.Object(
  {
    callId: Type.String({ minLength: 1, maxLength: ID_CHARS_MAX }),
    lineOwnerId: Type.Optional(Type.String({ minLength: 1, maxLength: ID_CHARS_MAX })),
  },
  { title: 'HangupRequest' },
)
/** Body of `POST /telephony/calls/hangup`. */
export type HangupRequest = Static<typeof HangupRequest>
