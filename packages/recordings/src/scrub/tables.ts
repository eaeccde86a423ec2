/**
 * The tables of the scrub, migration 0109: where its pass stands, so that a restart goes on and does not begin anew, and
 * which files are damaged, so that each is told of once and forgotten when it was restored (promise P5).
 */
import type { Kysely, Migration } from '@tandem/store'

/** The one row that says where the pass stands. Moments in Unix milliseconds. */
export interface ScrubStateTable {
  /** Always `pass`. */
  id: string
  began: number
  /** `files`, then `orphans`, then `done`. */
  phase: string
  /** The last key that was dealt with: of a recording, or of the store. */
  after_key: string
  checked_files: number
  checked_bytes: number
  /** What there was to read when the pass began. */
  total_bytes: number
  last_completed: number | null
}

/** A file that is not what was written. */
export interface ScrubDamageTable {
  id_key: string
  file: string
  recording_id: string
  org_id: string
  vault_key: string
  /** For people. */
  what: string
  found_at: number
}

/** The tables of the scrub. */
export interface ScrubTables {
  scrub_state: ScrubStateTable
  scrub_damage: ScrubDamageTable
}

/** Merge it with those of the package. */
export const SCRUB_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0109_scrub': {
    async up(db: Kysely<ScrubTables>): Promise<void> {
      await db.schema
        .createTable('scrub_state')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('began', 'bigint', (column) => column.notNull())
        .addColumn('phase', 'text', (column) => column.notNull())
        .addColumn('after_key', 'text', (column) => column.notNull())
        .addColumn('checked_files', 'bigint', (column) => column.notNull())
        .addColumn('checked_bytes', 'bigint', (column) => column.notNull())
        .addColumn('total_bytes', 'bigint', (column) => column.notNull())
        .addColumn('last_completed', 'bigint')
        .execute()
      await db.schema
        .createTable('scrub_damage')
        .addColumn('id_key', 'text', (column) => column.notNull())
        .addColumn('file', 'text', (column) => column.notNull())
        .addColumn('recording_id', 'text', (column) => column.notNull())
        .addColumn('org_id', 'text', (column) => column.notNull())
        .addColumn('vault_key', 'text', (column) => column.notNull())
        .addColumn('what', 'text', (column) => column.notNull())
        .addColumn('found_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('scrub_damage_key', ['id_key', 'file'])
        .execute()
    },
  },
}
