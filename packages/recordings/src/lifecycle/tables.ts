/**
 * The tables behind the life of a recording: holds, retention policies, kept time, erasures that are on their way, and
 * the guard that makes a commit conditional. Migration 0104 adds also the indexes by which a sweep finds what is due
 * without reading the catalogue (promise P16).
 */
import { type Kysely, type Migration, sql } from '@tandem/store'
import type { CatalogueTables } from '../catalogue/tables.ts'

/** A legal hold; what it holds is in `recording_hold_item`. */
export interface RecordingHoldTable {
  id: string
  org_id: string
  reason: string
  placed_by: string
  /** Unix milliseconds, of the wall clock. */
  placed_at: number
  released_by: string | null
  /** Null while it is in force. */
  released_at: number | null
  release_reason: string | null
}

/** One recording under one hold; stays when the hold is released. */
export interface RecordingHoldItemTable {
  hold_id: string
  id_key: string
  /** As emitted. */
  recording_id: string
}

/** A retention policy in force. */
export interface RetentionPolicyTable {
  org_id: string
  /** `organization`, `location`, `owner`. */
  scope: string
  scope_id: string
  keep_days: number
  erase_at_end: number
  set_by: string
  set_at: number
}

/** Kept time as it was when it was last written down: one row. */
export interface KeptTimeTable {
  /** Always 1. */
  one: number
  /** What the wall clock said. */
  wall: number
  kept: number
  /** How much unproven time may still be believed, milliseconds. */
  reserve_ms: number
  /** 1: doubted, and so written in the audit log. */
  doubted: number
  /** Kept time from which on it may lag behind the truth; null while the clocks agree. */
  unsure_since: number | null
}

/** An erasure whose rows are gone and whose key or files may still be there: the tombstone of storage rule R3. */
export interface RecordingErasureTable {
  id_key: string
  /** As emitted. */
  recording_id: string
  org_id: string
  /** JSON: names of files in the vault. */
  files: string
  at: number
}

/** Erasures that may have left traces in pages of the database: one row, none when there are none. */
export interface ErasureTraceTable {
  /** Always 1. */
  one: number
  /** How many erasures since the database was last written anew. */
  erasures: number
}

/** Empty between commits: see `guard.ts`. */
export interface CommitGuardTable {
  token: string
  key: string
}

/** The tables of this part. */
export interface LifecycleTables {
  recording_hold: RecordingHoldTable
  recording_hold_item: RecordingHoldItemTable
  retention_policy: RetentionPolicyTable
  kept_time: KeptTimeTable
  recording_erasure: RecordingErasureTable
  erasure_trace: ErasureTraceTable
  commit_guard: CommitGuardTable
}

/** What the life of a recording touches. */
export type LifeTables = CatalogueTables & LifecycleTables

/** The migrations of this part. */
export const LIFECYCLE_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0104_lifecycle': {
    async up(db: Kysely<LifeTables>): Promise<void> {
      await createHolds(db)
      await createRetention(db)
      await db.schema
        .createTable('recording_erasure')
        .addColumn('id_key', 'text', (column) => column.primaryKey())
        .addColumn('recording_id', 'text', (column) => column.notNull())
        .addColumn('org_id', 'text', (column) => column.notNull())
        .addColumn('files', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('commit_guard')
        .addColumn('token', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('commit_guard_key', ['token', 'key'])
        .execute()
      // Partial: recordings outside of the bin and without an end cost nothing.
      await db.schema
        .createIndex('recording_bin_due')
        .on('recording')
        .columns(['bin_until', 'seq'])
        .where('bin_until', 'is not', null)
        .execute()
      await db.schema
        .createIndex('recording_retention_due')
        .on('recording')
        .columns(['retain_until', 'seq'])
        .where(sql.ref('erase_at_end'), '=', sql.lit(1))
        .execute()
    },
  },
  '0110_erasure_trace': {
    async up(db: Kysely<LifeTables>): Promise<void> {
      await db.schema
        .createTable('erasure_trace')
        .addColumn('one', 'integer', (column) => column.primaryKey())
        .addColumn('erasures', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}

async function createHolds(db: Kysely<LifeTables>): Promise<void> {
  await db.schema
    .createTable('recording_hold')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('placed_by', 'text', (column) => column.notNull())
    .addColumn('placed_at', 'bigint', (column) => column.notNull())
    .addColumn('released_by', 'text')
    .addColumn('released_at', 'bigint')
    .addColumn('release_reason', 'text')
    .execute()
  await db.schema
    .createIndex('recording_hold_by_time')
    .on('recording_hold')
    .columns(['org_id', 'placed_at desc', 'id desc'])
    .execute()
  await db.schema
    .createTable('recording_hold_item')
    .addColumn('hold_id', 'text', (column) => column.notNull())
    .addColumn('id_key', 'text', (column) => column.notNull())
    .addColumn('recording_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('recording_hold_item_key', ['hold_id', 'id_key'])
    .execute()
  await db.schema
    .createIndex('recording_hold_item_by_recording')
    .on('recording_hold_item')
    .column('id_key')
    .execute()
}

async function createRetention(db: Kysely<LifeTables>): Promise<void> {
  await db.schema
    .createTable('retention_policy')
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('scope_id', 'text', (column) => column.notNull())
    .addColumn('keep_days', 'integer', (column) => column.notNull())
    .addColumn('erase_at_end', 'integer', (column) => column.notNull())
    .addColumn('set_by', 'text', (column) => column.notNull())
    .addColumn('set_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('retention_policy_key', ['org_id', 'scope', 'scope_id'])
    .execute()
  await db.schema
    .createTable('kept_time')
    .addColumn('one', 'integer', (column) => column.primaryKey())
    .addColumn('wall', 'bigint', (column) => column.notNull())
    .addColumn('kept', 'bigint', (column) => column.notNull())
    .addColumn('reserve_ms', 'bigint', (column) => column.notNull())
    .addColumn('doubted', 'integer', (column) => column.notNull())
    .addColumn('unsure_since', 'bigint')
    .execute()
}
