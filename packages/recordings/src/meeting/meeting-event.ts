/**
 * The `data` of a `recordings` webhook (webhooks §6): what names a meeting recording and its host, without links and
 * without the password. Moments are UTC with whole seconds.
 */
import { secondsIso } from '../catalogue/catalogue.ts'
import type { Recording } from '../catalogue/recording.ts'
import type { MeetingFacts } from './meeting-recordings.ts'

/** The payload of an event about a meeting recording. */
export function meetingEventData(
  recording: Recording,
  meeting: Pick<MeetingFacts, 'siteUrl' | 'meetingId' | 'scheduledMeetingId' | 'meetingSeriesId'>,
): Readonly<Record<string, unknown>> {
  const { scheduledMeetingId, meetingSeriesId } = meeting
  return {
    id: recording.id,
    hostUserId: recording.ownerId,
    hostEmail: recording.ownerEmail,
    topic: recording.topic,
    siteUrl: meeting.siteUrl,
    meetingId: meeting.meetingId,
    // Webhooks may filter by these two (webhooks §4).
    ...(scheduledMeetingId === undefined ? {} : { scheduledMeetingId }),
    ...(meetingSeriesId === undefined ? {} : { meetingSeriesId }),
    createTime: secondsIso(recording.createTime),
    status: recording.status,
  }
}
