/**
 * Our own operations on recordings on the wire (contract README §11): search, imports, transcripts. Legal hold,
 * retention, audit and storage stand in `compliance.ts`. Ids are raw UUIDs, times UTC with milliseconds but in the list
 * object of recordings, which looks as everywhere.
 */
import Type, { type Static } from 'typebox'
import { ConvergedRecording } from './recordings.ts'
import {
  EMAIL_CHARS_MAX,
  FILE_NAME_CHARS_MAX,
  ID_CHARS_MAX,
  IMPORT_BYTES_MAX,
  MEETING_SERVICE_TYPES,
  STORAGE_REGIONS,
  TOPIC_CHARS_MAX,
  TRANSCRIPT_CHARS_MAX,
  TRANSCRIPT_FORMATS,
  TRANSCRIPT_SEGMENTS_MAX,
} from './vocabulary.ts'

/** Most integration tags of one meeting, and the longest of them. */
const TAGS_MAX = 64
const TAG_CHARS_MAX = 256
/** Longest date-time that is looked at. */
const TIME_CHARS_MAX = 64
/** Longest language tag (RFC 5646 §4.4.1). */
const LANGUAGE_CHARS_MAX = 35
/** Longest stretch of speech in one piece. */
const SEGMENT_CHARS_MAX = 10_000

const id = Type.String({ minLength: 1, maxLength: ID_CHARS_MAX })
const givenTime = Type.String({ maxLength: TIME_CHARS_MAX, description: 'Any ISO 8601 form' })
const time = Type.String({ format: 'date-time' })

/** Body of `PUT /tandem/v1/recordings/{recordingId}`; what is absent stays as it is. */
export const UpdateRecordingRequest = Type.Object(
  {
    topic: Type.Optional(Type.String({ minLength: 1, maxLength: TOPIC_CHARS_MAX })),
    downloadPrevented: Type.Optional(Type.Boolean({ description: 'Its owner gets no links' })),
  },
  { title: 'UpdateRecordingRequest' },
)
/** Body of `PUT /tandem/v1/recordings/{recordingId}`. */
export type UpdateRecordingRequest = Static<typeof UpdateRecordingRequest>

/** A recording that was found, and where the words stand. */
export const FoundRecording = Type.Object(
  {
    ...ConvergedRecording.properties,
    matches: Type.Array(
      Type.Object({
        in: Type.Enum(['topic', 'party', 'transcript']),
        text: Type.String({ description: 'Some words around the match' }),
        atMs: Type.Optional(Type.Integer({ description: 'Where in the audio' })),
      }),
    ),
  },
  { title: 'FoundRecording' },
)
/** A recording that was found, and where the words stand. */
export type FoundRecording = Static<typeof FoundRecording>

/** One page of what was found, newest first. */
export const FoundRecordingList = Type.Object(
  { items: Type.Array(FoundRecording) },
  { title: 'FoundRecordingList' },
)
/** One page of what was found, newest first. */
export type FoundRecordingList = Static<typeof FoundRecordingList>

const segment = {
  startMs: Type.Integer({ minimum: 0, description: 'From the beginning of the audio' }),
  endMs: Type.Integer({ minimum: 0 }),
}

/** How far the transcript of a recording is, and what was said. */
export const RecordingTranscript = Type.Object(
  {
    state: Type.Enum(['none', 'waiting', 'running', 'done', 'failed']),
    error: Type.Optional(Type.String({ description: 'Why it failed' })),
    language: Type.Optional(Type.String()),
    engine: Type.Optional(Type.String({ description: 'What made it; import: it came from elsewhere' })),
    segments: Type.Optional(
      Type.Array(Type.Object({ ...segment, speaker: Type.Optional(Type.String()), text: Type.String() })),
    ),
  },
  { title: 'RecordingTranscript' },
)
/** How far the transcript of a recording is, and what was said. */
export type RecordingTranscript = Static<typeof RecordingTranscript>

/** Body of `PUT …/transcript` as JSON; WebVTT and plain text may be sent as they are. */
export const PutTranscriptRequest = Type.Object(
  {
    language: Type.Optional(Type.String({ maxLength: LANGUAGE_CHARS_MAX })),
    segments: Type.Array(
      Type.Object({
        ...segment,
        speaker: Type.Optional(Type.String({ maxLength: TOPIC_CHARS_MAX })),
        text: Type.String({ maxLength: SEGMENT_CHARS_MAX }),
      }),
      { maxItems: TRANSCRIPT_SEGMENTS_MAX },
    ),
  },
  { title: 'PutTranscriptRequest' },
)
/** Body of `PUT …/transcript` as JSON. */
export type PutTranscriptRequest = Static<typeof PutTranscriptRequest>

/** Body of `POST …/transcript`, which has one made. */
export const MakeTranscriptRequest = Type.Object(
  { language: Type.Optional(Type.String({ maxLength: LANGUAGE_CHARS_MAX })) },
  { title: 'MakeTranscriptRequest' },
)
/** Body of `POST …/transcript`. */
export type MakeTranscriptRequest = Static<typeof MakeTranscriptRequest>

/** Body of `POST /tandem/v1/imports`: what is known of a recording that comes from elsewhere. */
export const CreateImportRequest = Type.Object(
  {
    ownerEmail: Type.Optional(Type.String({ maxLength: EMAIL_CHARS_MAX, description: 'Or ownerId' })),
    ownerId: Type.Optional(id),
    topic: Type.String({ minLength: 1, maxLength: TOPIC_CHARS_MAX }),
    createTime: Type.Optional(givenTime),
    timeRecorded: Type.Optional(givenTime),
    serviceType: Type.Optional(Type.Enum(['calling', 'customerAssist', 'meeting'])),
    storageRegion: Type.Optional(Type.Enum([...STORAGE_REGIONS])),
    callSessionId: Type.Optional(id),
    locationId: Type.Optional(id),
    meeting: Type.Optional(
      Type.Object({
        meetingId: Type.Optional(
          Type.String({ minLength: 1, maxLength: ID_CHARS_MAX, description: 'One is made without' }),
        ),
        scheduledMeetingId: Type.Optional(id),
        meetingSeriesId: Type.Optional(id),
        siteUrl: Type.Optional(
          Type.String({
            maxLength: TOPIC_CHARS_MAX,
            description: 'The preferred site of the organisation without',
          }),
        ),
        password: Type.Optional(
          Type.String({ maxLength: TOPIC_CHARS_MAX, description: 'One is made without' }),
        ),
        serviceType: Type.Optional(Type.Enum([...MEETING_SERVICE_TYPES])),
        format: Type.Optional(Type.Enum(['MP4', 'ARF', 'UPLOADED'])),
        integrationTags: Type.Optional(
          Type.Array(Type.String({ minLength: 1, maxLength: TAG_CHARS_MAX }), { maxItems: TAGS_MAX }),
        ),
      }),
    ),
    transcript: Type.Optional(
      Type.Object({
        format: Type.Enum([...TRANSCRIPT_FORMATS]),
        text: Type.String({ maxLength: TRANSCRIPT_CHARS_MAX }),
      }),
    ),
    serviceData: Type.Optional(
      Type.Unknown({ description: 'An object: serviceData of the metadata document as it came' }),
    ),
    sha256: Type.Optional(
      Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64, description: 'Of the media' }),
    ),
    sizeBytes: Type.Optional(Type.Integer({ minimum: 1, maximum: IMPORT_BYTES_MAX })),
    fileName: Type.Optional(Type.String({ maxLength: FILE_NAME_CHARS_MAX })),
  },
  { title: 'CreateImportRequest' },
)
/** Body of `POST /tandem/v1/imports`. */
export type CreateImportRequest = Static<typeof CreateImportRequest>

/** One import and how far it has come. */
export const RecordingImport = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum(['waiting', 'receiving', 'checking', 'done', 'duplicate', 'failed', 'cancelled']),
    fileName: Type.Optional(Type.String()),
    sizeBytes: Type.Optional(Type.Integer()),
    receivedBytes: Type.Integer({ description: 'An upload goes on from here' }),
    recordingId: Type.Optional(
      Type.String({ description: 'The new one; of a duplicate the one that is there' }),
    ),
    error: Type.Optional(Type.String({ description: 'Why it failed' })),
    createdBy: Type.String(),
    created: time,
  },
  { title: 'RecordingImport' },
)
/** One import and how far it has come. */
export type RecordingImport = Static<typeof RecordingImport>

/** One page of imports, newest first. */
export const RecordingImportList = Type.Object(
  { items: Type.Array(RecordingImport) },
  { title: 'RecordingImportList' },
)
/** One page of imports, newest first. */
export type RecordingImportList = Static<typeof RecordingImportList>
