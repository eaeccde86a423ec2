export type { QueryValue } from './api.ts'
export type { CallMembers, MemberOptions } from './call-members.ts'
export type {
  AttendedTransfer,
  BargeInRequest,
  DialRequest,
  DivertTarget,
  LineOptions,
  MaybeCall,
  MuteTransfer,
  OwnPhone,
  ParkTarget,
  PickupRequest,
  RejectAction,
  RetrieveRequest,
} from './call-requests.ts'
export type { Calls } from './calls.ts'
export { type RawRequest, WebexClient } from './client.ts'
export type { Conference } from './conference.ts'
export type { ConvergedRecordings } from './converged-recordings.ts'
export type { ErrorDetail } from './error/read-error-body.ts'
export {
  BadRequest,
  Conflict,
  ConnectionFailed,
  type FailedRequest,
  Forbidden,
  InvalidArgument,
  LinkRefused,
  NoDownloadLink,
  NotFound,
  RateLimited,
  ServerError,
  TimedOut,
  Unauthorized,
  UnreadableResponse,
  WebexApiError,
  WebexError,
} from './error/webex-error.ts'
export type { Download } from './http/download.ts'
export type { Answer } from './http/requester.ts'
export type { DownloadOptions } from './http/signed-link.ts'
export { decodeWebexId, encodeWebexId, sameId, type WebexId } from './id/webex-id.ts'
export type { MeetingRecordings } from './meeting-recordings.ts'
export type {
  AccessChange,
  AdminMeetingQuery,
  GroupIdentity,
  GroupMeetingQuery,
  HostOptions,
  MeetingBatchOptions,
  MeetingQuery,
  MeetingSelection,
} from './meeting-requests.ts'
export type {
  AttemptFacts,
  CallOptions,
  ClientClock,
  ClientOptions,
  Fetch,
  Hooks,
  RetryOptions,
  TokenSource,
} from './options.ts'
export type { Page, Pager } from './pager/pager.ts'
export type { People } from './people.ts'
export type { OrgOptions, PreferredAnswer } from './preferred-answer.ts'
export type { AdminRecordingQuery, RecordingQuery } from './recording-query.ts'
export type {
  BatchOptions,
  DeleteReason,
  Reassignment,
  RecordingSelection,
} from './recording-requests.ts'
export type { RecordingSettings } from './recording-settings.ts'
export type { Announcements } from './tandem/announcements.ts'
export type { Audit, AuditQuery, AuditRange } from './tandem/audit.ts'
export type { CallRecordQuery, CallRecords } from './tandem/call-records.ts'
export type { Evidence } from './tandem/evidence.ts'
export type { HoldQuery, Holds } from './tandem/holds.ts'
export type { Imports, UploadOptions } from './tandem/imports.ts'
export type { MediaSource } from './tandem/pieces.ts'
export type { Retention, RetentionScope } from './tandem/retention.ts'
export type { SearchFilters } from './tandem/search.ts'
export type { Storage } from './tandem/storage.ts'
export type { Tandem } from './tandem/tandem.ts'
export type { Transcripts, TranscriptText } from './tandem/transcripts.ts'
export type { UploadProgress } from './tandem/upload.ts'
export type { Voicemail } from './tandem/voicemail.ts'
export type {
  AdminMeetingRecording,
  Announcement,
  AuditRecord,
  Call,
  CallHistoryRecord,
  CallInfo,
  CallRecord,
  CallRecordingSettings,
  CallRecordingSettingsChange,
  CallTrace,
  ConferenceDetails,
  ConvergedRecording,
  ConvergedRecordingDetails,
  FoundRecording,
  Given,
  GroupMeetingRecording,
  LegalHold,
  MeetingRecording,
  MeetingRecordingDetails,
  MyCallRecording,
  MyPreferredAnswerEndpoint,
  NewHold,
  NewImport,
  NewRetentionPolicy,
  NewTranscript,
  Open,
  Party,
  Person,
  PreferredAnswerEndpoint,
  RecordingChange,
  RecordingImport,
  RecordingKeeping,
  RecordingManifest,
  RecordingMetadata,
  RecordingTranscript,
  RetentionPolicy,
  RetentionPolicySet,
  SigningKey,
  StorageReport,
  VoicemailMessage,
} from './wire.ts'
