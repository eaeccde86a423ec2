/**
 * What is served without a bearer token: signed links, the set-up page, health.
 */
import type { Route } from './route.ts'

/** Operations without a bearer token. */
export const TOKENLESS_ROUTES = {
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
