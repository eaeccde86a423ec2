/**
 * One connection of `node:sqlite` with its prepared statements, opened so that a commit that returned is on disk:
 * WAL, `synchronous=FULL`, foreign keys on, each read back and refused if the engine did not take it (storage rule R6).
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { StoreError } from '../error.ts'
import type { SqlValue, Statement, StatementResult } from './protocol.ts'

/** How long a statement waits for another process before it fails as `locked`. */
export const BUSY_WAIT_MS = 5_000

/** Prepared statements kept for each connection; enough for every query of the server, small enough to forget. */
export const PREPARED_STATEMENTS_MAX = 500

/** What must hold before a single row is written. */
const REQUIRED: readonly (readonly [pragma: string, value: string | number])[] = [
  ['journal_mode', 'wal'],
  ['synchronous', 2],
  ['foreign_keys', 1],
]

/** A connection that prepares each statement once. */
export class SqliteConnection {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, { statement: StatementSync; returnsRows: boolean }>()

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { timeout: BUSY_WAIT_MS })
    this.#database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON')
    for (const [pragma, value] of REQUIRED) {
      const found = this.#database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]
      if (found === value) continue
      this.#database.close()
      throw new StoreError(
        'unsafe',
        `SQLite runs ${file} with ${pragma}=${String(found)} where ${value} is needed to keep what was acknowledged: use a local disk.`,
      )
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

  close(): void {
    this.#prepared.clear()
    this.#database.close()
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
