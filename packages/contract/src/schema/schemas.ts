/** Every schema of the contract. It brings the schema library, so it is loaded by `loadSchemas` alone. */
export { Call, CallInfo, CallList, DialRequest, HangupRequest, Party, Redirection } from './calls.ts'
export { ErrorBody } from './error-body.ts'
export { CallActivity, MetadataParty, RecordingMetadata } from './metadata.ts'
export { Person } from './person.ts'
export {
  ConvergedRecording,
  ConvergedRecordingDetails,
  ConvergedRecordingList,
  DownloadLinks,
} from './recordings.ts'
