/**
 * The table of manifests: one row for each version of what is signed about a recording (promise P17). It goes with the
 * recording when that is erased.
 */
import type { Kysely, Migration } from '@tandem/store'

/** One version. */
export interface RecordingManifestTable {
  /** As `recording.id_key`. */
  id_key: string
  org_id: string
  /** From 1. */
  version: number
  key_id: string
  /** Canonical JSON: the signed bytes. */
  body: string
  signature: string
}

/** Up to which row of the catalogue every recording is known to have a manifest. */
export interface ManifestMarkTable {
  name: string
  seq: number
}

/** The tables of this folder. */
export interface EvidenceTables {
  recording_manifest: RecordingManifestTable
  manifest_mark: ManifestMarkTable
}

/** The migration that makes them. */
export const EVIDENCE_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0105_evidence': {
    async up(db: Kysely<EvidenceTables>): Promise<void> {
      await db.schema
        .createTable('recording_manifest')
        .addColumn('id_key', 'text', (column) => column.notNull())
        .addColumn('org_id', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('key_id', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addColumn('signature', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('recording_manifest_key', ['id_key', 'version'])
        .execute()
      await db.schema
        .createTable('manifest_mark')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('seq', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}
