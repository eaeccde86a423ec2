/**
 * Meeting recordings (contract, meeting-recordings).
 */
import { EMAIL_CHARS_MAX, ID_CHARS_MAX } from '../schema/vocabulary.ts'
import { RECORDING_CHANGE, RECORDING_FILE } from './errors-of.ts'
import { HOST_EMAIL, id, MEETING_ID, MEETING_LIST, TIMEZONE, TIMEZONE_HEADER } from './parameters.ts'
import type { Parameters, Route } from './route.ts'

const { status: _status, ...GROUP_FILTERS } = MEETING_LIST

/** Exactly one of the two names the person (meeting-recordings §9). */
const GROUP_PERSON: Parameters = { personId: id('The host; or the header hostEmail') }
const GROUP_LIST: Parameters = { ...GROUP_FILTERS, ...GROUP_PERSON }
const GROUP_HEADERS: Parameters = {
  ...TIMEZONE_HEADER,
  hostEmail: {
    kind: 'text',
    charsMax: EMAIL_CHARS_MAX,
    description: 'The host; or the query parameter personId',
  },
}

/** Operations of meeting recordings. */
export const MEETING_RECORDING_ROUTES = {
  listMeetingRecordings: {
    method: 'GET',
    path: '/v1/recordings',
    access: 'token',
    success: 200,
    summary: 'The meeting recordings that the caller hosted or was given a share of, newest first',
    tag: 'Meeting Recordings',
    query: { ...MEETING_LIST, ...MEETING_ID, ...HOST_EMAIL },
    headers: TIMEZONE_HEADER,
    answer: 'MeetingRecordingList',
    paged: true,
    errors: ['host_forbidden', 'purged_forbidden'],
  },
  getMeetingRecordingDetails: {
    method: 'GET',
    path: '/v1/recordings/{recordingId}',
    access: 'token',
    success: 200,
    summary: 'One meeting recording, with download links where the caller may have them',
    tag: 'Meeting Recordings',
    query: { ...HOST_EMAIL, ...TIMEZONE },
    headers: {
      ...TIMEZONE_HEADER,
      siteUrl: { kind: 'text', charsMax: ID_CHARS_MAX, description: 'The site to look on' },
    },
    answer: 'MeetingRecordingDetails',
    errors: ['host_forbidden', ...RECORDING_FILE],
  },
  deleteMeetingRecording: {
    method: 'DELETE',
    path: '/v1/recordings/{recordingId}',
    access: 'token',
    success: 204,
    summary: 'Takes a meeting recording from everybody but compliance officers',
    tag: 'Meeting Recordings',
    query: HOST_EMAIL,
    body: 'DeleteMeetingRecordingRequest',
    errors: ['reason_missing', 'host_forbidden', 'not_the_host', ...RECORDING_CHANGE],
  },
  softDeleteMeetingRecordings: {
    method: 'POST',
    path: '/v1/recordings/softDelete',
    access: 'token',
    success: 204,
    summary: 'Moves meeting recordings to the recycle bin',
    tag: 'Meeting Recordings',
    query: HOST_EMAIL,
    body: 'MeetingSoftDeleteRequest',
    bodyRequired: true,
    errors: ['host_forbidden', 'not_the_host', ...RECORDING_CHANGE],
  },
  restoreMeetingRecordings: {
    method: 'POST',
    path: '/v1/recordings/restore',
    access: 'token',
    success: 204,
    summary: 'Takes meeting recordings out of the recycle bin',
    tag: 'Meeting Recordings',
    query: HOST_EMAIL,
    body: 'MeetingRestoreRequest',
    bodyRequired: true,
    errors: ['host_forbidden', 'not_the_host', ...RECORDING_CHANGE],
  },
  purgeMeetingRecordings: {
    method: 'POST',
    path: '/v1/recordings/purge',
    access: 'token',
    success: 204,
    summary: 'Withdraws meeting recordings of the recycle bin for good',
    tag: 'Meeting Recordings',
    query: HOST_EMAIL,
    body: 'MeetingPurgeRequest',
    bodyRequired: true,
    errors: ['host_forbidden', 'not_the_host', ...RECORDING_CHANGE],
  },
  shareMeetingRecording: {
    method: 'POST',
    path: '/v1/recordings/{recordingId}/accessList',
    access: 'token',
    success: 204,
    summary: 'Shares a meeting recording with people, or unshares it',
    tag: 'Meeting Recordings',
    body: 'AccessListRequest',
    bodyRequired: true,
    errors: ['recording_not_found', 'access_forbidden', 'host_forbidden', 'not_the_host'],
  },
  shareMeetingRecordingByLink: {
    method: 'POST',
    path: '/v1/recordings/accessList',
    access: 'token',
    success: 204,
    summary: 'Shares the meeting recording of a share link with people, or unshares it',
    tag: 'Meeting Recordings',
    body: 'LinkAccessListRequest',
    errors: [
      'share_link_unknown',
      'recording_not_found',
      'access_forbidden',
      'host_forbidden',
      'not_the_host',
    ],
  },
  listAdminMeetingRecordings: {
    method: 'GET',
    path: '/v1/admin/recordings',
    access: 'token',
    success: 200,
    summary: 'The meeting recordings of a site, newest first',
    tag: 'Meeting Recordings',
    query: { ...MEETING_LIST, ...MEETING_ID },
    headers: TIMEZONE_HEADER,
    answer: 'AdminMeetingRecordingList',
    paged: true,
    errors: ['purged_forbidden'],
  },
  deleteAdminMeetingRecording: {
    method: 'DELETE',
    path: '/v1/admin/recordings/{recordingId}',
    access: 'token',
    success: 204,
    summary: 'Takes a meeting recording of the site from everybody but compliance officers',
    tag: 'Meeting Recordings',
    errors: RECORDING_CHANGE,
  },
  listGroupMeetingRecordings: {
    method: 'GET',
    path: '/v1/group/recordings',
    access: 'token',
    success: 200,
    summary: 'The meeting recordings that one named person hosted',
    tag: 'Meeting Recordings',
    query: GROUP_LIST,
    headers: GROUP_HEADERS,
    answer: 'GroupMeetingRecordingList',
    paged: true,
    errors: ['host_forbidden'],
  },
  getGroupMeetingRecordingDetails: {
    method: 'GET',
    path: '/v1/group/recordings/{recordingId}',
    access: 'token',
    success: 200,
    summary: 'One meeting recording that one named person hosted',
    tag: 'Meeting Recordings',
    query: { ...GROUP_PERSON, ...TIMEZONE },
    headers: GROUP_HEADERS,
    answer: 'MeetingRecordingDetails',
    errors: ['host_forbidden', ...RECORDING_FILE],
  },
} as const satisfies Record<string, Route>
