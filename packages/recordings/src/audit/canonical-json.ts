/**
 * Canonical JSON: one text for one value, so that a hash or a signature can be checked by whoever parses and writes the
 * value again. Members are sorted by their UTF-16 units, nothing is blank between them, and absent members are left out;
 * numbers and texts are written as ECMAScript does (the choices of RFC 8785).
 */
import { createHash } from 'node:crypto'

/** The text of a value. Throws a `TypeError` for what JSON cannot say: a bigint, a function, a number without end. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object') throw new TypeError(`JSON has no word for a ${typeof value}`)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1)) // No two names are equal.
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}

/** SHA-256 of a text as UTF-8, or of bytes: lower-case hex. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
