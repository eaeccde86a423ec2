/**
 * The events of a recording's later life (converged-recordings §11; webhooks §6): `convergedRecordings` for calls,
 * `recordings` for meetings, committed with what they announce. An erased recording is announced by what filters need
 * and nothing that was said or written in it.
 */
import { type Compilable, type Database, type Kysely, outboxEvent } from '@tandem/store'
import { eventData } from '../catalogue/catalogue.ts'
import { idKey, type Recording } from '../catalogue/recording.ts'
import { meetingEventData } from '../meeting/meeting-event.ts'
import type { MeetingTables } from '../meeting/tables.ts'
import type { LifeTables } from './tables.ts'

/** What a meeting's event says of the meeting. */
type MeetingNames = Parameters<typeof meetingEventData>[1]

/** Makes the statements that announce changes. */
export class Announcer {
  readonly #db: Database<LifeTables>
  readonly #now: () => number

  constructor(options: { readonly db: Database<LifeTables>; readonly now: () => number }) {
    this.#db = options.db
    this.#now = options.now
  }

  /** For recordings as they are after the change. */
  async changed(event: 'updated' | 'deleted', recordings: readonly Recording[]): Promise<Compilable[]> {
    const meetings = await this.#ofMeetings(recordings)
    return recordings.map((recording) => {
      const meeting = meetings.get(idKey(recording.id))
      const data = meeting === undefined ? eventData(recording) : meetingEventData(recording, meeting)
      return this.#statement(event, recording, data)
    })
  }

  /** For recordings that are erased: no topic, no status. */
  async erased(recordings: readonly Recording[]): Promise<Compilable[]> {
    const meetings = await this.#ofMeetings(recordings)
    return recordings.map((recording) => {
      const meeting = meetings.get(idKey(recording.id))
      if (meeting === undefined) return this.#statement('deleted', recording, erasedData(recording))
      const { topic: _topic, status: _status, ...data } = meetingEventData(recording, meeting)
      return this.#statement('deleted', recording, data)
    })
  }

  /** The meetings of those that are meeting recordings, by key. */
  async #ofMeetings(recordings: readonly Recording[]): Promise<ReadonlyMap<string, MeetingNames>> {
    const keys = recordings.filter(({ serviceType }) => serviceType === 'meeting').map(({ id }) => idKey(id))
    if (keys.length === 0) return new Map()
    const kysely = this.#db.kysely as unknown as Kysely<MeetingTables> // Wherever there are meeting recordings.
    const rows = await kysely
      .selectFrom('meeting_recording')
      .select(['id_key', 'meeting_id', 'scheduled_meeting_id', 'meeting_series_id', 'site_url'])
      .where('id_key', 'in', keys)
      .execute()
    const found = new Map(rows.map((row) => [row.id_key, namesOf(row)]))
    // One without a meeting is a fault of its import; its event goes out all the same.
    return new Map(keys.map((key) => [key, found.get(key) ?? { siteUrl: '', meetingId: '' }]))
  }

  #statement(
    event: 'updated' | 'deleted',
    recording: Recording,
    payload: Readonly<Record<string, unknown>>,
  ): Compilable {
    return outboxEvent(this.#db, {
      orgId: recording.orgId,
      resource: recording.serviceType === 'meeting' ? 'recordings' : 'convergedRecordings',
      event,
      personId: recording.ownerId,
      key: recording.id,
      payload,
      createdAt: this.#now(),
    })
  }
}

function namesOf(row: {
  readonly meeting_id: string
  readonly scheduled_meeting_id: string
  readonly meeting_series_id: string
  readonly site_url: string
}): MeetingNames {
  return {
    siteUrl: row.site_url,
    meetingId: row.meeting_id,
    ...(row.scheduled_meeting_id === '' ? {} : { scheduledMeetingId: row.scheduled_meeting_id }),
    ...(row.meeting_series_id === '' ? {} : { meetingSeriesId: row.meeting_series_id }),
  }
}

function erasedData(recording: Recording): Readonly<Record<string, unknown>> {
  const { ownerId, ownerEmail, ownerType, serviceType, storageRegion, serviceData } = recording
  return { id: recording.id, ownerId, ownerEmail, ownerType, serviceType, storageRegion, serviceData }
}
