/** Meeting recordings: what only they have, and what may be asked of them (meeting-recordings §1). */
import type { Recording, RecordingStatus } from '../catalogue/recording.ts'
import type { Actor, Cursor, Page } from '../library.ts'

/** What only a meeting recording has (meeting-recordings §1). */
export interface MeetingFacts {
  readonly meetingId: string
  readonly scheduledMeetingId?: string
  readonly meetingSeriesId?: string
  readonly siteUrl: string
  readonly password: string
  readonly serviceType: 'MeetingCenter' | 'EventCenter' | 'SupportCenter' | 'TrainingCenter'
  readonly format: 'MP4' | 'ARF' | 'UPLOADED'
  /** Foreign keys, each visible to the client that set it. */
  readonly integrationTags: readonly { readonly clientId: string; readonly tag: string }[]
}

/** A meeting recording. */
export interface MeetingRecording {
  readonly recording: Recording
  readonly meeting: MeetingFacts
  /** Emails that it is shared with, as they were given. */
  readonly sharedWith: readonly string[]
}

/** What to list of meetings; filters combine with AND. */
export interface MeetingQuery {
  readonly orgId: string
  readonly from?: number
  readonly to?: number
  readonly status: RecordingStatus
  readonly max: number
  readonly cursor?: Cursor
  /** Hosted by. */
  readonly hostId?: string
  /** Hosted by `hostId`, or shared with this email. */
  readonly sharedWith?: string
  /** Instance, scheduled meeting or series. */
  readonly meetingId?: string
  readonly siteUrl?: string
  readonly topic?: string
  readonly format?: string
  readonly serviceType?: string
  readonly integrationTag?: { readonly clientId: string; readonly tag: string }
}

/** Meeting recordings. Their moves are those of `Lifecycle`. */
export interface MeetingRecordings {
  list(query: MeetingQuery): Promise<Page<MeetingRecording>>
  get(orgId: string, id: string): Promise<MeetingRecording | undefined>
  /** Whatever its organisation: behind its password alone. */
  find(id: string): Promise<MeetingRecording | undefined>
  /** False when there is none. */
  share(
    actor: Actor,
    id: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<boolean>
}
