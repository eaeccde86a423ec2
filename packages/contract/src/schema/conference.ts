/**
 * Conference controls on the wire (contract, call-controls §7), and the body of the message lamp of a voicemail system
 * outside (§8).
 */
import Type, { type Static } from 'typebox'
import { CONFERENCE_CALLS_MAX, ID_CHARS_MAX } from './vocabulary.ts'

const id = Type.String({ minLength: 1, maxLength: ID_CHARS_MAX })
const lineOwner = { lineOwnerId: Type.Optional(id) }

/** A host's conference; an empty object when there is none. */
export const ConferenceDetails = Type.Object(
  {
    state: Type.Optional(
      Type.Enum(['connected', 'held', 'disconnected'], { description: 'held: the host is away' }),
    ),
    appearance: Type.Optional(Type.Integer()),
    created: Type.Optional(Type.String({ format: 'date-time' })),
    muted: Type.Optional(Type.Boolean({ description: 'Whether the host is muted' })),
    type: Type.Optional(Type.Enum(['bargeIn', 'silentMonitoring', 'coaching'])),
    participants: Type.Optional(
      Type.Array(
        Type.Object({
          callId: Type.String({ description: 'The host’s call with this participant' }),
          muted: Type.Boolean(),
          deafened: Type.Boolean(),
        }),
      ),
    ),
  },
  { title: 'ConferenceDetails' },
)
/** A host's conference; an empty object when there is none. */
export type ConferenceDetails = Static<typeof ConferenceDetails>

/** Body of `POST /telephony/conference`: at least two calls. */
export const StartConferenceRequest = Type.Object(
  { callIds: Type.Array(id, { maxItems: CONFERENCE_CALLS_MAX }), ...lineOwner },
  { title: 'StartConferenceRequest' },
)
/** Body of `POST /telephony/conference`. */
export type StartConferenceRequest = Static<typeof StartConferenceRequest>

/** Body of `POST /telephony/externalVoicemail/mwi`. */
export const MessageWaitingRequest = Type.Object(
  { action: Type.Enum(['SET', 'CLEAR']) },
  { title: 'MessageWaitingRequest' },
)
/** Body of `POST /telephony/externalVoicemail/mwi`. */
export type MessageWaitingRequest = Static<typeof MessageWaitingRequest>
