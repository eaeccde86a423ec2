/**
 * A commit that happens only while what was read is still so: a batch whose first statements count the rows it is about
 * and fail the whole batch when there are fewer, so that nobody can slip in between reading and writing (promise P16).
 * Shorter than a transaction, which would hold the writer from statement to statement: the batch is one message.
 */
import { randomUUID } from 'node:crypto'
import { type Compilable, type Database, dialectOf, type Kysely, StoreError, sql } from '@tandem/store'
import type { LifeTables } from './tables.ts'

/** A condition in SQL. */
type Condition = ReturnType<typeof sql<boolean>>

/** How often something is judged anew when others change the same rows meanwhile, before it is given up. */
export const ATTEMPTS_MAX = 20

/** Rows that must be as they were: the keys of one table that fulfil a condition, and how many there have to be. */
export interface Guard {
  readonly table: 'recording' | 'recording_hold'
  readonly keyColumn: 'id_key' | 'id'
  readonly keys: readonly string[]
  /** SQL over the columns of the table; true for a row that is as it was read. */
  readonly condition: Condition
}

/** What is to be committed while the guard holds. */
export interface Guarded {
  readonly guard: Guard
  readonly statements: readonly Compilable[]
}

/**
 * Reads and judges with `judge` until what it read was still so at the commit. It gives what to commit and what that
 * means, or an outcome alone, which changes nothing.
 */
export async function judgeAndCommit<Outcome>(
  db: Database<LifeTables>,
  judge: () => Promise<Outcome | { readonly commit: Guarded; readonly outcome: Outcome }>,
): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const judged = await judge()
    if (!isPlan(judged)) return judged
    try {
      await commitGuarded(db, judged.commit)
      return judged.outcome
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'constraint') throw error
      if (attempt === ATTEMPTS_MAX) throw error
    }
  }
}

function isPlan<Outcome>(
  judged: Outcome | { readonly commit: Guarded; readonly outcome: Outcome },
): judged is { readonly commit: Guarded; readonly outcome: Outcome } {
  return typeof judged === 'object' && judged !== null && 'commit' in judged
}

async function commitGuarded(db: Database<LifeTables>, { guard, statements }: Guarded): Promise<void> {
  const token = randomUUID()
  const forget = db.kysely.deleteFrom('commit_guard').where('token', '=', token)
  await db.commit([...guardStatements(db.kysely, guard, token), ...statements, forget])
}

function guardStatements(db: Kysely<LifeTables>, guard: Guard, token: string): Compilable[] {
  const { table, keyColumn, keys, condition } = guard
  // PostgreSQL lets others change a row between two statements unless it is locked; in one order, so that two batches
  // never wait for each other. SQLite has one writer.
  const lock = dialectOf(db) === 'postgres' ? sql`order by ${sql.ref(keyColumn)} for update` : sql``
  const insert = db.insertInto('commit_guard').columns(['token', 'key'])
  return [
    insert.expression(sql`select cast(${token} as text), ${sql.ref(keyColumn)} from ${sql.table(table)}
      where ${sql.ref(keyColumn)} in (${sql.join([...keys])}) and (${condition}) ${lock}`),
    // A key that is null breaks the table's rule and so undoes the batch.
    insert.expression(sql`select cast(${token} as text), cast(null as text)
      where (select count(*) from commit_guard where token = ${token}) <> ${keys.length}`),
  ]
}
