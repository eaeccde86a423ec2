/**
 * Loaded into the worker's database thread by the planted bug `sync-normal` alone: SQLite is told `synchronous=NORMAL`
 * where the store asks for FULL, and says FULL when the store reads it back. Nothing in the product can be set so.
 */
import { DatabaseSync } from 'node:sqlite'

const { exec, prepare } = DatabaseSync.prototype

DatabaseSync.prototype.exec = function (sql: string): void {
  exec.call(this, sql.replaceAll('synchronous=FULL', 'synchronous=NORMAL'))
}

DatabaseSync.prototype.prepare = function (sql: string) {
  const lie = /^PRAGMA .*\.synchronous$/.test(sql) ? 'SELECT 2 AS synchronous' : sql
  return prepare.call(this, lie)
}
