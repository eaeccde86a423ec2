/**
 * Migration 0102: the recording's row gets what lifecycle, retention and search need, its facts move to a table of their
 * own, so that a page of the list reads no more than it shows. Rows that were there are carried over.
 */
import { type Kysely, type Migration, sql } from '@tandem/store'

/** Columns that rows had before, in the names they keep. */
const KEPT_TEXTS = [
  ...['id', 'org_id', 'owner_id', 'owner_type', 'owner_name', 'owner_email', 'owner_email_key'],
  ...['location_id', 'call_session_id', 'call_id', 'topic', 'topic_key', 'format', 'service_type'],
  ...['storage_region', 'status', 'sha256', 'vault_key', 'gaps'],
]
const KEPT_NUMBERS = ['create_time', 'time_recorded', 'duration_ms', 'size_bytes', 'recovered']

/** See the head of this file. */
export const LIBRARY_MIGRATION: Migration = {
  // biome-ignore lint/suspicious/noExplicitAny: a migration knows no present table types.
  async up(db: Kysely<any>): Promise<void> {
    for (const index of ['by_owner', 'by_time', 'newest', 'by_location'])
      await db.schema.dropIndex(`recording_${index}`).execute()
    await db.schema.alterTable('recording').renameTo('recording_before').execute()
    await createRecording(db)
    const kept = sql.raw(['id_key', ...KEPT_TEXTS, ...KEPT_NUMBERS].join(', '))
    await sql`insert into recording (${kept}, storage, origin, parties, status_at, kept_from, erase_at_end, held, download_prevented)
      select ${kept}, 'bare', 'call', '', create_time, create_time, 0, 0, 0 from recording_before order by create_time`.execute(
      db,
    )
    await db.schema
      .createTable('recording_facts')
      .addColumn('id_key', 'text', (column) => column.primaryKey())
      .addColumn('facts', 'text', (column) => column.notNull())
      .execute()
    await sql`insert into recording_facts (id_key, facts) select id_key, facts from recording_before`.execute(
      db,
    )
    await db.schema.dropTable('recording_before').execute()
    await db.schema
      .createTable('recording_file')
      .addColumn('id_key', 'text', (column) => column.notNull())
      .addColumn('file', 'text', (column) => column.notNull())
      .addColumn('vault_key', 'text', (column) => column.notNull())
      .addColumn('storage', 'text', (column) => column.notNull())
      .addColumn('sha256', 'text', (column) => column.notNull())
      .addColumn('size_bytes', 'bigint', (column) => column.notNull())
      .addColumn('content_type', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('recording_file_key', ['id_key', 'file'])
      .execute()
    await createIndexes(db)
  },
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
async function createRecording(db: Kysely<any>): Promise<void> {
  let table = db.schema
    .createTable('recording')
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('id_key', 'text', (column) => column.notNull().unique())
  for (const name of KEPT_TEXTS) table = table.addColumn(name, 'text', (column) => column.notNull())
  for (const name of KEPT_NUMBERS) table = table.addColumn(name, 'bigint', (column) => column.notNull())
  await table
    .addColumn('storage', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('parties', 'text', (column) => column.notNull())
    .addColumn('status_at', 'bigint', (column) => column.notNull())
    .addColumn('kept_from', 'bigint', (column) => column.notNull())
    .addColumn('retain_until', 'bigint')
    .addColumn('erase_at_end', 'integer', (column) => column.notNull())
    .addColumn('bin_until', 'bigint')
    .addColumn('held', 'integer', (column) => column.notNull())
    .addColumn('download_prevented', 'integer', (column) => column.notNull())
    .execute()
}

/** Every list is entered at its cursor: organisation, what restricts it, status, then the sort key. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
async function createIndexes(db: Kysely<any>): Promise<void> {
  const sorted = ['status', 'create_time desc', 'id desc']
  const indexes: readonly (readonly [name: string, columns: readonly string[]])[] = [
    ['recording_by_time', ['org_id', ...sorted]],
    ['recording_by_owner', ['org_id', 'owner_id', ...sorted]],
    ['recording_by_email', ['org_id', 'owner_email_key', ...sorted]],
    ['recording_by_location', ['org_id', 'location_id', ...sorted]],
    ['recording_by_hash', ['org_id', 'sha256']],
    ['recording_newest', ['create_time']],
  ]
  for (const [name, columns] of indexes)
    await db.schema
      .createIndex(name)
      .on('recording')
      .columns([...columns])
      .execute()
}
