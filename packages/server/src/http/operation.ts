/**
 * What an operation of the API is: a function from a request, whose caller is known and allowed to ask, to an answer.
 * A file in this folder holds one; `app.ts` puts it on the path that the route table gives it.
 */
import type { Readable, Writable } from 'node:stream'
import type { Caller, Schemas, TokenOperationId } from '@tandem/contract'
import type { CallCommands } from '@tandem/engine'
import type { OwnersPort } from '@tandem/recordings'
import type { ServerDatabase } from '../data/open-data.ts'
import type { Directory } from '../directory/directory.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { Access } from '../oauth/access.ts'
import type { RaisesAlarms } from '../observe/alarms.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import type {
  CallRecordsPort,
  HistoryPort,
  LinesPort,
  MessageWaitingPort,
  SoundsPort,
  VoicemailPort,
} from './ports.ts'
import type { Query } from './query.ts'
import type { RecordingRules, RecordingsPort } from './recordings-port.ts'
import type { BodyKind } from './request-body.ts'

/** What the operations work with. */
export interface Services {
  readonly db: ServerDatabase
  readonly access: Access
  readonly events: Pick<EventHub, 'open'>
  readonly calls: CallCommands
  readonly recordings: RecordingsPort
  /** The contract's own unless set. */
  readonly rules?: RecordingRules
  readonly owners: OwnersPort
  readonly lines: LinesPort
  readonly directory: Directory
  readonly history: HistoryPort
  readonly callRecords: CallRecordsPort
  readonly sounds: SoundsPort
  readonly voicemail: VoicemailPort
  readonly mwi: MessageWaitingPort
  readonly webhooks: Webhooks
  /** How the operator is told; absent in tests that have none. */
  readonly alarms?: RaisesAlarms
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
  /** Parsed JSON; `{}` when there was none. Otherwise what the operation takes: see `BodyKind`. */
  readonly body: unknown
  /** Media type of the body, lower case, without parameters. */
  readonly contentType: string
  /** The `timezone` header. */
  readonly timezone: string | undefined
  /** Other header fields that a few operations read, by their names in lower case; one value each. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Only the head of the answer is wanted: a file need not be opened, nor be written down as given. */
  readonly isHead: boolean
  /** For the audit log. */
  readonly trackingId: string
}

/** A success. Nothing in `body` and `file` means no body at all, as 204 has it. */
export interface ApiAnswer {
  /** The route's own unless set. */
  readonly status?: 200 | 201 | 204
  readonly body?: unknown
  /** In place of `body`: something that is not JSON. */
  readonly file?: { readonly contentType: string; readonly content: Uint8Array | Readable }
  /** In place of both: something that goes on until one side ends it, straight to the connection. */
  readonly live?: LiveAnswer
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer without an end of its own. */
export interface LiveAnswer {
  readonly contentType: string
  /** Called once, when the head has been written. An outlet that is destroyed already is to be let go of. */
  flowInto(outlet: Writable): void
}

/** One operation behind a bearer token. */
export interface Operation {
  readonly id: TokenOperationId
  /** The schema that serialises the answer, and keeps everything out that it does not name. */
  readonly answer?: keyof Schemas
  /** What the request body is; JSON unless set. */
  readonly takes?: BodyKind
  /** Largest body, in bytes; `BODY_BYTES_MAX` unless set. A stream is bounded by the operation itself. */
  readonly bodyBytesMax?: number
  run(request: ApiRequest, services: Services): Promise<ApiAnswer>
}
