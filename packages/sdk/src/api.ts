/**
 * What the resources have in common: paths, queries and the checks that save a request which must fail.
 */
import { InvalidArgument } from './error/webex-error.ts'
import type { Transport } from './http/requester.ts'

/** A query value; undefined is not sent. */
export type QueryValue = string | number | boolean | Date | undefined

/** The URL of a path below the base, which begins with `/`. */
export function urlOf(
  transport: Transport,
  path: string,
  query: Readonly<Record<string, QueryValue>> = {},
): URL {
  if (!path.startsWith('/')) throw new InvalidArgument('a path begins with /')
  const url = new URL(`${transport.baseUrl.href}${path}`)
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    url.searchParams.set(name, value instanceof Date ? value.toISOString() : String(value))
  }
  return url
}

/** An id as a path segment. */
export function segment(name: string, id: string): string {
  return encodeURIComponent(requireText(name, id))
}

/** Refuses an empty string, which the server would answer 400 or take for another path. */
export function requireText(name: string, value: string): string {
  if (typeof value === 'string' && value !== '' && value !== '.' && value !== '..') return value
  throw new InvalidArgument(`${name} must be a non-empty string`)
}
