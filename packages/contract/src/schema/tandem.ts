/**
 * Our own operations on the wire (contract README §11): uploaded sounds, hold music, the trace of a conversation, the own
 * mailbox. Times are UTC with milliseconds, as in call controls.
 */
import Type, { type Static } from 'typebox'
import { Party } from './calls.ts'
import { ID_CHARS_MAX } from './vocabulary.ts'

/** An uploaded announcement or hold music. */
export const Announcement = Type.Object(
  {
    id: Type.String({ description: 'UUID' }),
    name: Type.String(),
    sizeBytes: Type.Integer({ description: 'Of the upload' }),
    durationMs: Type.Integer(),
    created: Type.String({ format: 'date-time' }),
  },
  { title: 'Announcement' },
)
/** An uploaded announcement or hold music. */
export type Announcement = Static<typeof Announcement>

/** All of an organisation, by name. */
export const AnnouncementList = Type.Object(
  { items: Type.Array(Announcement) },
  { title: 'AnnouncementList' },
)
/** All of an organisation, by name. */
export type AnnouncementList = Static<typeof AnnouncementList>

/** Body of `PUT /tandem/v1/locations/{locationId}/holdMusic`; `null` goes back to the built-in music. */
export const HoldMusicRequest = Type.Object(
  {
    announcementId: Type.Union([Type.String({ minLength: 1, maxLength: ID_CHARS_MAX }), Type.Null()]),
  },
  { title: 'HoldMusicRequest' },
)
/** Body of `PUT /tandem/v1/locations/{locationId}/holdMusic`. */
export type HoldMusicRequest = Static<typeof HoldMusicRequest>

/** The SIP messages of one conversation, oldest first, without personal data. */
export const CallTrace = Type.Object(
  {
    callSessionId: Type.String({ description: 'As call controls show it' }),
    messages: Type.Array(
      Type.Object({
        time: Type.String({ format: 'date-time' }),
        direction: Type.Enum(['in', 'out']),
        leg: Type.String({ description: 'Our name of the leg' }),
        title: Type.String({ description: 'Method, or status with the method it answers' }),
        lines: Type.Array(Type.String(), { description: 'Header fields and SDP lines, masked' }),
      }),
    ),
  },
  { title: 'CallTrace' },
)
/** The SIP messages of one conversation. */
export type CallTrace = Static<typeof CallTrace>

/** A message that somebody left. */
export const VoicemailMessage = Type.Object(
  {
    id: Type.String(),
    time: Type.String({ format: 'date-time' }),
    durationMs: Type.Integer(),
    fromName: Type.Optional(Type.String({ description: 'Only if known and not private' })),
    fromNumber: Type.Optional(Type.String({ description: 'Only if known and not private' })),
    heard: Type.Boolean(),
  },
  { title: 'VoicemailMessage' },
)
/** A message that somebody left. */
export type VoicemailMessage = Static<typeof VoicemailMessage>

/** The own mailbox, newest first. */
export const VoicemailList = Type.Object({ items: Type.Array(VoicemailMessage) }, { title: 'VoicemailList' })
/** The own mailbox, newest first. */
export type VoicemailList = Static<typeof VoicemailList>

const time = Type.String({ format: 'date-time' })
const personality = Type.Enum(['originator', 'terminator', 'clickToDial'])

/** One conversation that has ended, a line of the NDJSON. Ids are raw, as recordings show them. */
export const CallRecord = Type.Object(
  {
    orgId: Type.String(),
    callSessionId: Type.String(),
    started: time,
    answered: Type.Optional(time),
    ended: time,
    cause: Type.String(),
    calls: Type.Array(
      Type.Object({
        callId: Type.String(),
        ownerId: Type.String({ description: 'The line whose part it is' }),
        personality,
        remoteParty: Party,
        created: time,
        answered: Type.Optional(time),
        disconnected: Type.Optional(time),
      }),
    ),
    legs: Type.Array(
      Type.Object({
        leg: Type.String(),
        callId: Type.String(),
        deviceId: Type.Optional(Type.String()),
        statistics: Type.Optional(
          Type.Object({
            packetsReceived: Type.Integer(),
            packetsLost: Type.Integer(),
            jitterMs: Type.Number(),
            packetsSent: Type.Integer(),
            remote: Type.Optional(Type.Object({ packetsLost: Type.Integer(), jitterMs: Type.Number() })),
            roundTripMs: Type.Optional(Type.Number()),
          }),
        ),
      }),
    ),
    recordings: Type.Array(
      Type.Object({
        id: Type.String(),
        ownerId: Type.String(),
        outcome: Type.Enum(['closed', 'failed']),
        why: Type.Optional(Type.String()),
      }),
    ),
    unrecorded: Type.Array(
      Type.Object({ callId: Type.String(), ownerId: Type.String(), why: Type.String() }),
    ),
  },
  { title: 'CallRecord' },
)
/** One conversation that has ended. */
export type CallRecord = Static<typeof CallRecord>
