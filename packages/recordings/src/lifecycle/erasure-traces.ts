/**
 * How many erasures may have left traces in pages of the database since it was last written anew (promise P16). Noted in
 * the commit that ends an erasure, so that a restart remembers what is still to be done.
 */
import { type Compilable, type Database, sql } from '@tandem/store'
import type { LifeTables } from './tables.ts'

/** See the head of this file. */
export class ErasureTraces {
  readonly #db: Database<LifeTables>

  constructor(db: Database<LifeTables>) {
    this.#db = db
  }

  /** The statement that notes some more, for the commit that ends them. */
  noted(erasures: number): Compilable {
    return this.#db.kysely
      .insertInto('erasure_trace')
      .values({ one: 1, erasures })
      .onConflict((conflict) =>
        conflict.column('one').doUpdateSet({ erasures: sql<number>`erasure_trace.erasures + ${erasures}` }),
      )
  }

  /** How many there are. */
  async pending(): Promise<number> {
    const row = await this.#db.kysely.selectFrom('erasure_trace').select('erasures').executeTakeFirst()
    return Number(row?.erasures ?? 0)
  }

  /** The database was written anew after so many: they have left nothing. Those that came meanwhile stay noted. */
  async settle(erasures: number): Promise<void> {
    const { kysely } = this.#db
    await this.#db.commit([
      kysely.updateTable('erasure_trace').set({ erasures: sql<number>`erasures - ${erasures}` }),
      kysely.deleteFrom('erasure_trace').where('erasures', '<=', 0),
    ])
  }
}
