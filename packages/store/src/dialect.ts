/**
 * Which engine stands behind a Kysely instance: the one question that a migration or a query may ask where the engines
 * have no common word (full-text search, say). Everything else is written once.
 */
import { type Kysely, PostgresAdapter } from 'kysely'

/** The engines. */
export type DialectName = 'sqlite' | 'postgres'

/** The engine behind `db`, also inside of a transaction or a migration. */
// biome-ignore lint/suspicious/noExplicitAny: whatever its tables are.
export function dialectOf(db: Kysely<any>): DialectName {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'
}
