/**
 * Recordings (contract, converged-recordings), and the person whose they are (auth §6).
 */
import type { Route } from './route.ts'

/** Operations of recordings and people. */
export const RECORDING_ROUTES = {
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
} as const satisfies Record<string, Route>
