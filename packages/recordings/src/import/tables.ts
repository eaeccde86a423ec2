/**
 * The tables of imports: where each stands, and which media an organisation has already, so that a file that comes twice
 * becomes one recording, also when both come at the same moment.
 */
import type { Kysely, Migration } from '@tandem/store'

/** One import. Moments in Unix milliseconds. */
export interface ImportJobTable {
  id: string
  org_id: string
  /** The key of the recording that it becomes, chosen when it begins. */
  id_key: string
  /** As emitted; set when `done`, and when `duplicate`: the one that is there. */
  recording_id: string | null
  state: string
  file_name: string | null
  /** As announced. */
  size_bytes: number | null
  /** Bytes that are on disk for certain. */
  received_bytes: number
  /** Why it failed. */
  error: string | null
  created_by: string
  created_as: string
  created_at: number
  /** When something last came of it. */
  touched_at: number
  /** Sealed JSON: what was asked for, while something is still to be done with it; empty afterwards. */
  request: string
}

/** Media that has become a recording, by the hash of the file that was sent. */
export interface ImportClaimTable {
  org_id: string
  /** Lower-case hex. */
  sha256: string
  id_key: string
}

/** The tables of this part. Each has `id_key`, by which an erasure finds what to delete. */
export interface ImportTables {
  import_job: ImportJobTable
  import_claim: ImportClaimTable
}

/** The names of the tables that an erasure must empty of a recording. */
export const IMPORT_DEPENDENTS = ['import_job', 'import_claim'] as const

/** The migration of this part. */
export const IMPORT_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0106_imports': {
    async up(db: Kysely<ImportTables>): Promise<void> {
      await db.schema
        .createTable('import_job')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('org_id', 'text', (column) => column.notNull())
        .addColumn('id_key', 'text', (column) => column.notNull())
        .addColumn('recording_id', 'text')
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('file_name', 'text')
        .addColumn('size_bytes', 'bigint')
        .addColumn('received_bytes', 'bigint', (column) => column.notNull())
        .addColumn('error', 'text')
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('created_as', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('touched_at', 'bigint', (column) => column.notNull())
        .addColumn('request', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('import_claim')
        .addColumn('org_id', 'text', (column) => column.notNull())
        .addColumn('sha256', 'text', (column) => column.notNull())
        .addColumn('id_key', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('import_claim_key', ['org_id', 'sha256'])
        .execute()
      const indexes: readonly (readonly [name: string, table: string, columns: readonly string[]])[] = [
        ['import_job_by_time', 'import_job', ['org_id', 'created_at desc', 'id desc']],
        ['import_job_by_state', 'import_job', ['state', 'touched_at']],
        ['import_job_by_recording', 'import_job', ['id_key']],
        ['import_claim_by_recording', 'import_claim', ['id_key']],
      ]
      for (const [name, table, columns] of indexes)
        await db.schema
          .createIndex(name)
          .on(table)
          .columns([...columns])
          .execute()
    },
  },
}
