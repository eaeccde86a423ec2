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
export type { OpenApiDocument, Publisher } from './openapi/document.ts'
export { makeOpenApi } from './openapi/load-open-api.ts'
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
export { errorsOf } from './routes/errors-of.ts'
export type { Access, OtherAnswer, Parameter, Parameters, Route, SchemaName, Tag } from './routes/route.ts'
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
export type {
  AuditRecord,
  AuditRecordList,
  LegalHold,
  LegalHoldList,
  PlaceHoldRequest,
  RecordingKeeping,
  RecordingManifest,
  ReleaseHoldRequest,
  RetentionPolicy,
  RetentionPolicyList,
  RetentionPolicyRequest,
  RetentionPolicySet,
  SigningKeyList,
  StorageReport,
} from './schema/compliance.ts'
export type { ConferenceDetails, MessageWaitingRequest, StartConferenceRequest } from './schema/conference.ts'
export type { Device, Location, Organization, VirtualLine, Workspace } from './schema/directory.ts'
export type { ErrorBody } from './schema/error-body.ts'
export type {
  CreateImportRequest,
  FoundRecording,
  FoundRecordingList,
  MakeTranscriptRequest,
  PutTranscriptRequest,
  RecordingImport,
  RecordingImportList,
  RecordingTranscript,
  UpdateRecordingRequest,
} from './schema/library.ts'
export { loadSchemas, type Schemas } from './schema/load-schemas.ts'
export type {
  AccessListRequest,
  AdminMeetingRecording,
  AdminMeetingRecordingList,
  DeleteMeetingRecordingRequest,
  GroupMeetingRecording,
  GroupMeetingRecordingList,
  LinkAccessListRequest,
  MeetingDownloadLinks,
  MeetingPurgeRequest,
  MeetingRecording,
  MeetingRecordingDetails,
  MeetingRecordingList,
  MeetingRestoreRequest,
  MeetingSoftDeleteRequest,
} from './schema/meeting-recordings.ts'
export type { CallActivity, MetadataParty, RecordingMetadata } from './schema/metadata.ts'
export type { AccessToken, OAuthClient, OAuthTokens } from './schema/oauth.ts'
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
  DeleteRecordingRequest,
  DownloadLinks,
  PurgeRequest,
  ReassignRequest,
  RestoreRequest,
  SoftDeleteRequest,
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
  ADMIN_WINDOW_DAYS_MAX,
  AUDIT_PER_PAGE_MAX,
  COMMENT_CHARS_MAX,
  CONFERENCE_CALLS_MAX,
  DESTINATION_CHARS_MAX,
  DTMF_CHARS_MAX,
  EMAIL_CHARS_MAX,
  FILE_NAME_CHARS_MAX,
  FORMATS,
  HISTORY_TYPES,
  ID_CHARS_MAX,
  IMPORT_BYTES_MAX,
  KEEP_DAYS_MAX,
  LIBRARY_PER_PAGE_MAX,
  LINK_MS,
  MEETING_FORMATS,
  MEETING_SERVICE_TYPES,
  OWNER_TYPES,
  REASON_CHARS_MAX,
  RECORDING_ID_ENTRIES_MAX,
  RECORDING_IDS_MAX,
  RECORDING_MODES,
  RECORDINGS_PER_PAGE,
  RECORDINGS_PER_PAGE_MAX,
  REPEAT_SECONDS_MAX,
  REPEAT_SECONDS_MIN,
  RETENTION_SCOPES,
  type RecordingMode,
  SEARCH_CHARS_MAX,
  SERVICE_TYPES,
  SHARE_EMAILS_MAX,
  SOUND_BYTES_MAX,
  SOUND_NAME_CHARS_MAX,
  STATUSES,
  STORAGE_REGIONS,
  TOPIC_CHARS_MAX,
  TRANSCRIPT_CHARS_MAX,
  TRANSCRIPT_FORMATS,
  TRANSCRIPT_SEGMENTS_MAX,
  WINDOW_DAYS,
} from './schema/vocabulary.ts'
export type {
  CreateWebhookRequest,
  UpdateWebhookRequest,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryList,
  WebhookList,
} from './schema/webhooks.ts'
export { effectiveScopes, isScope, ROLES, type Role, SCOPES, type Scope } from './scopes.ts'
export { parseTime, printMilliseconds, printSeconds, UTC, type Zone, zoneOf } from './time.ts'
