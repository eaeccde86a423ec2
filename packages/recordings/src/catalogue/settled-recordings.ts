/**
 * Recordings that are done with and have no row in the catalogue: messages that are in their mailbox, and what was
 * discarded. Kept while their journal may still be there, so that a restart neither makes a message again that its owner
 * has deleted since, nor what nobody wanted.
 */
import type { Database } from '@tandem/store'
import { idKey } from './recording.ts'
import type { CatalogueTables } from './tables.ts'

/** How many rows one statement removes: databases limit the values of a statement (SQLite 32,766, older ones 999). */
export const REMOVED_AT_A_TIME = 500

/** The table of them. */
export class SettledRecordings {
  readonly #db: Database<CatalogueTables>

  constructor(db: Database<CatalogueTables>) {
    this.#db = db
  }

  /** Notes one, on disk when it resolves. Noting it twice changes nothing. */
  async add(id: string, how: 'voicemail' | 'discarded', at: number): Promise<void> {
    const insert = this.#db.kysely
      .insertInto('recording_settled')
      .values({ id_key: idKey(id), how, at })
      .onConflict((conflict) => conflict.column('id_key').doNothing())
    await this.#db.commit([insert])
  }

  /** Whether this one was noted. */
  async has(id: string): Promise<boolean> {
    const found = await this.#db.kysely
      .selectFrom('recording_settled')
      .select('id_key')
      .where('id_key', '=', idKey(id))
      .executeTakeFirst()
    return found !== undefined
  }

  /** Forgets all but these: the others have no journal any more that could bring them back. */
  async keepOnly(ids: Iterable<string>): Promise<void> {
    const kept = new Set([...ids].map(idKey))
    const rows = await this.#db.kysely.selectFrom('recording_settled').select('id_key').execute()
    const gone = rows.map((row) => row.id_key).filter((key) => !kept.has(key))
    for (let at = 0; at < gone.length; at += REMOVED_AT_A_TIME) {
      const keys = gone.slice(at, at + REMOVED_AT_A_TIME)
      await this.#db.commit([this.#db.kysely.deleteFrom('recording_settled').where('id_key', 'in', keys)])
    }
  }
}
