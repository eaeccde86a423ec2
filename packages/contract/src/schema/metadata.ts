/**
 * The metadata document of a recording (contract, recording-metadata §1 to §4), version 1.2. Times are UTC with whole
 * seconds. `actor` is present in every party, and `mLineIndex` is a string: a known client rejects anything else.
 */
import Type, { type Static } from 'typebox'

/** Who or what took part; external parties have neither id nor email. */
export const MetadataActor = Type.Object({
  type: Type.Enum(['USER', 'PLACE', 'VIRTUAL_LINE', 'CALL_QUEUE', 'EXTERNAL']),
  id: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
})

/** A party of the recorded call. */
export const MetadataParty = Type.Object(
  {
    actor: MetadataActor,
    name: Type.Optional(Type.String()),
    number: Type.Optional(Type.String({ description: 'SIP URI' })),
  },
  { title: 'MetadataParty' },
)
/** A party of the recorded call. */
export type MetadataParty = Static<typeof MetadataParty>

/** One change in the call that the recording saw; the last four members only with `showAllTypes=true`. */
export const CallActivity = Type.Object(
  {
    timeStamp: Type.String({ format: 'date-time' }),
    announcementData: Type.Optional(
      Type.Object({
        announcementFilename: Type.Optional(Type.String()),
        announcementTimestamp: Type.Optional(Type.String({ format: 'date-time' })),
        announcementParticipants: Type.Optional(Type.Array(Type.String())),
        announcementType: Type.Optional(Type.String()),
      }),
    ),
    mediaStreams: Type.Optional(
      Type.Array(Type.Object({ streamId: Type.String(), mode: Type.String(), mLineIndex: Type.String() })),
    ),
    participants: Type.Optional(
      Type.Array(Type.Object({ actor: MetadataActor, aor: Type.String(), send: Type.String() })),
    ),
    redirectInfo: Type.Optional(
      Type.Object({
        reason: Type.String(),
        redirectingParty: Type.Optional(MetadataParty),
        time: Type.Optional(Type.String({ format: 'date-time' })),
      }),
    ),
    redirectedCall: Type.Optional(
      Type.Object({
        callId: Type.String(),
        callSessionId: Type.String(),
        party: Type.Optional(MetadataParty),
      }),
    ),
  },
  { title: 'CallActivity' },
)
/** One change in the call that the recording saw. */
export type CallActivity = Static<typeof CallActivity>

/** The metadata document. */
export const RecordingMetadata = Type.Object(
  {
    id: Type.String(),
    orgId: Type.String({ description: 'Raw UUID' }),
    ownerId: Type.String({ description: 'Raw UUID' }),
    ownerType: Type.Enum(['USER', 'VIRTUAL_LINE', 'PLACE', 'CALL_QUEUE']),
    ownerName: Type.String(),
    ownerEmail: Type.String(),
    storageRegion: Type.String(),
    serviceType: Type.String(),
    version: Type.String(),
    serviceData: Type.Object({
      callRecordingId: Type.String(),
      locationId: Type.Optional(Type.String()),
      callSessionId: Type.Optional(Type.String()),
      callId: Type.Optional(Type.String()),
      sipCallId: Type.Optional(Type.String()),
      personality: Type.Optional(Type.Enum(['originator', 'terminator'])),
      callingParty: Type.Optional(MetadataParty),
      calledParty: Type.Optional(MetadataParty),
      answererInfo: Type.Optional(MetadataParty),
      connectedParty: Type.Optional(MetadataParty),
      managedBy: Type.Optional(MetadataParty),
      session: Type.Optional(
        Type.Object({
          startTime: Type.String({ format: 'date-time' }),
          stopTime: Type.Optional(Type.String({ format: 'date-time' })),
        }),
      ),
      recordingType: Type.Optional(Type.String()),
      recordingActions: Type.Array(
        Type.Object({ action: Type.String(), time: Type.String({ format: 'date-time' }) }),
      ),
      callActivity: Type.Array(CallActivity),
    }),
  },
  { title: 'RecordingMetadata' },
)
/** The metadata document. */
export type RecordingMetadata = Static<typeof RecordingMetadata>
