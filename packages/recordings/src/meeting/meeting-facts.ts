/**
 * The facts of a meeting as rows and back, and the ids of one that came without (contract README §2): 32 hex digits,
 * for the instance followed by `_I_` and digits.
 */
import { randomBytes } from 'node:crypto'
import type { Compilable, Database } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import type { MeetingFacts } from './meeting-recordings.ts'
import type { PasswordSeal } from './password-seal.ts'
import type { MeetingRecordingTable, MeetingTables, RecordingTagTable } from './tables.ts'

/** Digits after `_I_`, as many as the contract's examples have. */
const INSTANCE_DIGITS = 18

/** An id for a meeting recording: 32 hex digits. */
export function makeMeetingRecordingId(): string {
  return randomBytes(16).toString('hex')
}

/** An id for a meeting that was held; of its series when that is known. */
export function makeMeetingId(seriesId?: string): string {
  const digits = (randomBytes(8).readBigUInt64BE() % 9n ** BigInt(INSTANCE_DIGITS)) + 1n
  return `${seriesId ?? makeMeetingRecordingId()}_I_${digits.toString().padStart(INSTANCE_DIGITS, '1')}`
}

/** The statements that write the meeting of a recording down, for the commit of its row. */
export function meetingStatements(
  db: Database<MeetingTables>,
  recording: { readonly id: string; readonly orgId: string },
  meeting: MeetingFacts,
  passwords: PasswordSeal,
): Compilable[] {
  const key = idKey(recording.id)
  const row: MeetingRecordingTable = {
    id_key: key,
    org_id: recording.orgId,
    meeting_id: meeting.meetingId,
    scheduled_meeting_id: meeting.scheduledMeetingId ?? '',
    meeting_series_id: meeting.meetingSeriesId ?? '',
    site_url: meeting.siteUrl.toLowerCase(),
    password: passwords.seal(recording.id, meeting.password),
    center: meeting.serviceType,
    meeting_format: meeting.format,
  }
  const tags = new Map(
    meeting.integrationTags.map(({ clientId, tag }): [string, RecordingTagTable] => [
      `${clientId}\n${tag}`,
      { id_key: key, client_id: clientId, tag },
    ]),
  )
  const insert = db.kysely.insertInto('meeting_recording').values(row)
  if (tags.size === 0) return [insert]
  return [insert, db.kysely.insertInto('recording_tag').values([...tags.values()])]
}

/** The facts that a row and its tags hold. */
export function meetingFactsOf(
  recordingId: string,
  row: Omit<MeetingRecordingTable, 'id_key' | 'org_id'>,
  tags: readonly RecordingTagTable[],
  passwords: PasswordSeal,
): MeetingFacts {
  return {
    meetingId: row.meeting_id,
    ...(row.scheduled_meeting_id === '' ? {} : { scheduledMeetingId: row.scheduled_meeting_id }),
    ...(row.meeting_series_id === '' ? {} : { meetingSeriesId: row.meeting_series_id }),
    siteUrl: row.site_url,
    password: passwords.open(recordingId, row.password),
    serviceType: row.center as MeetingFacts['serviceType'], // Written by `meetingStatements` from this very type.
    format: row.meeting_format as MeetingFacts['format'], // As above.
    integrationTags: tags.map((tag) => ({ clientId: tag.client_id, tag: tag.tag })),
  }
}
