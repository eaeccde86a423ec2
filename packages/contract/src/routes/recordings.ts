/**
 * Converged recordings (contract, converged-recordings), and the person whose they are (auth §6).
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
  listAdminConvergedRecordings: {
    method: 'GET',
    path: '/v1/admin/convergedRecordings',
    access: 'token',
    success: 200,
    summary: 'The recordings of the organisation, newest first',
  },
  getConvergedRecordingDetails: {
    method: 'GET',
    path: '/v1/convergedRecordings/{recordingId}',
    access: 'token',
    success: 200,
    summary: 'One recording, with download links where the caller may have them',
  },
  deleteConvergedRecording: {
    method: 'DELETE',
    path: '/v1/convergedRecordings/{recordingId}',
    access: 'token',
    success: 204,
    summary: 'Moves a recording to the recycle bin; a compliance officer erases it for good',
  },
  getConvergedRecordingMetadata: {
    method: 'GET',
    path: '/v1/convergedRecordings/{recordingId}/metadata',
    access: 'token',
    success: 200,
    summary: 'The metadata document of one recording',
  },
  reassignConvergedRecordings: {
    method: 'POST',
    path: '/v1/convergedRecordings/reassign',
    access: 'token',
    success: 204,
    summary: 'Gives recordings a new owner',
  },
  softDeleteConvergedRecordings: {
    method: 'POST',
    path: '/v1/convergedRecordings/softDelete',
    access: 'token',
    success: 204,
    summary: 'Moves recordings to the recycle bin',
  },
  restoreConvergedRecordings: {
    method: 'POST',
    path: '/v1/convergedRecordings/restore',
    access: 'token',
    success: 204,
    summary: 'Takes recordings out of the recycle bin',
  },
  purgeConvergedRecordings: {
    method: 'POST',
    path: '/v1/convergedRecordings/purge',
    access: 'token',
    success: 204,
    summary: 'Withdraws recordings of the recycle bin from users and administrators for good',
  },
  getMyPerson: {
    method: 'GET',
    path: '/v1/people/me',
    access: 'token',
    success: 200,
    summary: 'The person that the token belongs to',
  },
} as const satisfies Record<string, Route>
