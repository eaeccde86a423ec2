/**
 * Every operation of the server as data: its method, its path, what opens it and what a success looks like. The server
 * refuses to offer a path that is not in this table, and `rights.ts` says who may use it.
 *
 * The rows are in `routes/`, a file a resource. A fixed word is matched before a parameter, so `dial` is
 * never a call id.
 */
import { CALL_ROUTES } from './routes/calls.ts'
import { CONFERENCE_ROUTES } from './routes/conference.ts'
import { DIRECTORY_ROUTES } from './routes/directory.ts'
import { LIBRARY_ROUTES } from './routes/library.ts'
import { MEETING_RECORDING_ROUTES } from './routes/meeting-recordings.ts'
import { MEMBER_ROUTES } from './routes/members.ts'
import { OAUTH_ROUTES } from './routes/oauth.ts'
import { RECORDING_ROUTES } from './routes/recordings.ts'
import type { Route } from './routes/route.ts'
import { SETTINGS_ROUTES } from './routes/settings.ts'
import { TANDEM_ROUTES } from './routes/tandem.ts'
import { TOKENLESS_ROUTES } from './routes/tokenless.ts'
import { WEBHOOK_ROUTES } from './routes/webhooks.ts'

/** The base of the contract's paths. */
export const BASE_PATH = '/v1'
/** The base of our own operations (contract README §11). */
export const TANDEM_PATH = '/tandem/v1'

/** All operations by their id. */
export const ROUTES: typeof CALL_ROUTES &
  typeof MEMBER_ROUTES &
  typeof CONFERENCE_ROUTES &
  typeof SETTINGS_ROUTES &
  typeof TANDEM_ROUTES &
  typeof RECORDING_ROUTES &
  typeof MEETING_RECORDING_ROUTES &
  typeof LIBRARY_ROUTES &
  typeof OAUTH_ROUTES &
  typeof DIRECTORY_ROUTES &
  typeof WEBHOOK_ROUTES &
  typeof TOKENLESS_ROUTES = {
  ...CALL_ROUTES,
  ...MEMBER_ROUTES,
  ...CONFERENCE_ROUTES,
  ...SETTINGS_ROUTES,
  ...TANDEM_ROUTES,
  ...RECORDING_ROUTES,
  ...MEETING_RECORDING_ROUTES,
  ...LIBRARY_ROUTES,
  ...OAUTH_ROUTES,
  ...DIRECTORY_ROUTES,
  ...WEBHOOK_ROUTES,
  ...TOKENLESS_ROUTES,
}

/** The id of an operation. */
export type OperationId = keyof typeof ROUTES

/** What a request line comes to: an operation with its path parameters, or what the path offers instead. */
export type RouteMatch =
  | {
      readonly kind: 'operation'
      readonly operation: OperationId
      readonly params: Readonly<Record<string, string>>
    }
  | { readonly kind: 'method'; readonly allow: readonly string[] }
  | { readonly kind: 'unknown' }

const TABLE = (Object.entries(ROUTES) as [OperationId, Route][]).map(([operation, route]) => ({
  operation,
  route,
  segments: route.path.split('/').slice(1),
}))

/**
 * Finds the operation of a path without its query, one trailing slash tolerated. HEAD is offered wherever GET is.
 * A path of fixed words hides one with parameters, also for methods that only the latter offers.
 */
export function matchRoute(method: string, path: string): RouteMatch {
  const segments = (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).split('/').slice(1)
  let best: { fixed: number; rows: typeof TABLE; params: Record<string, string> } | undefined
  for (const row of TABLE) {
    const params = paramsOf(row.segments, segments)
    if (params === undefined) continue
    const fixed = row.segments.filter((segment) => !segment.startsWith('{')).length
    if (best === undefined || fixed > best.fixed) best = { fixed, rows: [row], params }
    else if (fixed === best.fixed) best.rows.push(row)
  }
  if (best === undefined) return { kind: 'unknown' }
  const wanted = method === 'HEAD' ? 'GET' : method
  const row = best.rows.find((candidate) => candidate.route.method === wanted)
  if (row !== undefined) return { kind: 'operation', operation: row.operation, params: best.params }
  return { kind: 'method', allow: best.rows.flatMap(methodsOf) }
}

function methodsOf(row: { route: Route }): string[] {
  return row.route.method === 'GET' ? ['GET', 'HEAD'] : [row.route.method]
}

function paramsOf(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, expected] of pattern.entries()) {
    const segment = segments[i] as string
    if (!expected.startsWith('{')) {
      if (segment !== expected) return undefined
      continue
    }
    const value = decoded(segment)
    if (value === undefined || value === '') return undefined
    params[expected.slice(1, -1)] = value
  }
  return params
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined // A broken escape names nothing.
  }
}
