/**
 * The store's own tables, and the migrations that make them. Other packages bring tables of their own as further
 * migrations; a key is four digits and a name, and the hundreds say whose it is: 00xx store, 01xx recordings, 02xx the
 * server. A key keeps its meaning for ever; a package may add one below another package's highest at any time.
 */
import { type Generated, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { dialectOf } from './dialect.ts'
import { LOCK_CLASS, OUTBOX_LOCK } from './postgres/advisory-locks.ts'

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

/** What belongs to this database beside the main file or schema, and by which id each is known. */
export interface AttachedPlaceTable {
  name: string
  id: string
}

/** The tables that every database has. */
export interface StoreTables {
  attached_place: AttachedPlaceTable
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
  '0002_outbox_order': {
    async up(db: Kysely<StoreTables>): Promise<void> {
      await db.schema.createIndex('outbox_by_time').on('outbox').column('created_at').execute()
      await db.schema.createIndex('outbox_by_key').on('outbox').column('key').execute()
      if (dialectOf(db) === 'postgres') await orderOutbox(db)
    },
  },
  '0003_attached': {
    async up(db: Kysely<StoreTables>): Promise<void> {
      await db.schema
        .createTable('attached_place')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('id', 'text', (column) => column.notNull())
        .execute()
    },
  },
}

/**
 * Makes the ids of events visible in their order on PostgreSQL. A key is given out when a row is inserted and seen when
 * its transaction commits, so a reader that goes by id would pass over an event whose transaction is slower than the
 * next one's. A lock held from before the first key to the end of the COMMIT (the server lets go of it after the rows
 * can be seen) puts transactions with events in line. A trigger and not a statement of ours takes it, so that nobody can
 * forget; before the *statement*, since a row's default is worked out before a trigger for the row runs.
 */
async function orderOutbox(db: Kysely<StoreTables>): Promise<void> {
  await sql`create function outbox_in_order() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(${sql.lit(LOCK_CLASS)}, ${sql.lit(OUTBOX_LOCK)});
      return null;
    end $$`.execute(db)
  await sql`create trigger outbox_in_order before insert on outbox
    for each statement execute function outbox_in_order()`.execute(db)
}
