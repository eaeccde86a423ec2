/**
 * What `Database` asks of the engine behind it: SQLite in a thread, or a PostgreSQL server. Both run the same suite of
 * tests (`database-suite.ts`).
 */
import type { Dialect } from 'kysely'
import type { Statement, StatementResult } from './statement.ts'

/** A place of tables beside the main one: a file of its own on SQLite, a schema on PostgreSQL. */
export type AttachedSchema = 'keys'

/** One open engine. */
export interface Engine {
  readonly dialect: Dialect
  /** For messages: the file, or database and host; never a password. */
  readonly place: string
  /** Carries out all statements or none; resolves after their COMMIT. */
  commit(statements: readonly Statement[]): Promise<readonly StatementResult[]>
  /** Brings the schema up to date with no other process at it, and without the limit of transactions. */
  whileMigrating<Result>(work: () => Promise<Result>): Promise<Result>
  /** See `Database.checkpoint`. */
  checkpoint(options: { readonly rewrite: boolean }): Promise<boolean>
  /** See `Database.backup`. */
  backup(toFile: string, schema: AttachedSchema | undefined): Promise<void>
  close(): Promise<void>
}
