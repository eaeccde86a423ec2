/**
 * The catalogue's tables: one row for each recording that has a whole file in the vault (promise P2). A recording in the
 * making has no row, so that nobody can see it. Keys of migrations begin with 01 (store, migrations).
 */
import type { Generated, Kysely, Migration } from '@tandem/store'
import { LIBRARY_MIGRATION } from './library-migration.ts'

/** One recording. Times in Unix milliseconds. */
export interface RecordingTable {
  /** In the order of their making; names the row in the search index. */
  seq: Generated<number>
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
  /** How the file is stored: `sealed` under the recording's key, or `hashed`, plain beside a list of chunk hashes. */
  storage: string
  /** `call` or `import`. */
  origin: string
  /** Names and numbers of the parties, folded, for search. */
  parties: string
  /** When the status last changed. */
  status_at: number
  /** Kept time from which retention counts. */
  kept_from: number
  /** Kept time before which nothing may purge or erase it; null: no policy. Only ever grows. */
  retain_until: number | null
  /** 1: erased when `retain_until` is over. */
  erase_at_end: number
  /** Kept time at which it leaves the recycle bin; null outside of it. */
  bin_until: number | null
  /** Holds in force. */
  held: number
  /** 1: its owner gets no links ("prevent downloading"). */
  download_prevented: number
}

/** What the metadata document is made of, apart from the row since it is large and rarely read. */
export interface RecordingFactsTable {
  id_key: string
  /** JSON: `RecordingFacts`, or of an import `{"imported": serviceData}`. */
  facts: string
}

/** A further file of a recording: the audio track of an MP4, a transcript. */
export interface RecordingFileTable {
  id_key: string
  /** `audio`, `transcript`. */
  file: string
  vault_key: string
  /** As `recording.storage`. */
  storage: string
  /** Of the content, lower-case hex. */
  sha256: string
  size_bytes: number
  content_type: string
}

/** A recording that is done with and has no row of its own. */
export interface RecordingSettledTable {
  id_key: string
  /** `voicemail`: in its mailbox; `discarded`: nothing was to be kept. */
  how: string
  at: number
}

/** The tables of this package. */
export interface CatalogueTables {
  recording: RecordingTable
  recording_facts: RecordingFactsTable
  recording_file: RecordingFileTable
  recording_settled: RecordingSettledTable
}

/** The migrations of this package; hand them to `openDatabase`. */
export const CATALOGUE_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0100_recordings': {
    async up(db: Kysely<CatalogueTables>): Promise<void> {
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
    async up(db: Kysely<CatalogueTables>): Promise<void> {
      await db.schema
        .createTable('recording_settled')
        .addColumn('id_key', 'text', (column) => column.primaryKey())
        .addColumn('how', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '0102_library': LIBRARY_MIGRATION,
}
