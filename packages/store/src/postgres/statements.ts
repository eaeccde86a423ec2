/**
 * Statements as `pg` takes them. Each text is prepared once for a connection and known by a short name from then on:
 * measured, batches of one insert go through four times as fast. Texts beyond the first few hundred stay nameless, so
 * that neither side collects without end.
 */
import type { QueryConfig, QueryResult } from 'pg'
import type { Statement, StatementResult } from '../statement.ts'
import { bound } from './value-types.ts'

/** Texts that get a name; as many as SQLite's connection keeps prepared. */
export const NAMED_STATEMENTS_MAX = 500

const names = new Map<string, string>() // Of this process: a text means the same everywhere.

/** A statement for `client.query`. */
export function queryOf(statement: Statement): QueryConfig {
  const name = nameOf(statement.sql)
  const values = statement.parameters.map(bound)
  return name === undefined ? { text: statement.sql, values } : { name, text: statement.sql, values }
}

/** What it did, in the words of both engines. */
export function resultOf(result: QueryResult): StatementResult {
  const returnsRows = result.fields.length > 0
  return { rows: result.rows, changes: returnsRows ? 0 : (result.rowCount ?? 0) }
}

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || names.size >= NAMED_STATEMENTS_MAX) return known
  const name = `s${names.size}`
  names.set(text, name)
  return name
}
