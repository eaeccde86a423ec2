/**
 * Every operation of the server as data: its method, its path, what opens it and what a success looks like. The server
 * refuses to offer a path that is not in this table, and `rights.ts` says who may use it.
 *
 * `{name}` marks a path parameter. Paths are case-sensitive. A fixed word is matched before a parameter, so `dial` is
 * never a call id.
 */

/**
 * What opens a route: a bearer token; a signature in the link; the secret of a set-up link; nothing at all (`open`, for
 * health checks); or only a request from the machine itself or to the management address (`local`).
 */
export type Access = 'token' | 'signedLink' | 'setupLink' | 'open' | 'local'

/** One operation. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly access: Access
  readonly success: 200 | 201 | 204
  readonly summary: string
}

/** The base of the contract's paths. */
export const BASE_PATH = '/v1'

/** All operations by their id. */
export const ROUTES = {
  listCalls: {
    method: 'GET',
    path: '/v1/telephony/calls',
    access: 'token',
    success: 200,
    summary: 'All active calls of the caller, oldest first',
  },
  getCallDetails: {
    method: 'GET',
    path: '/v1/telephony/calls/{callId}',
    access: 'token',
    success: 200,
    summary: 'One active call of the caller',
  },
  dialCall: {
    method: 'POST',
    path: '/v1/telephony/calls/dial',
    access: 'token',
    success: 201,
    summary: 'Rings the caller’s devices and, once one is answered, the destination',
  },
  hangupCall: {
    method: 'POST',
    path: '/v1/telephony/calls/hangup',
    access: 'token',
    success: 204,
    summary: 'Ends a call of the caller',
  },
  listConvergedRecordings: {
    method: 'GET',
    path: '/v1/convergedRecordings',
    access: 'token',
    success: 200,
    summary: 'The caller’s own recordings, newest first',
  },
  getConvergedRecordingDetails: {
    method: 'GET',
    path: '/v1/convergedRecordings/{recordingId}',
    access: 'token',
    success: 200,
    summary: 'One recording, with download links where the caller may have them',
  },
  getConvergedRecordingMetadata: {
    method: 'GET',
    path: '/v1/convergedRecordings/{recordingId}/metadata',
    access: 'token',
    success: 200,
    summary: 'The metadata document of one recording',
  },
  getMyPerson: {
    method: 'GET',
    path: '/v1/people/me',
    access: 'token',
    success: 200,
    summary: 'The person that the token belongs to',
  },
  getRecordingAudio: {
    method: 'GET',
    path: '/media/{recordingId}/audio',
    access: 'signedLink',
    success: 200,
    summary: 'The MP3 of a recording, by the link that its details carry',
  },
  showSetup: {
    method: 'GET',
    path: '/setup/{secret}',
    access: 'setupLink',
    success: 200,
    summary: 'The page behind the one-time set-up link',
  },
  completeSetup: {
    method: 'POST',
    path: '/setup/{secret}',
    access: 'setupLink',
    success: 200,
    summary: 'Uses up the set-up link and shows the first administrator token once',
  },
  getLiveness: {
    method: 'GET',
    path: '/healthz',
    access: 'open',
    success: 200,
    summary: 'Whether the process is alive',
  },
  getReadiness: {
    method: 'GET',
    path: '/readyz',
    access: 'open',
    success: 200,
    summary: 'Whether the server takes work',
  },
  getMetrics: {
    method: 'GET',
    path: '/metrics',
    access: 'local',
    success: 200,
    summary: 'Counters and gauges in the Prometheus text format',
  },
} as const satisfies Record<string, Route>

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
