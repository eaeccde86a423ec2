/**
 * The statement that inserts one row, worked out once for each table and set of columns: building it anew takes longer
 * than SQLite takes to insert the row (measured: 0.1 ms for one of 36 columns). Both engines keep it prepared by its text.
 */
import type { Compilable, CompiledQuery, Insertable, Kysely } from 'kysely'

/** Statements by table, columns and what a conflict does; of one Kysely, since its schema is part of them. */
const known = new WeakMap<object, Map<string, CompiledQuery>>()

/** How to insert. */
export interface InsertRowOptions {
  /** A row with the same value in this column, if there is one, stays as it is. */
  readonly unlessThereIs?: string
}

/** The statement for one row; hand it to `commit`. `db` may have a schema (`withSchema`): keep one for all rows then. */
export function insertRow<Tables, Table extends keyof Tables & string>(
  db: Kysely<Tables>,
  table: Table,
  row: Insertable<Tables[Table]>,
  options: InsertRowOptions = {},
): Compilable {
  const columns = Object.keys(row)
  const name = `${table}(${columns.join()})${options.unlessThereIs ?? ''}`
  const statements = known.get(db) ?? new Map<string, CompiledQuery>()
  known.set(db, statements)
  let template = statements.get(name)
  if (template === undefined) {
    template = compiled(db as unknown as Kysely<AnyTables>, table, row, options) // Its text is all that is kept.
    statements.set(name, template)
  }
  // Kysely takes the columns in the order of the keys, and makes a parameter of each value.
  const statement = { ...template, parameters: Object.values(row) }
  return { compile: () => statement }
}

type AnyTables = Record<string, Record<string, unknown>>

function compiled(
  db: Kysely<AnyTables>,
  table: string,
  row: object,
  { unlessThereIs }: InsertRowOptions,
): CompiledQuery {
  const insert = db.insertInto(table).values(row as Record<string, unknown>) // Checked by the signature above.
  const query =
    unlessThereIs === undefined
      ? insert
      : insert.onConflict((conflict) => conflict.column(unlessThereIs).doNothing())
  const statement = query.compile()
  // Kysely leaves out what is undefined and writes expressions out: neither is a plain row.
  if (statement.parameters.length === Object.keys(row).length) return statement
  throw new TypeError(`a row of ${table} has a value for each of its columns, null where there is none`)
}
