/**
 * What an operation of the API is: a function from a request, whose caller is known and allowed to ask, to an answer.
 * A file in this folder holds one; `app.ts` puts it on the path that the route table gives it.
 */
import type { Caller, Schemas, TokenOperationId } from '@tandem/contract'
import type { CallCommands } from '@tandem/engine'
import type { ServerDatabase } from '../data/open-data.ts'
import type {
  CallRecordsPort,
  HistoryPort,
  LinesPort,
  MessageWaitingPort,
  SoundsPort,
  VoicemailPort,
} from './ports.ts'
import type { Query } from './query.ts'
import type { RecordingsPort } from './recordings-port.ts'

/** What the operations work with. */
export interface Services {
  readonly db: ServerDatabase
  readonly calls: CallCommands
  readonly recordings: RecordingsPort
  readonly lines: LinesPort
  readonly history: HistoryPort
  readonly callRecords: CallRecordsPort
  readonly sounds: SoundsPort
  readonly voicemail: VoicemailPort
  readonly mwi: MessageWaitingPort
  /** Origin under which clients reach us, without a trailing slash. */
  readonly publicUrl: string
  /** Unix milliseconds. */
  now(): number
}

/** A request that has passed token, path, scope and media type. */
export interface ApiRequest {
  readonly caller: Caller
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  /** Parsed JSON; `{}` when there was none. */
  readonly body: unknown
  /** The `timezone` header. */
  readonly timezone: string | undefined
}

/** A success; the status is the route's own. Nothing in `body` means 204. */
export interface ApiAnswer {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One operation behind a bearer token. */
export interface Operation {
  readonly id: TokenOperationId
  /** The schema that serialises the answer, and keeps everything out that it does not name. */
  readonly answer?: keyof Schemas
  run(request: ApiRequest, services: Services): Promise<ApiAnswer>
}
