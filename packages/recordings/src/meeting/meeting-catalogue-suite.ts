/**
 * What the catalogue of meetings must do on every database, as one suite: the engines' own tests hand it an open
 * database with the migrations of this package. Nothing in it knows which engine answers.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Compilable, type Database, readOutbox } from '@tandem/store'
import type { AuditEntry } from '../audit/audit-log.ts'
import { foldTopic, idKey, type NewRecordingRow } from '../catalogue/recording.ts'
import type { CatalogueTables } from '../catalogue/tables.ts'
import type { Actor } from '../library.ts'
import { MeetingCatalogue } from './meeting-catalogue.ts'
import { makeMeetingId, meetingStatements } from './meeting-facts.ts'
import type { MeetingFacts, MeetingQuery } from './meeting-recordings.ts'
import { passwordSeal } from './password-seal.ts'
import type { MeetingTables } from './tables.ts'

type Tables = CatalogueTables & MeetingTables

const START = Date.UTC(2026, 1, 3)
const HOST: Actor = { orgId: 'org', personId: 'host', as: 'user' }
const PASSWORDS = passwordSeal(new Uint8Array(32).fill(7))

/** Declares the tests; `database` gives one that is migrated and empty, and closes it when the test is over. */
export function meetingCatalogueSuite(database: () => Promise<Database<Tables>>): void {
  it('gives a meeting recording back as it came, by its id in any spelling (§1, README §2)', async () => {
    const { add, meetings } = await open(database)
    await add(0xab, { tags: [{ clientId: 'jira', tag: 'T-1' }] })
    for (const id of [hex(0xab), hex(0xab).toUpperCase()]) {
      const found = await meetings.get('org', id)
      assert.equal(found?.recording.id, hex(0xab))
      assert.deepEqual(found?.meeting, {
        meetingId: 'meeting171',
        scheduledMeetingId: 'scheduled171',
        meetingSeriesId: 'series',
        siteUrl: 'lind.example.com',
        password: 'q7Rk-41z',
        serviceType: 'MeetingCenter',
        format: 'MP4',
        integrationTags: [{ clientId: 'jira', tag: 'T-1' }],
      } satisfies MeetingFacts)
    }
    assert.equal(await meetings.get('other', hex(0xab)), undefined)
    assert.equal((await meetings.find(hex(0xab)))?.recording.orgId, 'org')
    assert.equal(await meetings.get('org', "' or 1=1 --"), undefined)
  })

  it('lists newest first, ties by id, from inclusive and to exclusive, of one status (§2)', async () => {
    const { add, ids, meetings } = await open(database)
    await add(1, { at: START })
    await add(2, { at: START + 5 })
    await add(3, { at: START + 5 })
    await add(4, { at: START + 10 })
    await add(5, { at: START + 7, row: { status: 'deleted' } })
    await add(6, { at: START + 7, row: { org_id: 'other' } })
    assert.deepEqual(await ids({}), [4, 3, 2, 1])
    assert.deepEqual(await ids({ from: START + 5, to: START + 10 }), [3, 2])
    assert.deepEqual(await ids({ status: 'deleted' }), [5])
    const page = await meetings.list({ orgId: 'org', status: 'available', max: 3 })
    assert.deepEqual(page.next, { at: START + 5, id: hex(2) })
    assert.equal((await meetings.list({ orgId: 'org', status: 'available', max: 4 })).next, undefined)
    assert.deepEqual(await ids({ orgId: 'other' }), [6])
  })

  it('lists no recording of a call, though it has the same host (§2)', async () => {
    const { db, add, ids } = await open(database)
    await add(1)
    await db.commit([db.kysely.insertInto('recording').values(rowOf(2, START, { service_type: 'calling' }))])
    assert.deepEqual(await ids({ hostId: 'host' }), [1])
  })

  it('restricts by every filter, all together (§2, §7, §9)', async () => {
    const { add, ids } = await open(database)
    await add(1, { row: { owner_id: 'somebody' }, topic: 'Weekly PLANNING 100%' })
    await add(2, { meeting: { siteUrl: 'Other.example.com', serviceType: 'EventCenter' } })
    await add(3, { meeting: { format: 'UPLOADED', meetingSeriesId: 'else' }, topic: 'Weekly' })
    await add(4, { tags: [{ clientId: 'jira', tag: 'T-1' }] })
    assert.deepEqual(await ids({ hostId: 'somebody' }), [1])
    assert.deepEqual(await ids({ topic: 'planning 100%' }), [1])
    assert.deepEqual(await ids({ topic: '1__%' }), [])
    assert.deepEqual(await ids({ siteUrl: 'other.EXAMPLE.com' }), [2])
    assert.deepEqual(await ids({ serviceType: 'EventCenter' }), [2])
    assert.deepEqual(await ids({ format: 'UPLOADED' }), [3])
    assert.deepEqual(await ids({ integrationTag: { clientId: 'jira', tag: 'T-1' } }), [4])
    assert.deepEqual(await ids({ integrationTag: { clientId: 'zendesk', tag: 'T-1' } }), [])
    assert.deepEqual(await ids({ meetingId: 'meeting3' }), [3])
    assert.deepEqual(await ids({ meetingId: 'scheduled4' }), [4])
    assert.deepEqual(await ids({ meetingId: 'series' }), [4, 2, 1])
    assert.deepEqual(await ids({ meetingId: 'series', serviceType: 'EventCenter', hostId: 'somebody' }), [])
  })

  it('shares and unshares, each with its event and its audit row (§6)', async () => {
    const { db, add, ids, meetings, audited } = await open(database)
    await add(1, { row: { owner_id: 'somebody' } })
    await add(2)
    await add(3, { row: { owner_id: 'somebody' } })
    assert.equal(await meetings.share(HOST, hex(1), { add: ['Ines@example.com', 'x@y.z'], remove: [] }), true)
    assert.equal(await meetings.share(HOST, hex(1), { add: ['ines@EXAMPLE.com'], remove: ['X@Y.Z'] }), true)
    assert.equal(await meetings.share(HOST, hex(9), { add: ['a@b.c'], remove: [] }), false)
    assert.equal(
      await meetings.share({ ...HOST, orgId: 'other' }, hex(1), { add: ['a@b.c'], remove: [] }),
      false,
    )
    assert.deepEqual((await meetings.get('org', hex(1)))?.sharedWith, ['Ines@example.com'])
    assert.deepEqual(await ids({ sharedWith: 'INES@example.com' }), [1])
    assert.deepEqual(await ids({ hostId: 'host', sharedWith: 'ines@example.com' }), [2, 1])
    const events = await readOutbox(db, { after: 0, limit: 10 })
    assert.deepEqual(
      events.map((event) => [event.resource, event.event, event.key, event.payload]),
      Array.from({ length: 2 }, () => [
        'recordings',
        'updated',
        hex(1),
        {
          id: hex(1),
          hostUserId: 'somebody',
          hostEmail: 'Tomas@example.com',
          topic: 'Weekly planning',
          siteUrl: 'lind.example.com',
          meetingId: 'meeting1',
          scheduledMeetingId: 'scheduled1',
          meetingSeriesId: 'series',
          createTime: '2026-02-03T00:00:01Z',
          status: 'available',
        },
      ]),
    )
    assert.deepEqual(
      audited.map(({ action, recordingId, detail }) => [action, recordingId, detail]),
      [
        ['recording.shared', hex(1), { added: ['Ines@example.com', 'x@y.z'], removed: [] }],
        ['recording.shared', hex(1), { added: ['ines@EXAMPLE.com'], removed: ['X@Y.Z'] }],
      ],
    )
  })

  it('never repeats or skips while recordings come and go under it, hosted and shared mixed (README §5)', async () => {
    const { db, add, meetings } = await open(database)
    for (let n = 1; n <= 40; n++) {
      await add(n, { at: START + Math.floor(n / 3), row: { owner_id: n % 2 === 0 ? 'host' : 'somebody' } })
      if (n % 3 === 0) await meetings.share(HOST, hex(n), { add: ['me@example.com'], remove: [] })
    }
    const expected = Array.from({ length: 40 }, (_, at) => 40 - at).filter((n) => n % 2 === 0 || n % 3 === 0)
    const seen: number[] = []
    let cursor: MeetingQuery['cursor']
    for (let page = 0; ; page++) {
      const query = { orgId: 'org', status: 'available', max: 4, hostId: 'host' } as const
      const answer = await meetings.list({
        ...query,
        sharedWith: 'me@example.com',
        ...(cursor === undefined ? {} : { cursor }),
      })
      seen.push(...answer.items.map((item) => Number.parseInt(item.recording.id, 16)))
      await add(100 + page, { at: START + 1_000 }) // Newer than the page: not seen by those that follow.
      if (page === 2)
        await db.commit([
          db.kysely.updateTable('recording').set({ status: 'deleted' }).where('id', '=', hex(40)),
        ])
      cursor = answer.next
      if (cursor === undefined) break
      assert.equal(answer.items.length, 4, 'no short page before the last')
    }
    assert.deepEqual(seen, expected)
  })

  it('keeps passwords sealed, each for its recording alone (promise P12)', async () => {
    const { db, add } = await open(database)
    await add(1)
    const row = await db.kysely.selectFrom('meeting_recording').selectAll().executeTakeFirstOrThrow()
    assert.doesNotMatch(JSON.stringify(row), /q7Rk/)
    assert.equal(PASSWORDS.open(hex(1), row.password), 'q7Rk-41z')
    assert.equal(PASSWORDS.open(hex(2), row.password), '')
    assert.equal(passwordSeal(new Uint8Array(32)).open(hex(1), row.password), '')
    assert.equal(PASSWORDS.open(hex(1), 'short'), '')
  })

  it('tells what events of its recordings say, of those that there are (webhooks §6)', async () => {
    const { add, meetings } = await open(database)
    await add(1)
    const found = await meetings.get('org', hex(1))
    assert.ok(found !== undefined)
    const data = await meetings.eventData([found.recording, { ...found.recording, id: hex(2) }])
    assert.deepEqual([...data.keys()], [hex(1)])
    assert.equal(data.get(hex(1))?.['siteUrl'], 'lind.example.com')
    assert.equal((await meetings.eventData([])).size, 0)
  })

  it('makes ids of meetings as the contract shows them (README §2)', () => {
    assert.match(makeMeetingId(), /^[0-9a-f]{32}_I_[1-9]\d{17}$/)
    assert.match(
      makeMeetingId('0d4be2a97c31460fb1e85a6f9d20c7b4'),
      /^0d4be2a97c31460fb1e85a6f9d20c7b4_I_\d{18}$/,
    )
  })
}

interface Added {
  readonly at?: number
  readonly topic?: string
  readonly row?: Partial<NewRecordingRow>
  readonly meeting?: Partial<MeetingFacts>
  readonly tags?: MeetingFacts['integrationTags']
}

async function open(database: () => Promise<Database<Tables>>) {
  const db = await database()
  const audited: AuditEntry[] = []
  const audit = {
    statements(entries: readonly AuditEntry[]): readonly Compilable[] {
      audited.push(...entries)
      return []
    },
  }
  const meetings = new MeetingCatalogue({ db, audit, passwords: PASSWORDS, now: () => START })
  return {
    db,
    meetings,
    audited,
    async add(n: number, added: Added = {}): Promise<void> {
      const row = rowOf(n, added.at ?? START + 1_000 * n, added.row, added.topic)
      const meeting: MeetingFacts = {
        meetingId: `meeting${n}`,
        scheduledMeetingId: `scheduled${n}`,
        meetingSeriesId: 'series',
        siteUrl: 'lind.example.com',
        password: 'q7Rk-41z',
        serviceType: 'MeetingCenter',
        format: 'MP4',
        integrationTags: added.tags ?? [],
        ...added.meeting,
      }
      const named = { id: row.id, orgId: row.org_id }
      await db.commit([
        db.kysely.insertInto('recording').values(row),
        ...meetingStatements(db, named, meeting, PASSWORDS),
      ])
    },
    async ids(query: Partial<MeetingQuery>): Promise<number[]> {
      const page = await meetings.list({ orgId: 'org', status: 'available', max: 100, ...query })
      return page.items.map((item) => Number.parseInt(item.recording.id, 16))
    },
  }
}

function hex(n: number): string {
  return n.toString(16).padStart(32, '0')
}

function rowOf(
  n: number,
  at: number,
  row: Partial<NewRecordingRow> = {},
  topic = 'Weekly planning',
): NewRecordingRow {
  return {
    id: hex(n),
    id_key: idKey(hex(n)),
    org_id: 'org',
    owner_id: 'host',
    owner_type: 'user',
    owner_name: 'Tomas Lind',
    owner_email: 'Tomas@example.com',
    owner_email_key: 'tomas@example.com',
    location_id: 'location',
    call_session_id: '',
    call_id: '',
    topic,
    topic_key: foldTopic(topic),
    create_time: at,
    time_recorded: at - 2_000,
    duration_ms: 2_000,
    size_bytes: 12,
    format: 'MP4',
    service_type: 'meeting',
    storage_region: 'DE',
    status: 'available',
    sha256: '00',
    vault_key: 'key',
    recovered: 0,
    gaps: '[]',
    storage: 'sealed',
    origin: 'import',
    parties: '',
    status_at: at,
    kept_from: at,
    retain_until: null,
    erase_at_end: 0,
    bin_until: null,
    held: 0,
    download_prevented: 0,
    ...row,
  }
}
