/** The directory's revision: how a running server learns that somebody changed it, also in another process. */
import { type Compilable, type Kysely, type StoreTables, sql } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { ServerTables } from '../data/tables.ts'

/** A number that grows with every change of the directory; 0 before the first. */
export async function directoryRevision(db: ServerDatabase): Promise<number> {
  const row = await db.kysely
    .selectFrom('server_state')
    .select('value')
    .where('name', '=', 'directory')
    .executeTakeFirst()
  return Number(row?.value ?? 0)
}

/** Counts one change; belongs into the same commit as the change. */
export function countChange(
  db: Kysely<ServerTables & StoreTables>,
): Compilable & { execute(): Promise<unknown> } {
  return db
    .insertInto('server_state')
    .values({ name: 'directory', value: '1' })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ value: sql<string>`cast(cast(server_state.value as bigint) + 1 as text)` }),
    )
}
