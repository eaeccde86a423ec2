/**
 * What is served without a bearer token: signed links, the set-up page, health.
 */
import type { Route } from './route.ts'

/** Operations without a bearer token. */
export const TOKENLESS_ROUTES = {
  getRecordingFile: {
    method: 'GET',
    path: '/media/{recordingId}/{file}',
    access: 'signedLink',
    success: 200,
    summary: 'A file of a recording (audio, video or transcript), by the link that its details carry',
  },
  showMeetingRecording: {
    method: 'GET',
    path: '/recordings/{recordingId}/{page}',
    access: 'open',
    success: 200,
    summary: 'The page that plays or downloads a meeting recording to whoever knows its password',
  },
  openMeetingRecording: {
    method: 'POST',
    path: '/recordings/{recordingId}/{page}',
    access: 'open',
    success: 200,
    summary: 'Takes the password of a meeting recording and shows it',
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
  getOpenApi: {
    method: 'GET',
    path: '/openapi.json',
    access: 'open',
    success: 200,
    summary: 'This API as an OpenAPI 3.1 document',
  },
  showApiReference: {
    method: 'GET',
    path: '/reference',
    access: 'open',
    success: 200,
    summary: 'The page that shows the OpenAPI document to people',
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
