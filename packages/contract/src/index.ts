export { ERRORS, type ErrorEntry, type ErrorName } from './error.ts'
export {
  Call,
  CallInfo,
  CallList,
  DESTINATION_CHARS_MAX,
  DialRequest,
  HangupRequest,
  ID_CHARS_MAX,
  Party,
  Redirection,
} from './schema/calls.ts'
export { ErrorBody } from './schema/error-body.ts'
export { CallActivity, MetadataParty, RecordingMetadata } from './schema/metadata.ts'
export { Person } from './schema/person.ts'
export {
  ConvergedRecording,
  ConvergedRecordingDetails,
  ConvergedRecordingList,
  DownloadLinks,
  FORMATS,
  LINK_MS,
  OWNER_TYPES,
  RECORDINGS_PER_PAGE,
  RECORDINGS_PER_PAGE_MAX,
  SERVICE_TYPES,
  STATUSES,
  STORAGE_REGIONS,
  WINDOW_DAYS,
} from './schema/recordings.ts'
