/** Every operation behind a bearer token. A new one is a file of its own, a row of the contract's tables, and a line here. */
import {
  addAnnouncement,
  deleteAnnouncement,
  listAnnouncements,
  setHoldMusic,
} from './announcements/announcements.ts'
import { CALL_RECORDING_OPERATIONS, getMyCallRecording } from './call-recording/call-recording.ts'
import { listCallRecords } from './call-records/call-records.ts'
import { deleteConvergedRecording } from './converged-recordings/delete.ts'
import { getConvergedRecordingDetails } from './converged-recordings/details.ts'
import { listConvergedRecordings } from './converged-recordings/list.ts'
import { listAdminConvergedRecordings } from './converged-recordings/list-admin.ts'
import { getConvergedRecordingMetadata } from './converged-recordings/metadata.ts'
import {
  purgeConvergedRecordings,
  restoreConvergedRecordings,
  softDeleteConvergedRecordings,
} from './converged-recordings/move.ts'
import { reassignConvergedRecordings } from './converged-recordings/reassign.ts'
import { DIRECTORY_OPERATIONS } from './directory/operations.ts'
import { EVENT_OPERATIONS } from './events/operations.ts'
import { LIBRARY_OPERATIONS } from './library/operations.ts'
import { MEETING_OPERATIONS } from './meeting-recordings/operations.ts'
import { OAUTH_OPERATIONS } from './oauth/operations.ts'
import type { Operation } from './operation.ts'
import { getMyPerson } from './people/me.ts'
import {
  getMyPreferredAnswerEndpoint,
  getPreferredAnswerEndpoint,
  getSecondaryLinePreferredAnswerEndpoint,
  setMyPreferredAnswerEndpoint,
  setPreferredAnswerEndpoint,
  setSecondaryLinePreferredAnswerEndpoint,
} from './preferred-answer-endpoint/preferred-answer-endpoint.ts'
import { answerCall } from './telephony-calls/answer.ts'
import { hangupCall, holdCall, muteCall, resumeCall, unmuteCall } from './telephony-calls/call-command.ts'
import { bargeInCall, pickupCall, pullCall, retrieveCall } from './telephony-calls/click-to-dial.ts'
import { getCallDetails } from './telephony-calls/details.ts'
import { dialCall } from './telephony-calls/dial.ts'
import { divertCall } from './telephony-calls/divert.ts'
import {
  pauseCallRecording,
  pushCall,
  resumeCallRecording,
  startCallRecording,
  stopCallRecording,
} from './telephony-calls/found-call-command.ts'
import { listCallHistory } from './telephony-calls/history.ts'
import { listCalls } from './telephony-calls/list.ts'
import { MEMBER_OPERATIONS } from './telephony-calls/members.ts'
import { setMessageWaiting } from './telephony-calls/message-waiting.ts'
import { parkCall } from './telephony-calls/park.ts'
import { rejectCall } from './telephony-calls/reject.ts'
import { getCallTrace } from './telephony-calls/trace.ts'
import { transferCall } from './telephony-calls/transfer.ts'
import { transmitDtmf } from './telephony-calls/transmit-dtmf.ts'
import { CONFERENCE_OPERATIONS } from './telephony-conference/conference.ts'
import { deleteVoicemail, getVoicemailAudio, listVoicemail } from './voicemail/voicemail.ts'
import { WEBHOOK_OPERATIONS } from './webhooks/operations.ts'

/** All of them. */
export const OPERATIONS: readonly Operation[] = [
  addAnnouncement,
  answerCall,
  bargeInCall,
  deleteAnnouncement,
  deleteConvergedRecording,
  deleteVoicemail,
  dialCall,
  divertCall,
  getCallDetails,
  getCallTrace,
  getConvergedRecordingDetails,
  getConvergedRecordingMetadata,
  getMyCallRecording,
  getMyPerson,
  getMyPreferredAnswerEndpoint,
  getPreferredAnswerEndpoint,
  getSecondaryLinePreferredAnswerEndpoint,
  getVoicemailAudio,
  hangupCall,
  holdCall,
  listAdminConvergedRecordings,
  listAnnouncements,
  listCallHistory,
  listCallRecords,
  listCalls,
  listConvergedRecordings,
  listVoicemail,
  muteCall,
  parkCall,
  pauseCallRecording,
  pickupCall,
  pullCall,
  purgeConvergedRecordings,
  pushCall,
  reassignConvergedRecordings,
  rejectCall,
  resumeCall,
  restoreConvergedRecordings,
  resumeCallRecording,
  retrieveCall,
  setHoldMusic,
  setMessageWaiting,
  setMyPreferredAnswerEndpoint,
  setPreferredAnswerEndpoint,
  setSecondaryLinePreferredAnswerEndpoint,
  softDeleteConvergedRecordings,
  startCallRecording,
  stopCallRecording,
  transferCall,
  transmitDtmf,
  unmuteCall,
  ...CALL_RECORDING_OPERATIONS,
  ...CONFERENCE_OPERATIONS,
  ...DIRECTORY_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...LIBRARY_OPERATIONS,
  ...MEETING_OPERATIONS,
  ...MEMBER_OPERATIONS,
  ...OAUTH_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
]
