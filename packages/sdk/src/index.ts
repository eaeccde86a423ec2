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
export type {
  ConvergedRecordings,
  DownloadOptions,
  RecordingQuery,
} from './converged-recordings.ts'
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
export { decodeWebexId, encodeWebexId, sameId, type WebexId } from './id/webex-id.ts'
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
export type { RecordingSettings } from './recording-settings.ts'
export type { Announcements } from './tandem/announcements.ts'
export type { CallRecordQuery, CallRecords } from './tandem/call-records.ts'
export type { Tandem } from './tandem/tandem.ts'
export type { Voicemail } from './tandem/voicemail.ts'
export type {
  Announcement,
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
  MyCallRecording,
  MyPreferredAnswerEndpoint,
  Open,
  Party,
  Person,
  PreferredAnswerEndpoint,
  RecordingMetadata,
  VoicemailMessage,
} from './wire.ts'
