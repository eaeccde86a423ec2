/**
 * Meeting recordings (contract, meeting-recordings).
 */
import type { Route } from './route.ts'

/** Operations of meeting recordings. */
export const MEETING_RECORDING_ROUTES = {
  listMeetingRecordings: {
    method: 'GET',
    path: '/v1/recordings',
    access: 'token',
    success: 200,
    summary: 'The meeting recordings that the caller hosted or was given a share of, newest first',
  },
  getMeetingRecordingDetails: {
    method: 'GET',
    path: '/v1/recordings/{recordingId}',
    access: 'token',
    success: 200,
    summary: 'One meeting recording, with download links where the caller may have them',
  },
  deleteMeetingRecording: {
    method: 'DELETE',
    path: '/v1/recordings/{recordingId}',
    access: 'token',
    success: 204,
    summary: 'Takes a meeting recording from everybody but compliance officers',
  },
  softDeleteMeetingRecordings: {
    method: 'POST',
    path: '/v1/recordings/softDelete',
    access: 'token',
    success: 204,
    summary: 'Moves meeting recordings to the recycle bin',
  },
  restoreMeetingRecordings: {
    method: 'POST',
    path: '/v1/recordings/restore',
    access: 'token',
    success: 204,
    summary: 'Takes meeting recordings out of the recycle bin',
  },
  purgeMeetingRecordings: {
    method: 'POST',
    path: '/v1/recordings/purge',
    access: 'token',
    success: 204,
    summary: 'Withdraws meeting recordings of the recycle bin for good',
  },
  shareMeetingRecording: {
    method: 'POST',
    path: '/v1/recordings/{recordingId}/accessList',
    access: 'token',
    success: 204,
    summary: 'Shares a meeting recording with people, or unshares it',
  },
  shareMeetingRecordingByLink: {
    method: 'POST',
    path: '/v1/recordings/accessList',
    access: 'token',
    success: 204,
    summary: 'Shares the meeting recording of a share link with people, or unshares it',
  },
  listAdminMeetingRecordings: {
    method: 'GET',
    path: '/v1/admin/recordings',
    access: 'token',
    success: 200,
    summary: 'The meeting recordings of a site, newest first',
  },
  deleteAdminMeetingRecording: {
    method: 'DELETE',
    path: '/v1/admin/recordings/{recordingId}',
    access: 'token',
    success: 204,
    summary: 'Takes a meeting recording of the site from everybody but compliance officers',
  },
  listGroupMeetingRecordings: {
    method: 'GET',
    path: '/v1/group/recordings',
    access: 'token',
    success: 200,
    summary: 'The meeting recordings that one named person hosted',
  },
  getGroupMeetingRecordingDetails: {
    method: 'GET',
    path: '/v1/group/recordings/{recordingId}',
    access: 'token',
    success: 200,
    summary: 'One meeting recording that one named person hosted',
  },
} as const satisfies Record<string, Route>
