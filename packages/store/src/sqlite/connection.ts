/**
 * One connection of `node:sqlite` with its prepared statements, opened so that a commit that returned is on disk:
 * WAL, `synchronous=FULL`, foreign keys on, each read back and refused if the engine did not take it (storage rule R6).
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { StoreError, sqliteFault } from '../error.ts'
import type { SqlValue, Statement, StatementResult } from '../statement.ts'

/** How long a statement waits for another process before it fails as `locked`. */
export const BUSY_WAIT_MS = 5_000

/** Prepared statements kept for each connection; enough for every query of the server, small enough to forget. */
export const PREPARED_STATEMENTS_MAX = 500

/**
 * Pages that a connection keeps in memory, in KiB, taken as they are read: 2 MiB, the default of SQLite, do not hold the
 * inner pages of our indexes over five million recordings, let alone those that inserts change at random places.
 */
export const CACHE_KIB = 16_384

/**
 * Pages in the write-ahead log that have it written into the file: 16 MiB. An index page that a hundred commits change is
 * then written back once; SQLite's own 1,000 pages are full after as few recordings, and each time costs two syncs.
 */
export const CHECKPOINT_PAGES = 4_000

/** How long emptying the write-ahead log waits for readers in other processes; every write waits as long. */
export const CHECKPOINT_WAIT_MS = 200

/**
 * What must hold of each file before a single row is written. `secure_delete` writes zeros over what is deleted, so that
 * nothing of an erased recording stays readable in free pages (promise P16).
 */
const REQUIRED: readonly (readonly [pragma: string, value: string | number])[] = [
  ['journal_mode', 'wal'],
  ['synchronous', 2],
  ['secure_delete', 1],
]

/** A connection that prepares each statement once. */
export class SqliteConnection {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, { statement: StatementSync; returnsRows: boolean }>()

  readonly #schemas: readonly string[]

  /** `attach`: further files by the schema name that reaches them. */
  constructor(file: string, attach: Readonly<Record<string, string>> = {}) {
    this.#database = new DatabaseSync(file, { timeout: BUSY_WAIT_MS })
    this.#schemas = ['main', ...Object.keys(attach)]
    try {
      this.#database.exec(`PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES}`)
      this.#make('main', file)
      for (const [schema, attached] of Object.entries(attach)) this.#attach(schema, attached)
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Whether a transaction is open; false also after the engine undid one by itself (disk full). */
  get inTransaction(): boolean {
    return this.#database.isTransaction
  }

  /** Runs a statement without values or results: BEGIN, COMMIT, SAVEPOINT. */
  control(sql: string): void {
    this.#prepare(sql).statement.run()
  }

  /** Runs one statement to its end. */
  run(statement: Statement): StatementResult {
    const { statement: prepared, returnsRows } = this.#prepare(statement.sql)
    const parameters = statement.parameters as SqlValue[] // `node:sqlite` does not write to it.
    if (returnsRows) {
      const rows = prepared.all(...parameters) as Record<string, SqlValue>[] // What SQLite stores is a SqlValue.
      return { rows, changes: 0 }
    }
    const { changes, lastInsertRowid } = prepared.run(...parameters)
    return { rows: [], changes: Number(changes), insertId: Number(lastInsertRowid) }
  }

  /** Writes what is in the logs into the files and empties the logs; 0 when all of them could be emptied. */
  checkpoint(options: { readonly rewrite: boolean }): number {
    this.#database.exec(`PRAGMA busy_timeout=${CHECKPOINT_WAIT_MS}`)
    try {
      if (options.rewrite) for (const schema of this.#schemas) this.#database.exec(`VACUUM "${schema}"`)
      return this.#schemas.reduce((busy, schema) => {
        const row = this.#database.prepare(`PRAGMA "${schema}".wal_checkpoint(TRUNCATE)`).get()
        return busy + Number(row?.['busy'])
      }, 0)
    } finally {
      this.#database.exec(`PRAGMA busy_timeout=${BUSY_WAIT_MS}`)
    }
  }

  close(): void {
    this.#prepared.clear()
    this.#database.close()
  }

  #attach(schema: string, file: string): void {
    try {
      this.#database.prepare(`ATTACH ? AS "${schema}"`).run(file)
      this.#make(schema, file)
    } catch (error) {
      const { code, message } = sqliteFault(error, file)
      throw new StoreError(code, message, { cause: error })
    }
  }

  #make(schema: string, file: string): void {
    this.#database.exec(
      `PRAGMA "${schema}".journal_mode=WAL; PRAGMA "${schema}".synchronous=FULL; PRAGMA "${schema}".secure_delete=ON;
       PRAGMA "${schema}".cache_size=-${CACHE_KIB}`,
    )
    for (const [pragma, value] of REQUIRED) {
      const found = this.#database.prepare(`PRAGMA "${schema}".${pragma}`).get()?.[pragma]
      if (found === value) continue
      throw new StoreError(
        'unsafe',
        `SQLite runs ${file} with ${pragma}=${String(found)} where ${value} is needed to keep what was acknowledged: use a local disk.`,
      )
    }
    const foreignKeys = this.#database.prepare('PRAGMA foreign_keys').get()?.['foreign_keys']
    if (foreignKeys !== 1) throw new StoreError('unsafe', `SQLite runs ${file} without foreign keys.`)
  }

  #prepare(sql: string): { statement: StatementSync; returnsRows: boolean } {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    if (this.#prepared.size >= PREPARED_STATEMENTS_MAX) this.#prepared.clear()
    const statement = this.#database.prepare(sql)
    const entry = { statement, returnsRows: statement.columns().length > 0 }
    this.#prepared.set(sql, entry)
    return entry
  }
}
