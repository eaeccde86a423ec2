/** Every schema of the contract. It brings the schema library, so it is loaded by `loadSchemas` alone. */
export { CallRecordingSettings, CallRecordingSettingsChange, MyCallRecording } from './call-recording.ts'
export {
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
} from './call-requests.ts'
export {
  Call,
  CallHistory,
  CallHistoryRecord,
  CallInfo,
  CallList,
  ParkAnswer,
  Party,
  Redirection,
} from './calls.ts'
export {
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
} from './compliance.ts'
export { ConferenceDetails, MessageWaitingRequest, StartConferenceRequest } from './conference.ts'
export { ErrorBody } from './error-body.ts'
export {
  CreateImportRequest,
  FoundRecording,
  FoundRecordingList,
  MakeTranscriptRequest,
  PutTranscriptRequest,
  RecordingImport,
  RecordingImportList,
  RecordingTranscript,
  UpdateRecordingRequest,
} from './library.ts'
export {
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
} from './meeting-recordings.ts'
export { CallActivity, MetadataParty, RecordingMetadata } from './metadata.ts'
export { Person } from './person.ts'
export {
  AnswerEndpoint,
  MyPreferredAnswerEndpoint,
  MyPreferredAnswerEndpointRequest,
  PreferredAnswerEndpoint,
  PreferredAnswerEndpointRequest,
} from './preferred-answer-endpoint.ts'
export {
  ConvergedRecording,
  ConvergedRecordingDetails,
  ConvergedRecordingList,
  DeleteRecordingRequest,
  DownloadLinks,
  PurgeRequest,
  ReassignRequest,
  RestoreRequest,
  SoftDeleteRequest,
} from './recordings.ts'
export {
  Announcement,
  AnnouncementList,
  CallRecord,
  CallTrace,
  HoldMusicRequest,
  VoicemailList,
  VoicemailMessage,
} from './tandem.ts'
