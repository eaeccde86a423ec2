/**
 * Our own operations beyond the contract (contract README §11), with the same errors and rights.
 */
import type { Route } from './route.ts'

/** Our own operations. */
export const TANDEM_ROUTES = {
  listAnnouncements: {
    method: 'GET',
    path: '/tandem/v1/announcements',
    access: 'token',
    success: 200,
    summary: 'Uploaded announcements and hold music, by name',
  },
  addAnnouncement: {
    method: 'POST',
    path: '/tandem/v1/announcements',
    access: 'token',
    success: 201,
    summary: 'Uploads an announcement or hold music: the sound is the body, its name a query parameter',
  },
  deleteAnnouncement: {
    method: 'DELETE',
    path: '/tandem/v1/announcements/{announcementId}',
    access: 'token',
    success: 204,
    summary: 'Deletes an uploaded announcement',
  },
  setHoldMusic: {
    method: 'PUT',
    path: '/tandem/v1/locations/{locationId}/holdMusic',
    access: 'token',
    success: 204,
    summary: 'Chooses what people on hold hear',
  },
  listCallRecords: {
    method: 'GET',
    path: '/tandem/v1/callRecords',
    access: 'token',
    success: 200,
    summary: 'Call detail records as CSV or NDJSON, oldest first',
  },
  getCallTrace: {
    method: 'GET',
    path: '/tandem/v1/calls/{callSessionId}/trace',
    access: 'token',
    success: 200,
    summary: 'The SIP messages of a conversation without personal data',
  },
  listVoicemail: {
    method: 'GET',
    path: '/tandem/v1/voicemail',
    access: 'token',
    success: 200,
    summary: 'The messages in the caller’s mailbox, newest first',
  },
  getVoicemailAudio: {
    method: 'GET',
    path: '/tandem/v1/voicemail/{messageId}/audio',
    access: 'token',
    success: 200,
    summary: 'The sound of one message as a WAV file',
  },
  deleteVoicemail: {
    method: 'DELETE',
    path: '/tandem/v1/voicemail/{messageId}',
    access: 'token',
    success: 204,
    summary: 'Deletes one message',
  },
} as const satisfies Record<string, Route>
