/** Meeting recordings for the tests of their HTTP: rows as an import would write them, with what each test needs otherwise. */
import { idKey, type LibraryTables, type MeetingFacts, type NewRecordingRow } from '@tandem/recordings'
import type { Kysely } from '@tandem/store'
import { IDS, type TestApi, type TestRecording } from './api.ts'

/** The organisation's own site, which is everybody's preferred one. */
export const SITE = 'alpha.test'
/** What every recording's page asks for unless the test says otherwise. */
export const PASSWORD = 'q7Rk-41z'

/** What is special about a recording. */
export interface TestMeeting extends Omit<TestRecording, 'id'> {
  readonly meeting?: Partial<MeetingFacts>
  readonly sharedWith?: readonly string[]
}

/** The id of a test's recording: 32 hex digits that end with its number. */
export function meetingId(n: number): string {
  return `8c1f6d0b7e2a4f5398a0c4d2${String(n).padStart(8, '0')}`
}

/** Puts a meeting recording into the catalogue, hosted by the owner of the test directory. */
export async function addMeeting(api: TestApi, n: number, special: TestMeeting = {}): Promise<void> {
  const { meeting: facts, sharedWith = [], ...row } = special
  const id = meetingId(n)
  const { org_id } = await api.addRecording({
    id,
    service_type: 'meeting',
    format: 'MP4',
    topic: 'Weekly planning',
    topic_key: (row.topic ?? 'Weekly planning').toLowerCase(),
    call_session_id: '',
    duration_ms: 3_480_000,
    ...row,
  })
  const db = tablesOf(api)
  const id_key = idKey(id)
  await db
    .insertInto('meeting_recording')
    .values({
      id_key,
      org_id,
      meeting_id: facts?.meetingId ?? `0d4be2a97c31460fb1e85a6f9d20c7b4_I_${n}`,
      scheduled_meeting_id: facts?.scheduledMeetingId ?? '',
      meeting_series_id: facts?.meetingSeriesId ?? '0d4be2a97c31460fb1e85a6f9d20c7b4',
      site_url: (facts?.siteUrl ?? SITE).toLowerCase(),
      password: '',
      center: facts?.serviceType ?? 'MeetingCenter',
      meeting_format: facts?.format ?? 'MP4',
    })
    .execute()
  for (const { clientId, tag } of facts?.integrationTags ?? [])
    await db.insertInto('recording_tag').values({ id_key, client_id: clientId, tag }).execute()
  for (const email of sharedWith)
    await db
      .insertInto('recording_share')
      .values({ id_key, email_key: email.toLowerCase(), email, org_id })
      .execute()
  api.library.passwords.set(id_key, facts?.password ?? PASSWORD)
}

/** Empties the catalogue of meetings with that of recordings. */
export async function removeMeetings(api: TestApi): Promise<void> {
  await api.removeRecordings()
  const db = tablesOf(api)
  for (const table of ['meeting_recording', 'recording_tag', 'recording_share'] as const)
    await db.deleteFrom(table).execute()
}

/** What makes a row Mira's, and one of the other organisation. */
export const MIRAS: Partial<NewRecordingRow> = {
  owner_id: IDS.colleague,
  owner_email: 'colleague@alpha.test',
  owner_email_key: 'colleague@alpha.test',
  owner_name: 'Mira',
}
/** A row of the other organisation. */
export const FOREIGN: Partial<NewRecordingRow> = {
  org_id: IDS.foreignOrg,
  owner_id: IDS.foreign,
  owner_email: 'everything@beta.test',
  owner_email_key: 'everything@beta.test',
}

function tablesOf(api: TestApi): Kysely<LibraryTables> {
  return api.data.db.kysely as unknown as Kysely<LibraryTables> // Its migrations are those of the library.
}
