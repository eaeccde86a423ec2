/** The operations of meeting recordings, as the list of all operations takes them in. */
import type { Operation } from '../operation.ts'
import { deleteAdminMeetingRecording, deleteMeetingRecording } from './delete.ts'
import { getMeetingRecordingDetails } from './details.ts'
import { getGroupMeetingRecordingDetails, listGroupMeetingRecordings } from './group.ts'
import { listMeetingRecordings } from './list.ts'
import { listAdminMeetingRecordings } from './list-admin.ts'
import { purgeMeetingRecordings, restoreMeetingRecordings, softDeleteMeetingRecordings } from './move.ts'
import { shareMeetingRecording, shareMeetingRecordingByLink } from './share.ts'

/** All of them. */
export const MEETING_OPERATIONS: readonly Operation[] = [
  deleteAdminMeetingRecording,
  deleteMeetingRecording,
  getGroupMeetingRecordingDetails,
  getMeetingRecordingDetails,
  listAdminMeetingRecordings,
  listGroupMeetingRecordings,
  listMeetingRecordings,
  purgeMeetingRecordings,
  restoreMeetingRecordings,
  shareMeetingRecording,
  shareMeetingRecordingByLink,
  softDeleteMeetingRecordings,
]
