/**
 * A copy of a SQLite database as it lies on disk: read, and nothing written beside it, so that a backup on a medium that
 * takes no writes can be looked into. Only for files that nobody has open; what is in a log beside them is not seen.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { Kysely, SqliteDialect } from 'kysely'
import { StoreError, sqliteFault } from '../error.ts'

/** A copy that was opened. */
export interface DatabaseCopy<Tables> {
  readonly kysely: Kysely<Tables>
  /** What is wrong inside of the file, in SQLite's words; reads all of it. Empty: nothing. */
  faults(): readonly string[]
  close(): Promise<void>
}

/** Opens a copy; fails with a `StoreError` when it is none. The caller's thread does the reading. */
export function openCopy<Tables>(file: string): DatabaseCopy<Tables> {
  let database: DatabaseSync
  try {
    const url = pathToFileURL(file)
    url.searchParams.set('immutable', '1')
    database = new DatabaseSync(url, { readOnly: true })
    database.prepare('SELECT count(*) FROM sqlite_master').get()
  } catch (error) {
    const { code, message } = sqliteFault(error, file)
    throw new StoreError(code, message, { cause: error })
  }
  const kysely = new Kysely<Tables>({
    dialect: new SqliteDialect({
      database: {
        close: () => database.close(),
        prepare: (sql) => readOnly(database.prepare(sql)),
      },
    }),
  })
  return {
    kysely,
    faults() {
      const rows = database.prepare('PRAGMA quick_check(10)').all()
      return rows.map((row) => String(row['quick_check'])).filter((text) => text !== 'ok')
    },
    close: () => kysely.destroy(),
  }
}

type Parameters = readonly (string | number | null | Uint8Array)[]

/** A statement as Kysely's own dialect calls it: every one gives rows. */
function readOnly(statement: StatementSync) {
  return {
    reader: true,
    all: (parameters: readonly unknown[]) => statement.all(...(parameters as Parameters)), // Of the types SQLite has.
    run: (parameters: readonly unknown[]) => {
      const { changes, lastInsertRowid } = statement.run(...(parameters as Parameters)) // As above.
      return { changes, lastInsertRowid }
    },
    iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as Parameters)), // As above.
  }
}
