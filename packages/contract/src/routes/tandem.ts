/**
 * Our own operations beyond the contract (contract README §11), with the same errors and rights.
 */
import { SOUND_NAME_CHARS_MAX } from '../schema/vocabulary.ts'
import { SPAN, TIMEZONE, TIMEZONE_HEADER } from './parameters.ts'
import type { Route } from './route.ts'

/** Our own operations. */
export const TANDEM_ROUTES = {
  listAnnouncements: {
    method: 'GET',
    path: '/tandem/v1/announcements',
    access: 'token',
    success: 200,
    summary: 'Uploaded announcements and hold music, by name',
    tag: 'Telephony',
    answer: 'AnnouncementList',
  },
  addAnnouncement: {
    method: 'POST',
    path: '/tandem/v1/announcements',
    access: 'token',
    success: 201,
    summary: 'Uploads an announcement or hold music: the sound is the body, its name a query parameter',
    tag: 'Telephony',
    query: {
      name: {
        kind: 'text',
        charsMax: SOUND_NAME_CHARS_MAX,
        required: true,
        description: 'What it is called',
      },
    },
    bodyTypes: ['audio/wav', 'audio/mpeg', 'audio/basic'],
    bodyRequired: true,
    answer: 'Announcement',
    errors: ['sound_unreadable', 'sound_quota_reached'],
  },
  deleteAnnouncement: {
    method: 'DELETE',
    path: '/tandem/v1/announcements/{announcementId}',
    access: 'token',
    success: 204,
    summary: 'Deletes an uploaded announcement',
    tag: 'Telephony',
    errors: ['sound_not_found', 'sound_in_use'],
  },
  setHoldMusic: {
    method: 'PUT',
    path: '/tandem/v1/locations/{locationId}/holdMusic',
    access: 'token',
    success: 204,
    summary: 'Chooses what people on hold hear',
    tag: 'Telephony',
    body: 'HoldMusicRequest',
    errors: ['location_not_found', 'managed_by_file'],
  },
  listCallRecords: {
    method: 'GET',
    path: '/tandem/v1/callRecords',
    access: 'token',
    success: 200,
    summary: 'Call detail records as CSV or NDJSON, oldest first',
    tag: 'Telephony',
    query: {
      ...SPAN,
      format: {
        kind: 'choice',
        choices: ['csv', 'ndjson'],
        default: 'csv',
        description: 'The form of the answer',
      },
      ...TIMEZONE,
    },
    headers: TIMEZONE_HEADER,
    answerTypes: ['text/csv', 'application/x-ndjson'],
  },
  getCallTrace: {
    method: 'GET',
    path: '/tandem/v1/calls/{callSessionId}/trace',
    access: 'token',
    success: 200,
    summary: 'The SIP messages of a conversation without personal data',
    tag: 'Telephony',
    answer: 'CallTrace',
    errors: ['session_not_found', 'calls_unavailable', 'calls_timeout'],
  },
  listVoicemail: {
    method: 'GET',
    path: '/tandem/v1/voicemail',
    access: 'token',
    success: 200,
    summary: 'The messages in the caller’s mailbox, newest first',
    tag: 'Telephony',
    answer: 'VoicemailList',
  },
  getVoicemailAudio: {
    method: 'GET',
    path: '/tandem/v1/voicemail/{messageId}/audio',
    access: 'token',
    success: 200,
    summary: 'The sound of one message as a WAV file',
    tag: 'Telephony',
    answerTypes: ['audio/wav'],
    errors: ['voicemail_not_found'],
  },
  deleteVoicemail: {
    method: 'DELETE',
    path: '/tandem/v1/voicemail/{messageId}',
    access: 'token',
    success: 204,
    summary: 'Deletes one message',
    tag: 'Telephony',
    errors: ['voicemail_not_found'],
  },
} as const satisfies Record<string, Route>
