/**
 * A meeting recording as lists and details show it (meeting-recordings §1), its times in the zone of the request. The
 * schema of each answer keeps out what its column of the contract's table does not have.
 */
import { type GroupMeetingRecording, printSeconds, type Zone } from '@tandem/contract'
import type { MeetingRecording } from '@tandem/recordings'
import { isSharedWith } from './found-meeting.ts'

/** For whom it is shown. */
export interface MeetingReader {
  readonly zone: Zone
  readonly publicUrl: string
  /** Whose integration tags are shown. */
  readonly clientId: string
  /** Whose share counts; undefined for whoever is told nothing of shares. */
  readonly person: { readonly id: string; readonly email: string } | undefined
}

/** The members of all columns together. */
export function meetingView(found: MeetingRecording, reader: MeetingReader): GroupMeetingRecording {
  const { recording, meeting } = found
  const { zone, publicUrl, clientId, person } = reader
  const { scheduledMeetingId, meetingSeriesId } = meeting
  const tags = meeting.integrationTags.filter((each) => each.clientId === clientId).map(({ tag }) => tag)
  return {
    id: recording.id,
    meetingId: meeting.meetingId,
    ...(scheduledMeetingId === undefined ? {} : { scheduledMeetingId }),
    ...(meetingSeriesId === undefined ? {} : { meetingSeriesId }),
    topic: recording.topic,
    createTime: printSeconds(recording.createTime, zone),
    timeRecorded: printSeconds(recording.timeRecorded, zone),
    siteUrl: meeting.siteUrl,
    ...(recording.downloadPrevented ? {} : { downloadUrl: pageUrl(publicUrl, recording.id, 'download') }),
    playbackUrl: pageUrl(publicUrl, recording.id, 'play'),
    password: meeting.password,
    hostDisplayName: recording.ownerName,
    hostEmail: recording.ownerEmail,
    format: meeting.format,
    serviceType: meeting.serviceType,
    durationSeconds: recording.durationSeconds,
    sizeBytes: recording.sizeBytes,
    ...(person === undefined
      ? {}
      : { shareToMe: recording.ownerId !== person.id && isSharedWith(found, person.email) }),
    ...(tags.length === 0 ? {} : { integrationTags: tags }),
    status: recording.status,
  }
}

/** The address of a page that asks for the password of a recording. */
export function pageUrl(publicUrl: string, recordingId: string, page: 'play' | 'download'): string {
  return `${publicUrl}/recordings/${encodeURIComponent(recordingId)}/${page}`
}
