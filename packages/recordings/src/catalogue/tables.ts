/**
 * The catalogue's tables: one row for each recording that has a whole file in the vault (promise P2). A recording in the
 * making has no row, so that nobody can see it. Keys of migrations begin with 01 (store, migrations).
 */
import type { Kysely, Migration } from '@tandem/store'

/** One recording. Times in Unix milliseconds. */
export interface RecordingTable {
  /** As emitted. */
  id: string
  /** The id without hyphens in lower case, as it is compared (contract README §2). */
  id_key: string
  org_id: string
  owner_id: string
  owner_type: string
  owner_name: string
  owner_email: string
  /** In lower case, as it is compared. */
  owner_email_key: string
  location_id: string
  call_session_id: string
  call_id: string
  topic: string
  /** Folded, as it is searched. */
  topic_key: string
  create_time: number
  time_recorded: number
  duration_ms: number
  size_bytes: number
  format: string
  service_type: string
  storage_region: string
  status: string
  /** Of the file, lower-case hex. */
  sha256: string
  /** The file's name in the vault. */
  vault_key: string
  /** 1 when the recording was cut off and finished from the journal later. */
  recovered: number
  /** JSON: the stretches that are missing. */
  gaps: string
  /** JSON: what the metadata document is made of. */
  facts: string
}

/** A recording that is done with and has no row of its own. */
export interface RecordingSettledTable {
  id_key: string
  /** `voicemail`: in its mailbox; `discarded`: nothing was to be kept. */
  how: string
  at: number
}

/** The tables of this package. */
export interface RecordingsTables {
  recording: RecordingTable
  recording_settled: RecordingSettledTable
}

/** The migrations of this package; hand them to `openDatabase`. */
export const RECORDINGS_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0100_recordings': {
    async up(db: Kysely<RecordingsTables>): Promise<void> {
      const texts = [
        ...['id', 'org_id', 'owner_id', 'owner_type', 'owner_name', 'owner_email', 'owner_email_key'],
        ...['location_id', 'call_session_id', 'call_id', 'topic', 'topic_key', 'format', 'service_type'],
        ...['storage_region', 'status', 'sha256', 'vault_key', 'gaps', 'facts'],
      ]
      const numbers = ['create_time', 'time_recorded', 'duration_ms', 'size_bytes', 'recovered']
      let table = db.schema
        .createTable('recording')
        .addColumn('id_key', 'text', (column) => column.primaryKey())
      for (const name of texts) table = table.addColumn(name, 'text', (column) => column.notNull())
      for (const name of numbers) table = table.addColumn(name, 'bigint', (column) => column.notNull())
      await table.execute()
      await db.schema
        .createIndex('recording_by_owner')
        .on('recording')
        .columns(['org_id', 'owner_id', 'create_time desc', 'id desc'])
        .execute()
      await db.schema
        .createIndex('recording_by_time')
        .on('recording')
        .columns(['org_id', 'create_time desc', 'id desc'])
        .execute()
      await db.schema.createIndex('recording_newest').on('recording').column('create_time').execute()
      await db.schema
        .createIndex('recording_by_location')
        .on('recording')
        .columns(['org_id', 'location_id', 'create_time desc', 'id desc'])
        .execute()
    },
  },
  '0101_recordings_settled': {
    async up(db: Kysely<RecordingsTables>): Promise<void> {
      await db.schema
        .createTable('recording_settled')
        .addColumn('id_key', 'text', (column) => column.primaryKey())
        .addColumn('how', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}
