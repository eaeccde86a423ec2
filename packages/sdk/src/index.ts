export type { QueryValue } from './api.ts'
export type { Calls, DialRequest, LineOptions } from './calls.ts'
export { type RawRequest, WebexClient } from './client.ts'
export type {
  AudioDownload,
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
export type {
  Call,
  CallInfo,
  ConvergedRecording,
  ConvergedRecordingDetails,
  Open,
  Person,
  RecordingMetadata,
} from './wire.ts'
