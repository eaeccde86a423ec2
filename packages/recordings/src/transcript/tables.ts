/**
 * Tables of transcripts (migration 0108). The file `transcript` in the vault is the truth; a row here says how far its
 * making is and, while transcripts are searched, holds the words once more for the index (docs/guides/transcripts.md).
 */
import type { Kysely, Migration } from '@tandem/store'

/** How far the transcript of one recording is; no row: nobody wants one. Moments in Unix milliseconds. */
export interface RecordingTranscriptTable {
  id_key: string
  org_id: string
  /** `waiting`, `running`, `done`, `failed`. */
  state: string
  /** Of the transcript that is there. */
  language: string | null
  /** Asked for the next one. */
  wanted_language: string | null
  /** What made the transcript that is there; empty when there is none. */
  engine: string
  /** A stretch on each line, for search; empty when transcripts are not searched. */
  text: string
  /** JSON: `TranscriptSegment[]`, as `text`. */
  segments: string
  /** Of the transcript being made. */
  attempts: number
  /** Waiting: not before. Running: when whoever runs it counts as dead. */
  next_at: number | null
  /** Which node runs it. */
  runner: string | null
  /** Why the last attempt failed. */
  error: string | null
  /** What all attempts cost, in millionths of the currency of the price. */
  cost_units: number
  updated_at: number
}

/** What an organisation's transcripts cost in one month; outlives the recordings. */
export interface TranscriptCostTable {
  org_id: string
  /** `2026-11`, in UTC. */
  month: string
  /** Millionths of the currency of the price. */
  cost_units: number
}

/** The tables of transcripts. */
export interface TranscriptTables {
  recording_transcript: RecordingTranscriptTable
  transcript_cost: TranscriptCostTable
}

/** The migrations of transcripts. */
export const TRANSCRIPT_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0108_transcripts': {
    async up(db: Kysely<TranscriptTables>): Promise<void> {
      let table = db.schema
        .createTable('recording_transcript')
        .addColumn('id_key', 'text', (column) => column.primaryKey())
      for (const name of ['org_id', 'state', 'engine', 'text', 'segments'])
        table = table.addColumn(name, 'text', (column) => column.notNull())
      for (const name of ['language', 'wanted_language', 'runner', 'error'])
        table = table.addColumn(name, 'text')
      await table
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('next_at', 'bigint')
        .addColumn('cost_units', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createIndex('recording_transcript_due')
        .on('recording_transcript')
        .columns(['state', 'next_at'])
        .execute()
      await db.schema
        .createTable('transcript_cost')
        .addColumn('org_id', 'text', (column) => column.notNull())
        .addColumn('month', 'text', (column) => column.notNull())
        .addColumn('cost_units', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('transcript_cost_key', ['org_id', 'month'])
        .execute()
    },
  },
}
