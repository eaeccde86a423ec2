/**
 * Converged recordings on the wire: list item, details with their links, and the query of the list (contract,
 * converged-recordings §2, §3, §5; README Rulings 3, 4, 8, 9). Times have whole seconds, in the zone of the request.
 */
import Type, { type Static } from 'typebox'
import { FORMATS, OWNER_TYPES, STATUSES } from './vocabulary.ts'

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

/** A recording as lists show it: without any link. */
export const ConvergedRecording = Type.Object({ ...members, ...facts }, { title: 'ConvergedRecording' })
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
    meetingId: Type.Optional(Type.String()),
    hostEmail: Type.Optional(Type.String({ format: 'email' })),
    hostDisplayName: Type.Optional(Type.String()),
  },
  { title: 'ConvergedRecordingDetails' },
)
/** A recording with its links, where the caller may have them. */
export type ConvergedRecordingDetails = Static<typeof ConvergedRecordingDetails>
