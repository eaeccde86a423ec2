/**
 * The boot counter of a call node: committed before it is given out, so that ids made from it are never used again, not
 * even after a crash in the first millisecond.
 */
import { type Kysely, sql } from 'kysely'
import type { Database } from './database.ts'
import type { StoreTables } from './tables.ts'

/** Counts one more start of `node` and returns the number, 1 for the first. */
export async function nextBoot<Tables>(db: Database<Tables>, node: string): Promise<number> {
  const tables = db.kysely as unknown as Kysely<StoreTables> // Every database has the store's tables.
  const insert = tables
    .insertInto('node_boot')
    .values({ node, boots: 1 })
    .onConflict((conflict) =>
      conflict.column('node').doUpdateSet({ boots: sql<number>`node_boot.boots + 1` }),
    )
    .returning('boots')
  const [result] = await db.commit([insert])
  return Number(result?.rows[0]?.['boots'])
}
