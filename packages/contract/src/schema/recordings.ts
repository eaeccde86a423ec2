/**
 * Converged recordings on the wire: list item, details with their links, and the bodies of the operations that change
 * something (contract, converged-recordings §2, §5, §6, §8, §9; README Rulings 3, 4, 8, 9, 19). Times have whole
 * seconds, in the zone of the request. What depends on the caller or on a second member is checked by the operation.
 */
import Type, { type Static } from 'typebox'
import {
  COMMENT_CHARS_MAX,
  EMAIL_CHARS_MAX,
  FORMATS,
  ID_CHARS_MAX,
  OWNER_TYPES,
  REASON_CHARS_MAX,
  RECORDING_ID_ENTRIES_MAX,
  STATUSES,
} from './vocabulary.ts'

const members = {
  id: Type.String(),
  topic: Type.String(),
  createTime: Type.String({ format: 'date-time', description: 'When the file was produced' }),
  timeRecorded: Type.String({ format: 'date-time', description: 'When recording started' }),
}

const facts = {
  ownerId: Type.String({ description: 'Raw UUID' }),
  ownerType: Type.Enum([...OWNER_TYPES]),
  ownerEmail: Type.String({ format: 'email' }),
  format: Type.Enum([...FORMATS]),
  durationSeconds: Type.Integer({ description: 'Pauses excluded' }),
  sizeBytes: Type.Integer(),
  serviceType: Type.Enum(['calling', 'customerAssist', 'meeting']),
  storageRegion: Type.String({ description: 'One of the region codes' }),
  status: Type.Enum([...STATUSES]),
  serviceData: Type.Optional(
    Type.Object({
      locationId: Type.Optional(Type.String({ description: 'Raw UUID' })),
      callSessionId: Type.Optional(Type.String({ description: 'Raw UUID' })),
    }),
  ),
}

/** Who held a meeting; calls have these in details alone (Ruling 9). */
const host = {
  meetingId: Type.Optional(Type.String()),
  hostEmail: Type.Optional(Type.String({ format: 'email' })),
  hostDisplayName: Type.Optional(Type.String()),
}

/** A recording as lists show it: without any link. */
export const ConvergedRecording = Type.Object(
  { ...members, ...facts, ...host },
  { title: 'ConvergedRecording' },
)
/** A recording as lists show it: without any link. */
export type ConvergedRecording = Static<typeof ConvergedRecording>

/** One page of recordings, newest first. */
export const ConvergedRecordingList = Type.Object(
  { items: Type.Array(ConvergedRecording) },
  { title: 'ConvergedRecordingList' },
)
/** One page of recordings, newest first. */
export type ConvergedRecordingList = Static<typeof ConvergedRecordingList>

/** Links that work without a token for three hours. */
export const DownloadLinks = Type.Object(
  {
    audioDownloadLink: Type.Optional(Type.String({ format: 'uri' })),
    transcriptDownloadLink: Type.Optional(Type.String({ format: 'uri' })),
    suggestedNotesDownloadLink: Type.Optional(Type.String({ format: 'uri' })),
    shortNotesDownloadLink: Type.Optional(Type.String({ format: 'uri' })),
    actionItemsDownloadLink: Type.Optional(Type.String({ format: 'uri' })),
    recordingDownloadLink: Type.Optional(Type.String({ format: 'uri' })),
    expiration: Type.String({ format: 'date-time' }),
  },
  { title: 'DownloadLinks' },
)
/** Links that work without a token for three hours. */
export type DownloadLinks = Static<typeof DownloadLinks>

/** A recording with its links, where the caller may have them. */
export const ConvergedRecordingDetails = Type.Object(
  {
    ...members,
    temporaryDirectDownloadLinks: Type.Optional(DownloadLinks),
    ...facts,
    downloadUrl: Type.Optional(Type.String({ format: 'uri' })),
    playbackUrl: Type.Optional(Type.String({ format: 'uri' })),
    ...host,
  },
  { title: 'ConvergedRecordingDetails' },
)
/** A recording with its links, where the caller may have them. */
export type ConvergedRecordingDetails = Static<typeof ConvergedRecordingDetails>

const recordingIds = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: ID_CHARS_MAX }), {
    maxItems: RECORDING_ID_ENTRIES_MAX,
    description: 'At most 100 different ones',
  }),
)
const email = Type.Optional(Type.String({ maxLength: EMAIL_CHARS_MAX }))
const ownerId = Type.Optional(Type.String({ maxLength: ID_CHARS_MAX }))

/** Body of `DELETE …/{recordingId}`; only a compliance officer needs one, for the recording of somebody else. */
export const DeleteRecordingRequest = Type.Object(
  {
    reason: Type.Optional(Type.String({ maxLength: REASON_CHARS_MAX })),
    comment: Type.Optional(Type.String({ maxLength: COMMENT_CHARS_MAX })),
  },
  { title: 'DeleteRecordingRequest' },
)
/** Body of `DELETE …/{recordingId}`. */
export type DeleteRecordingRequest = Static<typeof DeleteRecordingRequest>

/** Body of `POST …/reassign`; empty members count as absent (Ruling 19: `ownerID` and `ownerId` are one). */
export const ReassignRequest = Type.Object(
  {
    reassignOwnerEmail: Type.String({ maxLength: EMAIL_CHARS_MAX }),
    ownerEmail: email,
    ownerID: ownerId,
    ownerId,
    recordingIds,
  },
  { title: 'ReassignRequest' },
)
/** Body of `POST …/reassign`. */
export type ReassignRequest = Static<typeof ReassignRequest>

/** Body of `POST …/softDelete`: ids, or everything of one owner. */
export const SoftDeleteRequest = Type.Object(
  { trashAll: Type.Optional(Type.Boolean()), ownerEmail: email, recordingIds },
  { title: 'SoftDeleteRequest' },
)
/** Body of `POST …/softDelete`. */
export type SoftDeleteRequest = Static<typeof SoftDeleteRequest>

/** Body of `POST …/restore`: ids, or everything in the bin of one owner. */
export const RestoreRequest = Type.Object(
  { restoreAll: Type.Optional(Type.Boolean()), ownerEmail: email, recordingIds },
  { title: 'RestoreRequest' },
)
/** Body of `POST …/restore`. */
export type RestoreRequest = Static<typeof RestoreRequest>

/** Body of `POST …/purge`: ids, or everything in the bin of one owner. */
export const PurgeRequest = Type.Object(
  { purgeAll: Type.Optional(Type.Boolean()), ownerEmail: email, recordingIds },
  { title: 'PurgeRequest' },
)
/** Body of `POST …/purge`. */
export type PurgeRequest = Static<typeof PurgeRequest>
