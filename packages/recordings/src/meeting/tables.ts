/**
 * What only meeting recordings have (meeting-recordings §1): their row of `recording` has a second one here, under the
 * same key. The lists of meetings read `recording` through indexes that hold nothing but meetings, so that a host with
 * a hundred thousand calls and three meetings is read as fast as one without calls.
 */
import { type Kysely, type Migration, sql } from '@tandem/store'
import type { CatalogueTables } from '../catalogue/tables.ts'

/** One meeting recording. */
export interface MeetingRecordingTable {
  /** Of the recording, as `recording.id_key`. */
  id_key: string
  org_id: string
  /** `<32 hex>_I_<digits>`: the meeting that was held. */
  meeting_id: string
  /** Empty when it was not scheduled. */
  scheduled_meeting_id: string
  /** Empty when it belongs to none. */
  meeting_series_id: string
  /** Host name without a scheme, lower case. */
  site_url: string
  /** Base64, sealed by `PasswordSeal`. */
  password: string
  /** `MeetingCenter` and its like: the contract's service type of meetings. */
  center: string
  /** `MP4`, `ARF` or `UPLOADED`. */
  meeting_format: string
}

/** Somebody that a meeting recording is shared with. */
export interface RecordingShareTable {
  id_key: string
  /** The email in lower case, as it is compared. */
  email_key: string
  /** As it was given. */
  email: string
  org_id: string
}

/** A foreign key that an integration attached to the meeting, for itself alone. */
export interface RecordingTagTable {
  id_key: string
  client_id: string
  tag: string
}

/** The tables of this part. Each has `id_key`, by which an erasure finds what to delete. */
export interface MeetingTables {
  meeting_recording: MeetingRecordingTable
  recording_share: RecordingShareTable
  recording_tag: RecordingTagTable
}

/** The names of the tables that an erasure must empty of a recording. */
export const MEETING_DEPENDENTS = ['meeting_recording', 'recording_share', 'recording_tag'] as const

/** The migration of this part. */
export const MEETING_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0107_meetings': {
    async up(db: Kysely<MeetingTables & CatalogueTables>): Promise<void> {
      await createTables(db)
      await createIndexes(db)
    },
  },
}

async function createTables(db: Kysely<MeetingTables>): Promise<void> {
  let meeting = db.schema
    .createTable('meeting_recording')
    .addColumn('id_key', 'text', (column) => column.primaryKey())
  for (const name of [
    ...['org_id', 'meeting_id', 'scheduled_meeting_id', 'meeting_series_id'],
    ...['site_url', 'password', 'center', 'meeting_format'],
  ])
    meeting = meeting.addColumn(name, 'text', (column) => column.notNull())
  await meeting.execute()
  await db.schema
    .createTable('recording_share')
    .addColumn('id_key', 'text', (column) => column.notNull())
    .addColumn('email_key', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('recording_share_key', ['id_key', 'email_key'])
    .execute()
  await db.schema
    .createTable('recording_tag')
    .addColumn('id_key', 'text', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('tag', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('recording_tag_key', ['id_key', 'client_id', 'tag'])
    .execute()
}

async function createIndexes(db: Kysely<MeetingTables & CatalogueTables>): Promise<void> {
  const sorted = ['status', 'create_time desc', 'id desc']
  const ofMeetings: readonly (readonly [name: string, columns: readonly string[]])[] = [
    ['recording_meetings_by_time', ['org_id', ...sorted]],
    ['recording_meetings_by_owner', ['org_id', 'owner_id', ...sorted]],
  ]
  for (const [name, columns] of ofMeetings)
    await db.schema
      .createIndex(name)
      .on('recording')
      .columns([...columns])
      .where(ONLY_MEETINGS)
      .execute()
  for (const column of ['meeting_id', 'scheduled_meeting_id', 'meeting_series_id'])
    await db.schema
      .createIndex(`meeting_recording_by_${column}`)
      .on('meeting_recording')
      .columns(['org_id', column])
      .execute()
  await db.schema
    .createIndex('recording_share_by_email')
    .on('recording_share')
    .columns(['org_id', 'email_key'])
    .execute()
  await db.schema
    .createIndex('recording_tag_by_tag')
    .on('recording_tag')
    .columns(['client_id', 'tag'])
    .execute()
}

/** As a literal: a query must say the same, not by a parameter, for an engine to choose these indexes. */
const ONLY_MEETINGS = sql<boolean>`service_type = 'meeting'`
