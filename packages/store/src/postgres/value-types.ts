/**
 * How values travel to and from PostgreSQL, so that a row reads as SQLite gives it: bigint and numeric as numbers, bytea
 * as plain bytes, booleans as 0 and 1. A whole number that a JavaScript number cannot hold is an error, never a wrong
 * number.
 */
import type { SqlValue } from '../statement.ts'

/** Type OIDs of the server (pg_type). */
const BOOL = 16
const BYTEA = 17
const INT8 = 20
const INT2 = 21
const INT4 = 23
const FLOAT4 = 700
const FLOAT8 = 701
const NUMERIC = 1700

const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [BOOL, (text) => (text === 't' ? 1 : 0)],
  [BYTEA, bytes],
  [INT2, Number],
  [INT4, Number],
  [INT8, wholeNumber],
  [FLOAT4, Number],
  [FLOAT8, Number],
  [NUMERIC, wholeNumber],
])

/** For `pg`: everything that is not in the table stays text. */
export const VALUE_TYPES: { getTypeParser(oid: number): (text: string) => unknown } = {
  getTypeParser: (oid) => PARSERS.get(oid) ?? ((text) => text),
}

/**
 * What `pg` is given for a bound value. PostgreSQL's text cannot hold U+0000, which SQLite's can: it becomes U+FFFD, in
 * rows and in comparisons alike, so that hostile input is stored as text and not answered with a fault.
 */
export function bound(value: SqlValue): SqlValue {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new RangeError(`A number of the database is beyond ${Number.MAX_SAFE_INTEGER}.`)
  return value
}

function bytes(text: string): Uint8Array {
  const decoded = Buffer.from(text.slice(2), 'hex') // `\x` and hex digits, the server's default form.
  return new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength)
}
