/**
 * The events of a recording's later life (converged-recordings §11; webhooks §6): `convergedRecordings` for calls,
 * `recordings` for meetings, committed with what they announce. An erased recording is announced by what filters need
 * and nothing that was said or written in it.
 */
import { type Compilable, type Database, outboxEvent } from '@tandem/store'
import { eventData } from '../catalogue/catalogue.ts'
import { idKey, type Recording } from '../catalogue/recording.ts'
import type { LifeTables } from './tables.ts'

/** What a meeting's events tell beside the recording: `siteUrl`, `meetingId` and the like, by the recording's `idKey`. */
export type MeetingData = (
  recordings: readonly Recording[],
) => Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>

/** Resources of recordings. */
export const RESOURCES: readonly string[] = ['convergedRecordings', 'recordings']

/** Makes the statements that announce changes. */
export class Announcer {
  readonly #db: Database<LifeTables>
  readonly #meetingData: MeetingData
  readonly #now: () => number

  constructor(options: {
    readonly db: Database<LifeTables>
    readonly meetingData?: MeetingData | undefined
    readonly now: () => number
  }) {
    this.#db = options.db
    this.#meetingData = options.meetingData ?? (async () => new Map())
    this.#now = options.now
  }

  /** For recordings as they are after the change. */
  async changed(event: 'updated' | 'deleted', recordings: readonly Recording[]): Promise<Compilable[]> {
    const meetings = await this.#ofMeetings(recordings)
    return recordings.map((recording) => {
      const data =
        recording.serviceType === 'meeting'
          ? { ...meetingEventData(recording, meetings), status: recording.status }
          : eventData(recording)
      return this.#statement(event, recording, data)
    })
  }

  /** For recordings that are erased: no topic, no status. */
  async erased(recordings: readonly Recording[]): Promise<Compilable[]> {
    const meetings = await this.#ofMeetings(recordings)
    return recordings.map((recording) => {
      if (recording.serviceType !== 'meeting')
        return this.#statement('deleted', recording, erasedData(recording))
      const { topic: _, ...data } = meetingEventData(recording, meetings)
      return this.#statement('deleted', recording, data)
    })
  }

  /** Takes what earlier events of a recording tell out of the outbox; the events stay, for whoever waits for them. */
  forget(recording: Recording): Compilable {
    return this.#db.kysely
      .updateTable('outbox')
      .set({ payload: JSON.stringify({ id: recording.id }) })
      .where('resource', 'in', [...RESOURCES])
      .where('key', '=', recording.id)
  }

  async #ofMeetings(recordings: readonly Recording[]) {
    const meetings = recordings.filter((recording) => recording.serviceType === 'meeting')
    return meetings.length === 0 ? new Map() : await this.#meetingData(meetings)
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

function meetingEventData(
  recording: Recording,
  meetings: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): Readonly<Record<string, unknown>> {
  return {
    id: recording.id,
    hostUserId: recording.ownerId,
    hostEmail: recording.ownerEmail,
    topic: recording.topic,
    createTime: eventData(recording)['createTime'],
    ...meetings.get(idKey(recording.id)),
  }
}

function erasedData(recording: Recording): Readonly<Record<string, unknown>> {
  const { ownerId, ownerEmail, ownerType, serviceType, storageRegion, serviceData } = recording
  return { id: recording.id, ownerId, ownerEmail, ownerType, serviceType, storageRegion, serviceData }
}
