export type { Compilable, Generated, Insertable, Kysely, Selectable, Transaction } from 'kysely'
export { sql } from 'kysely'
export type { Migration } from 'kysely/migration'
export {
  type CommitResult,
  Database,
  type DatabaseOptions,
  type DatabasePlace,
  type Migrations,
  openDatabase,
} from './database.ts'
export { type DialectName, dialectOf } from './dialect.ts'
export type { AttachedSchema } from './engine.ts'
export { StoreError, type StoreErrorCode } from './error.ts'
export { type InsertRowOptions, insertRow } from './insert-row.ts'
export { nextBoot } from './node-boot.ts'
export {
  OUTBOX_PAGE_MAX,
  type OutboxEvent,
  outboxEvent,
  pruneOutbox,
  pruneOutboxBefore,
  readOutbox,
  redactOutbox,
  type StoredOutboxEvent,
} from './outbox.ts'
export { preparedQuery } from './prepared-query.ts'
export { type DatabaseProbe, type ProbedRow, probeDatabase } from './probe.ts'
export { openText, sealText } from './sealed-text.ts'
export { holdLock } from './sqlite/hold-lock.ts'
export { type DatabaseCopy, openCopy } from './sqlite/read-copy.ts'
export type { AttachedPlaceTable, NodeBootTable, OutboxTable, StoreTables } from './tables.ts'
export { TRANSACTION_MS_MAX } from './transaction-limit.ts'
