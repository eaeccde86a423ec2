export { ERRORS, type ErrorEntry, type ErrorName } from './error.ts'
export {
  canonicalUuid,
  decodeCallId,
  decodeCallSessionId,
  decodeWebexId,
  encodeCallId,
  encodeCallSessionId,
  encodeWebexId,
  rawKey,
  sameId,
  type WebexId,
  type WebexIdType,
} from './ids.ts'
export { CURSOR_CHARS_MAX, decodeCursor, encodeCursor, nextLink, type PageCursor } from './paging.ts'
export {
  ANY_TOKEN,
  type Caller,
  decide,
  type Grant,
  grantsOf,
  type Protected,
  type RecordingStatus,
  RIGHTS,
  type TokenOperationId,
  type Verdict,
} from './rights.ts'
export type { Access, Route } from './routes/route.ts'
export {
  BASE_PATH,
  matchRoute,
  type OperationId,
  ROUTES,
  type RouteMatch,
  TANDEM_PATH,
} from './routes.ts'
export type {
  CallRecordingSettings,
  CallRecordingSettingsChange,
  MyCallRecording,
} from './schema/call-recording.ts'
export type {
  AnswerRequest,
  BargeInRequest,
  CallRequest,
  DialRequest,
  DivertRequest,
  OptionalCallRequest,
  ParkRequest,
  PickupRequest,
  PullRequest,
  RejectRequest,
  RetrieveRequest,
  TransferRequest,
  TransmitDtmfRequest,
} from './schema/call-requests.ts'
export type {
  Call,
  CallHistory,
  CallHistoryRecord,
  CallInfo,
  CallList,
  ParkAnswer,
  Party,
  Redirection,
} from './schema/calls.ts'
export type { ConferenceDetails, MessageWaitingRequest, StartConferenceRequest } from './schema/conference.ts'
export type { ErrorBody } from './schema/error-body.ts'
export { loadSchemas, type Schemas } from './schema/load-schemas.ts'
export type { CallActivity, MetadataParty, RecordingMetadata } from './schema/metadata.ts'
export type { Person } from './schema/person.ts'
export type {
  AnswerEndpoint,
  MyPreferredAnswerEndpoint,
  MyPreferredAnswerEndpointRequest,
  PreferredAnswerEndpoint,
  PreferredAnswerEndpointRequest,
} from './schema/preferred-answer-endpoint.ts'
export type {
  ConvergedRecording,
  ConvergedRecordingDetails,
  ConvergedRecordingList,
  DownloadLinks,
} from './schema/recordings.ts'
export type {
  Announcement,
  AnnouncementList,
  CallRecord,
  CallTrace,
  HoldMusicRequest,
  VoicemailList,
  VoicemailMessage,
} from './schema/tandem.ts'
export {
  CONFERENCE_CALLS_MAX,
  DESTINATION_CHARS_MAX,
  DTMF_CHARS_MAX,
  FORMATS,
  HISTORY_TYPES,
  ID_CHARS_MAX,
  LINK_MS,
  OWNER_TYPES,
  RECORDING_MODES,
  RECORDINGS_PER_PAGE,
  RECORDINGS_PER_PAGE_MAX,
  REPEAT_SECONDS_MAX,
  REPEAT_SECONDS_MIN,
  type RecordingMode,
  SERVICE_TYPES,
  SOUND_BYTES_MAX,
  SOUND_NAME_CHARS_MAX,
  STATUSES,
  STORAGE_REGIONS,
  WINDOW_DAYS,
} from './schema/vocabulary.ts'
export { effectiveScopes, isScope, ROLES, type Role, SCOPES, type Scope } from './scopes.ts'
export { parseTime, printMilliseconds, printSeconds, UTC, type Zone, zoneOf } from './time.ts'
