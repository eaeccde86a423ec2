/**
 * The tables of the key database, which is a file of its own (PostgreSQL: a schema), so that a backup of the catalogue
 * holds no data key and an erased recording stays unreadable whatever is restored (promise P16). They are made when they
 * are missing, without a migration: the file may be restored apart from the rest.
 */
import type { Kysely } from '@tandem/store'

/** The wrapped data key of one recording. */
export interface DataKeyTable {
  id_key: string
  /** Nonce, ciphertext and tag: see key-ring.ts. */
  wrapped: Uint8Array
  kek_id: string
  /** Unix milliseconds. */
  made_at: number
}

/** A recording that was erased. Rows stay for ever: a restored backup applies them first. */
export interface ErasedTable {
  id_key: string
  org_id: string
  /** Unix milliseconds. */
  at: number
}

/** The tables of the key database. */
export interface KeyTables {
  data_key: DataKeyTable
  erased: ErasedTable
}

/** Makes the tables where they are missing. */
export async function createKeyTables(db: Kysely<KeyTables>): Promise<void> {
  await db.schema
    .createTable('data_key')
    .ifNotExists()
    .addColumn('id_key', 'text', (column) => column.primaryKey())
    .addColumn('wrapped', 'blob', (column) => column.notNull())
    .addColumn('kek_id', 'text', (column) => column.notNull())
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('erased')
    .ifNotExists()
    .addColumn('id_key', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute()
}
