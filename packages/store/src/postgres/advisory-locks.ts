/**
 * The advisory locks of the store, all under one class number, for the database that one is connected to (PostgreSQL
 * documentation §13.3.5). Numbers keep their meaning for ever: servers of two releases may meet on one database.
 *
 * - `WRITER`: a batch holds it shared, an interactive transaction alone, so that a read-modify-write meets no other
 *   writer, in any process; SQLite's one writer gives the same.
 * - `OUTBOX`: held from the first event of a transaction to the end of its COMMIT (see `tables.ts`).
 * - `SERVER`: held by the one server that asked for the database `exclusive`.
 * - `MIGRATION`: held while the schema is brought up to date.
 */

/** "tand" in ASCII: keeps our numbers apart from those of others in the same database. */
export const LOCK_CLASS = 0x74_61_6e_64
/** See the head of this file. */
export const WRITER_LOCK = 1
/** See the head of this file. */
export const OUTBOX_LOCK = 2
/** See the head of this file. */
export const SERVER_LOCK = 3
/** See the head of this file. */
export const MIGRATION_LOCK = 4
