/**
 * One compiled statement and what it did, in the words that both engines know: plain data that travels between threads.
 * Values are what SQLite can store; PostgreSQL is held to the same kinds, so that a row reads alike on both.
 */
import type { CompiledQuery } from 'kysely'
import { StoreError } from './error.ts'

/** What can be bound and returned. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** One compiled statement with its values. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

/** What one statement did. */
export interface StatementResult {
  readonly rows: readonly Readonly<Record<string, SqlValue>>[]
  /** Rows inserted, updated or deleted; 0 for a query, and for a change that returns its rows. */
  readonly changes: number
  /** Key of the last row inserted; SQLite alone knows it, so nothing above the store may ask for it. */
  readonly insertId?: number
}

/** Turns a compiled query into what an engine can bind: booleans become 0 and 1, `undefined` becomes NULL. */
export function statementOf(query: CompiledQuery): Statement {
  return { sql: query.sql, parameters: query.parameters.map(sqlValue) }
}

function sqlValue(value: unknown): SqlValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value
  if (value instanceof Uint8Array) return value
  throw new StoreError('query', `A ${typeof value} cannot be bound: make it text, a number or bytes.`)
}
