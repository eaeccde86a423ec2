/**
 * What the resources have in common: paths, queries and the checks that save a request which must fail.
 */
import { InvalidArgument } from './error/webex-error.ts'
import { type Ask, sendForJson, type Transport } from './http/requester.ts'
import type { CallOptions } from './options.ts'

/** A query value; undefined is not sent. */
export type QueryValue = string | number | boolean | Date | undefined

/** Values of a query by their names. */
export type Query = Readonly<Record<string, QueryValue>>

/** The URL of a path below the base, which begins with `/`. */
export function urlOf(transport: Transport, path: string, query: Query = {}): URL {
  if (!path.startsWith('/')) throw new InvalidArgument('a path begins with /')
  return withQuery(new URL(`${transport.baseUrl.href}${path}`), query)
}

/** The URL with values added to its query, dates in UTC. */
export function withQuery(url: URL, query: Query): URL {
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    url.searchParams.set(name, value instanceof Date ? value.toISOString() : String(value))
  }
  return url
}

/** One request of a resource, by its path below the base. */
export interface PathRequest {
  readonly method: Ask['method']
  readonly path: string
  readonly query?: Query
  readonly body?: unknown
}

/** Sends it and gives the body of the answer; undefined when there is none, as after a 204. */
export async function bodyFor(
  transport: Transport,
  request: PathRequest,
  options: CallOptions,
): Promise<unknown> {
  const { method, path, query, body } = request
  return (await sendForJson(transport, { method, url: urlOf(transport, path, query), body, options })).body
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
