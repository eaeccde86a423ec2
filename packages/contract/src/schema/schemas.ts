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
export { ConferenceDetails, MessageWaitingRequest, StartConferenceRequest } from './conference.ts'
export { ErrorBody } from './error-body.ts'
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
  DownloadLinks,
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
