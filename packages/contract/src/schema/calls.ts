/**
 * Call controls on the wire: the `Call` object, its parties, past calls (contract, call-controls §2). Times are ISO 8601 with milliseconds in UTC. A
 * member that has no value is left out of answers, never sent as `null`.
 */
import Type, { type Static } from 'typebox'
import { HISTORY_TYPES } from './vocabulary.ts'

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

/** The answer to park: where the call waits; its `number` is what retrieve takes as `destination`. */
export const ParkAnswer = Type.Object({ parkedAgainst: Party }, { title: 'ParkAnswer' })
/** The answer to park. */
export type ParkAnswer = Static<typeof ParkAnswer>

/** One past call (call-controls §2, CallHistoryRecord). */
export const CallHistoryRecord = Type.Object(
  {
    type: Type.Enum([...HISTORY_TYPES]),
    name: Type.Optional(Type.String({ description: 'Only if known and not private' })),
    number: Type.Optional(Type.String({ description: 'Only if known and not private' })),
    privacyEnabled: Type.Boolean(),
    time: Type.String({
      format: 'date-time',
      description: 'placed: when placed; missed: when it ended; received: when answered',
    }),
  },
  { title: 'CallHistoryRecord' },
)
/** One past call. */
export type CallHistoryRecord = Static<typeof CallHistoryRecord>

/** The answer to `GET /telephony/calls/history`: newest first, at most 20 of each type. */
export const CallHistory = Type.Object({ items: Type.Array(CallHistoryRecord) }, { title: 'CallHistory' })
/** The answer to `GET /telephony/calls/history`. */
export type CallHistory = Static<typeof CallHistory>
