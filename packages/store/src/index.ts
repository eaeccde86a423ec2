export type { Compilable, Generated, Insertable, Kysely, Selectable, Transaction } from 'kysely'
export { sql } from 'kysely'
export type { Migration } from 'kysely/migration'
export {
  type CommitResult,
  Database,
  type DatabaseOptions,
  type Migrations,
  openDatabase,
} from './database.ts'
export { type DialectName, dialectOf } from './dialect.ts'
export { StoreError, type StoreErrorCode } from './error.ts'
export { nextBoot } from './node-boot.ts'
export {
  OUTBOX_PAGE_MAX,
  type OutboxEvent,
  outboxEvent,
  pruneOutbox,
  readOutbox,
  type StoredOutboxEvent,
} from './outbox.ts'
export { TRANSACTION_MS_MAX } from './sqlite/sqlite-dialect.ts'
export type { NodeBootTable, OutboxTable, StoreTables } from './tables.ts'
