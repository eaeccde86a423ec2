/**
 * The store's own two tables, and the migration that makes them. Other packages bring tables of their own as further
 * migrations; a key is four digits and a name, and the hundreds say whose it is: 00xx store, 01xx recordings, 02xx the
 * server. A key keeps its meaning for ever; a package may add one below another package's highest at any time.
 */
import { type Generated, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Events committed beside the rows they announce, in the order of their commit. */
export interface OutboxTable {
  id: Generated<number>
  org_id: string
  /** `convergedRecordings`, `telephony_calls`, … */
  resource: string
  /** `created`, `updated`, `deleted`. */
  event: string
  /** Whom it concerns; null when the whole organisation. */
  person_id: string | null
  /** Events of one key are delivered in order: a call id, a recording id. */
  key: string
  /** JSON. */
  payload: string
  /** Unix milliseconds. */
  created_at: number
}

/** How often each call node has started; part of every id, so that none is used twice. */
export interface NodeBootTable {
  node: string
  boots: number
}

/** The tables that every database has. */
export interface StoreTables {
  outbox: OutboxTable
  node_boot: NodeBootTable
}

/** The migrations of the store. */
export const STORE_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001_store': {
    async up(db: Kysely<StoreTables>): Promise<void> {
      await db.schema
        .createTable('outbox')
        // AUTOINCREMENT: a pruned id never comes back, so a reader's cursor stays true.
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('org_id', 'text', (column) => column.notNull())
        .addColumn('resource', 'text', (column) => column.notNull())
        .addColumn('event', 'text', (column) => column.notNull())
        .addColumn('person_id', 'text')
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('payload', 'text', (column) => column.notNull().check(sql`payload <> ''`))
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('node_boot')
        .addColumn('node', 'text', (column) => column.primaryKey())
        .addColumn('boots', 'integer', (column) => column.notNull())
        .execute()
    },
  },
}
