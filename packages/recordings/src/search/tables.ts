/**
 * Migration 0103: what topic filter and search are found by. SQLite has an FTS5 trigram table over topic and parties that
 * follows the catalogue some rows behind, and one over transcripts; PostgreSQL has pg_trgm indexes, and does without
 * where the extension cannot be made. Both compare text folded by us (docs/decisions/0015-search.md).
 */
import { dialectOf, type Generated, type Kysely, type Migration, sql } from '@tandem/store'
import type { CatalogueTables } from '../catalogue/tables.ts'

/** How far the trigram table has followed the catalogue; one row. SQLite alone uses it. */
export interface SearchStateTable {
  /** Rows up to this `seq` are in it; later ones are scanned. */
  indexed_to: number
}

/** The folded text of a transcript, as it is searched. On SQLite `seq` is the rowid of an FTS5 table. */
export interface RecordingSpeechTable {
  seq: Generated<number>
  /** Folded; one segment per line. */
  text: string
}

/** A transcript that changed since it was indexed. */
export interface SearchStaleTable {
  id_key: string
  /** One more with each change, so that one that comes meanwhile is not lost. */
  version: number
}

/** The tables of search; `recording_words` is a virtual one with no rows of its own. */
export interface SearchTables extends CatalogueTables {
  search_state: SearchStateTable
  search_stale: SearchStaleTable
  recording_speech: RecordingSpeechTable
}

/** The migration; hand it to `openDatabase` with the others. */
export const SEARCH_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0103_search': {
    // biome-ignore lint/suspicious/noExplicitAny: a migration knows no present table types.
    async up(db: Kysely<any>): Promise<void> {
      const run = (text: string) => sql.raw(text).execute(db)
      // Folded by earlier releases, which knew two small sigmas.
      await run("update recording set topic_key = replace(topic_key, 'ς', 'σ') where topic_key like '%ς%'")
      for (const [name, column, usual] of RARE_VALUES)
        await run(
          `create index ${name} on recording (org_id, ${column}, status, create_time desc, id desc) where ${column} <> '${usual}'`,
        )
      await db.schema
        .createTable('search_state')
        .addColumn('indexed_to', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('search_stale')
        .addColumn('id_key', 'text', (column) => column.primaryKey())
        .addColumn('version', 'integer', (column) => column.notNull())
        .execute()
      await run('insert into search_state values (0)')
      for (const statement of dialectOf(db) === 'sqlite' ? SQLITE : POSTGRES) await run(statement)
    },
  },
}

/** Filters whose usual value is found by walking the list and whose others are rare: indexes that ordinary rows do not enter. */
export const RARE_VALUES: readonly (readonly [index: string, column: string, usual: string])[] = [
  ['recording_by_service', 'service_type', 'calling'],
  ['recording_by_format', 'format', 'MP3'],
  ['recording_by_owner_type', 'owner_type', 'user'],
]

const INDEXED_BEFORE = 'old.seq <= (select indexed_to from search_state)'
const FORGET =
  "insert into recording_words (recording_words, rowid, topic_key, parties) values ('delete', old.seq, old.topic_key, old.parties)"

/**
 * The order scan of the topic filter stays inside the index, which holds the topic; rows follow only where it matches.
 * `detail=none`: candidates are checked against the row anyway, and without positions the table is a quarter in size.
 * `secure-delete`: what was erased leaves no trace in older segments (promise P16).
 */
const SQLITE: readonly string[] = [
  'drop index recording_by_time',
  `create index recording_by_time on recording
    (org_id, status, create_time desc, id desc, service_type, format, storage_region, owner_type, topic_key)`,
  `create virtual table recording_words using fts5 (topic_key, parties,
    content = 'recording', content_rowid = 'seq', detail = none, columnsize = 0, tokenize = 'trigram case_sensitive 1')`,
  "insert into recording_words (recording_words, rank) values ('secure-delete', 1)",
  `create trigger recording_words_changed after update of topic_key, parties on recording
    when ${INDEXED_BEFORE} and (old.topic_key <> new.topic_key or old.parties <> new.parties) begin
      ${FORGET};
      insert into recording_words (rowid, topic_key, parties) values (new.seq, new.topic_key, new.parties);
    end`,
  `create trigger recording_words_removed after delete on recording when ${INDEXED_BEFORE} begin ${FORGET}; end`,
  "create virtual table recording_speech using fts5 (text, tokenize = 'trigram case_sensitive 1')",
  "insert into recording_speech (recording_speech, rank) values ('secure-delete', 1)",
]

const WITH_TRIGRAMS = (statement: string): string => `do $$ begin
    if exists (select 1 from pg_extension where extname = 'pg_trgm') then ${statement}; end if;
  end $$`

const POSTGRES: readonly string[] = [
  // Only a superuser or the database's owner may make it; without it everything is found by scanning.
  'do $$ begin create extension if not exists pg_trgm; exception when others then null; end $$',
  'create table recording_speech (seq bigint primary key, text text collate "C" not null)',
  WITH_TRIGRAMS(
    'create index recording_words on recording using gin (topic_key gin_trgm_ops, parties gin_trgm_ops)',
  ),
  WITH_TRIGRAMS('create index recording_speech_text on recording_speech using gin (text gin_trgm_ops)'),
]
