/**
 * The statement that inserts a row, worked out once for each table: building it anew for 36 columns costs more than the
 * database takes to insert the row.
 */
import type { Compilable, Database } from '@tandem/store'
import type { RecordingsTables } from './tables.ts'

type Compiled = ReturnType<Compilable['compile']>

/** Inserts rows of one shape into one table. */
export class RowInsert<Row extends object> {
  readonly #db: Database<RecordingsTables>
  readonly #table: keyof RecordingsTables
  #columns: readonly (keyof Row & string)[] = []
  #compiled: Compiled | undefined

  constructor(db: Database<RecordingsTables>, table: keyof RecordingsTables) {
    this.#db = db
    this.#table = table
  }

  /** The statement for one row; every row has the columns of the first. */
  statement(row: Row): Compilable {
    if (this.#compiled === undefined) {
      this.#columns = Object.keys(row) as (keyof Row & string)[] // A row is a plain object.
      // Kysely takes the columns in the order of the keys, and makes a parameter of each value.
      const insert = this.#db.kysely.insertInto(this.#table).values(row as never)
      this.#compiled = insert.compile()
    }
    const compiled = { ...this.#compiled, parameters: this.#columns.map((column) => row[column]) }
    return { compile: () => compiled }
  }
}
