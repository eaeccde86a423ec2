/**
 * Meeting recordings on the wire: the columns of the contract's table as lists, details, administrators and service apps
 * see them, and the bodies of commands (contract, meeting-recordings §1, §4-§6; README Ruling 38). Times have whole
 * seconds, in the zone of the request. What depends on the caller or on a second member is checked by the operation.
 */
import Type, { type Static } from 'typebox'
import {
  COMMENT_CHARS_MAX,
  EMAIL_CHARS_MAX,
  ID_CHARS_MAX,
  MEETING_SERVICE_TYPES,
  REASON_CHARS_MAX,
  RECORDING_ID_ENTRIES_MAX,
  SHARE_EMAILS_MAX,
  STATUSES,
} from './vocabulary.ts'

const URL_CHARS_MAX = 2_048

const uri = Type.String({ format: 'uri' })
const time = Type.String({ format: 'date-time' })

const members = {
  id: Type.String({ description: '32 hex digits' }),
  meetingId: Type.String({ description: 'The meeting that ended' }),
  scheduledMeetingId: Type.Optional(Type.String()),
  meetingSeriesId: Type.Optional(Type.String()),
  topic: Type.String(),
  createTime: Type.String({ format: 'date-time', description: 'When the file was produced' }),
  timeRecorded: Type.String({ format: 'date-time', description: 'When recording was switched on' }),
  siteUrl: Type.String({ description: 'Host name of the site' }),
  downloadUrl: Type.Optional(
    Type.String({ format: 'uri', description: 'Absent when downloading is prevented' }),
  ),
  playbackUrl: uri,
  password: Type.String(),
}
const facts = {
  format: Type.Enum(['MP4', 'ARF', 'UPLOADED']),
  serviceType: Type.Enum([...MEETING_SERVICE_TYPES]),
  durationSeconds: Type.Integer(),
  sizeBytes: Type.Integer(),
  shareToMe: Type.Optional(
    Type.Boolean({ description: 'Absent for a compliance officer without hostEmail' }),
  ),
  integrationTags: Type.Optional(
    Type.Array(Type.String(), { description: 'Those that the calling client has set' }),
  ),
  status: Type.Enum([...STATUSES]),
}
const host = { hostDisplayName: Type.String(), hostEmail: Type.String({ format: 'email' }) }
const { shareToMe: _, ...sharedless } = facts

/** A meeting recording in the list of who hosted it or was given a share. */
export const MeetingRecording = Type.Object({ ...members, ...facts }, { title: 'MeetingRecording' })
/** A meeting recording in the list of who hosted it or was given a share. */
export type MeetingRecording = Static<typeof MeetingRecording>

/** One page, newest first. */
export const MeetingRecordingList = Type.Object(
  { items: Type.Array(MeetingRecording) },
  { title: 'MeetingRecordingList' },
)
/** One page, newest first. */
export type MeetingRecordingList = Static<typeof MeetingRecordingList>

/** A meeting recording in the list of a site. */
export const AdminMeetingRecording = Type.Object(
  { ...members, ...host, ...sharedless },
  { title: 'AdminMeetingRecording' },
)
/** A meeting recording in the list of a site. */
export type AdminMeetingRecording = Static<typeof AdminMeetingRecording>

/** One page of a site, newest first. */
export const AdminMeetingRecordingList = Type.Object(
  { items: Type.Array(AdminMeetingRecording) },
  { title: 'AdminMeetingRecordingList' },
)
/** One page of a site, newest first. */
export type AdminMeetingRecordingList = Static<typeof AdminMeetingRecordingList>

/** A meeting recording in the list that a service app gets of one person. */
export const GroupMeetingRecording = Type.Object(
  { ...members, ...host, ...facts },
  { title: 'GroupMeetingRecording' },
)
/** A meeting recording in the list that a service app gets of one person. */
export type GroupMeetingRecording = Static<typeof GroupMeetingRecording>

/** One page of one person, newest first. */
export const GroupMeetingRecordingList = Type.Object(
  { items: Type.Array(GroupMeetingRecording) },
  { title: 'GroupMeetingRecordingList' },
)
/** One page of one person, newest first. */
export type GroupMeetingRecordingList = Static<typeof GroupMeetingRecordingList>

/** Links to the files of a meeting recording, for three hours and without a token. */
export const MeetingDownloadLinks = Type.Object(
  {
    recordingDownloadLink: Type.Optional(uri),
    audioDownloadLink: Type.Optional(uri),
    transcriptDownloadLink: Type.Optional(uri),
    expiration: time,
  },
  { title: 'MeetingDownloadLinks' },
)
/** Links to the files of a meeting recording, for three hours and without a token. */
export type MeetingDownloadLinks = Static<typeof MeetingDownloadLinks>

/** One meeting recording with its links, where the caller may have them. */
export const MeetingRecordingDetails = Type.Object(
  { ...members, temporaryDirectDownloadLinks: Type.Optional(MeetingDownloadLinks), ...facts },
  { title: 'MeetingRecordingDetails' },
)
/** One meeting recording with its links, where the caller may have them. */
export type MeetingRecordingDetails = Static<typeof MeetingRecordingDetails>

const siteUrl = Type.Optional(Type.String({ maxLength: ID_CHARS_MAX }))
const recordingIds = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: ID_CHARS_MAX }), {
    maxItems: RECORDING_ID_ENTRIES_MAX,
    description: 'At most 100 different ones',
  }),
)

/** Body of `DELETE /recordings/{recordingId}`. */
export const DeleteMeetingRecordingRequest = Type.Object(
  {
    reason: Type.Optional(Type.String({ maxLength: REASON_CHARS_MAX })),
    comment: Type.Optional(Type.String({ maxLength: COMMENT_CHARS_MAX })),
  },
  { title: 'DeleteMeetingRecordingRequest' },
)
/** Body of `DELETE /recordings/{recordingId}`. */
export type DeleteMeetingRecordingRequest = Static<typeof DeleteMeetingRecordingRequest>

/** Body of `POST /recordings/softDelete`; there is no "all". */
export const MeetingSoftDeleteRequest = Type.Object(
  { recordingIds, siteUrl },
  { title: 'MeetingSoftDeleteRequest' },
)
/** Body of `POST /recordings/softDelete`. */
export type MeetingSoftDeleteRequest = Static<typeof MeetingSoftDeleteRequest>

/** Body of `POST /recordings/restore`. */
export const MeetingRestoreRequest = Type.Object(
  { restoreAll: Type.Optional(Type.Boolean()), recordingIds, siteUrl },
  { title: 'MeetingRestoreRequest' },
)
/** Body of `POST /recordings/restore`. */
export type MeetingRestoreRequest = Static<typeof MeetingRestoreRequest>

/** Body of `POST /recordings/purge`. */
export const MeetingPurgeRequest = Type.Object(
  { purgeAll: Type.Optional(Type.Boolean()), recordingIds, siteUrl },
  { title: 'MeetingPurgeRequest' },
)
/** Body of `POST /recordings/purge`. */
export type MeetingPurgeRequest = Static<typeof MeetingPurgeRequest>

const emails = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: EMAIL_CHARS_MAX }), { maxItems: SHARE_EMAILS_MAX }),
)
const sharing = {
  hostEmail: Type.Optional(Type.String({ maxLength: EMAIL_CHARS_MAX })),
  addEmails: emails,
  removeEmails: emails,
  sendEmail: Type.Optional(Type.Boolean()),
}

/** Body of `POST /recordings/{recordingId}/accessList`. */
export const AccessListRequest = Type.Object({ ...sharing }, { title: 'AccessListRequest' })
/** Body of `POST /recordings/{recordingId}/accessList`. */
export type AccessListRequest = Static<typeof AccessListRequest>

/** Body of `POST /recordings/accessList`, which names the recording by its share link. */
export const LinkAccessListRequest = Type.Object(
  { webShareLink: Type.String({ minLength: 1, maxLength: URL_CHARS_MAX }), ...sharing },
  { title: 'LinkAccessListRequest' },
)
/** Body of `POST /recordings/accessList`. */
export type LinkAccessListRequest = Static<typeof LinkAccessListRequest>
