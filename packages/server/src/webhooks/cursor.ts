/** How far the outbox has been read: in memory, and in the database with the deliveries that came of it. */
import { type Compilable, sql } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'

const NAME = 'outbox'
/** Events that nobody wanted may be read again after a crash; beyond so many the cursor is written for them too. */
const UNWRITTEN_MAX = 1_000

/** The cursor. */
export class Cursor {
  readonly #db: ServerDatabase
  #at = 0
  #written = 0

  constructor(db: ServerDatabase) {
    this.#db = db
  }

  /** The last event that was read. */
  get at(): number {
    return this.#at
  }

  /** Reads it, or sets it behind everything that is there at the first start. */
  async load(): Promise<void> {
    const select = this.#db.kysely.selectFrom('webhook_cursor').select('outbox_id').where('name', '=', NAME)
    let row = await select.executeTakeFirst()
    if (row === undefined) {
      await this.#db.commit([await this.toEnd()])
      row = await select.executeTakeFirst()
    }
    this.moved(Number(row?.outbox_id ?? 0))
  }

  /** The statement that writes it. */
  statement(at: number = this.#at): Compilable {
    return this.#db.kysely
      .insertInto('webhook_cursor')
      .values({ name: NAME, outbox_id: at })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet({
          // Never back: another commit may have been faster.
          outbox_id: sql<number>`case when webhook_cursor.outbox_id > ${sql.lit(at)}
          then webhook_cursor.outbox_id else ${sql.lit(at)} end`,
        }),
      )
  }

  /** That was committed. */
  moved(at: number): void {
    this.#at = at
    this.#written = at
  }

  /** Passes events that nobody wanted. */
  async pass(at: number): Promise<void> {
    if (at > this.#written + UNWRITTEN_MAX) {
      await this.#db.commit([this.statement(at)])
      this.#written = at
    }
    this.#at = at
  }

  /** The statement that sets it behind every event there is; whoever commits it may go on from there. */
  async toEnd(): Promise<Compilable> {
    const last = await sql<{ id: number | null }>`select max(id) as id from outbox`.execute(this.#db.kysely)
    const at = Math.max(this.#at, Number(last.rows[0]?.id ?? 0))
    this.#at = at
    return this.statement(at)
  }
}
