/**
 * What the main thread and the database thread say to each other: plain data only. Every request is answered once, with
 * the results of its statements in order or with one fault; a request that fails has changed nothing.
 */
import type { StoreFault } from '../error.ts'
import type { Statement, StatementResult } from '../statement.ts'

/** What is asked of the database thread. */
export type DatabaseRequest = Readonly<
  | { id: number; kind: 'read'; statement: Statement }
  /** One atomic batch; answered after the COMMIT that holds it has returned. */
  | { id: number; kind: 'commit'; statements: readonly Statement[] }
  /** Takes the writer for one interactive transaction; batches wait behind it. */
  | { id: number; kind: 'begin' }
  | { id: number; kind: 'run'; statement: Statement }
  | { id: number; kind: 'end'; commit: boolean }
  /** Empties the write-ahead logs, after writing all pages anew if asked; one row says how many are still being read. */
  | { id: number; kind: 'checkpoint'; rewrite: boolean }
  | { id: number; kind: 'close' }
>

/** The answer to one request. */
export type DatabaseReply = Readonly<
  { id: number; ok: true; results: readonly StatementResult[] } | { id: number; ok: false; fault: StoreFault }
>

/** Every message of the database thread: first how opening went, then replies, several at a time. */
export type DatabaseMessage = Readonly<
  { kind: 'ready' } | { kind: 'refused'; fault: StoreFault } | { kind: 'replies'; replies: DatabaseReply[] }
>

/** What the database thread is started with. */
export interface DatabaseThreadData {
  readonly file: string
  /** Refuse to share the file with another process. */
  readonly exclusive: boolean
  /** Further files by the schema name under which statements reach them. */
  readonly attach: Readonly<Record<string, string>>
}
