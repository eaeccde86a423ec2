/**
 * All tables of the library and the migrations that make them, a hundred of keys (01xx) over all of its rooms. What has
 * been released is never changed; a room that needs another table brings a migration of its own.
 */
import type { Migration } from '@tandem/store'
import { AUDIT_MIGRATIONS, type AuditTables } from './audit/tables.ts'
import { CATALOGUE_MIGRATIONS, type CatalogueTables } from './catalogue/tables.ts'
import { EVIDENCE_MIGRATIONS, type EvidenceTables } from './evidence/tables.ts'
import { IMPORT_DEPENDENTS, IMPORT_MIGRATIONS, type ImportTables } from './import/tables.ts'
import { LIFECYCLE_MIGRATIONS, type LifecycleTables } from './lifecycle/tables.ts'
import { MEETING_DEPENDENTS, MEETING_MIGRATIONS, type MeetingTables } from './meeting/tables.ts'
import { SCRUB_MIGRATIONS, type ScrubTables } from './scrub/tables.ts'
import { SEARCH_MIGRATIONS, type SearchTables } from './search/tables.ts'
import { TRANSCRIPT_MIGRATIONS, type TranscriptTables } from './transcript/tables.ts'

/** The tables of a library. */
export type LibraryTables = CatalogueTables &
  SearchTables &
  LifecycleTables &
  AuditTables &
  EvidenceTables &
  ImportTables &
  MeetingTables &
  TranscriptTables &
  ScrubTables

/** The migrations of a library; hand them to `openDatabase`. */
export const LIBRARY_MIGRATIONS: Readonly<Record<string, Migration>> = {
  ...CATALOGUE_MIGRATIONS,
  ...SEARCH_MIGRATIONS,
  ...LIFECYCLE_MIGRATIONS,
  ...AUDIT_MIGRATIONS,
  ...EVIDENCE_MIGRATIONS,
  ...IMPORT_MIGRATIONS,
  ...MEETING_MIGRATIONS,
  ...TRANSCRIPT_MIGRATIONS,
  ...SCRUB_MIGRATIONS,
}

/** Tables whose rows (by `id_key`) go with an erased recording, beside the catalogue's own. */
export const LIBRARY_DEPENDENTS: readonly string[] = [
  'recording_transcript',
  'recording_manifest',
  'scrub_damage',
  ...IMPORT_DEPENDENTS,
  ...MEETING_DEPENDENTS,
]
