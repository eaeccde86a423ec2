/**
 * What a catalogue must do on every database, as one suite: the engines' own tests hand it an open database with the
 * migrations of this package. Nothing in it knows which engine answers.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Database, readOutbox } from '@tandem/store'
import type { AuditEntry } from '../audit/audit-log.ts'
import type { OpeningFacts } from '../facts.ts'
import type { SearchTables } from '../search/tables.ts'
import { TrigramIndex } from '../search/trigram-index.ts'
import { Catalogue, PAGE_ITEMS_MAX, type RecordingQuery } from './catalogue.ts'
import type { FinishedRecording } from './recording.ts'
import { REMOVED_AT_A_TIME, SettledRecordings } from './settled-recordings.ts'

const DAY_MS = 86_400_000
const START = Date.UTC(2026, 1, 3)
/** Long after the recordings were made, as it is when they were recovered. */
const NOW: number = START + 30 * DAY_MS

/** Declares the tests; `database` gives one that is migrated and empty, and closes it when the test is over. */
export function catalogueSuite(database: () => Promise<Database<SearchTables>>): void {
  it('adds a recording and its event of this moment once, however often it is asked', async () => {
    const { catalogue, db } = await open(database)
    assert.equal(await catalogue.add([finished(1)]), 1)
    assert.equal(await catalogue.add([finished(1)]), 0)
    const events = await readOutbox(db, { after: 0, limit: 10 })
    assert.deepEqual(events, [
      {
        id: events[0]?.id,
        orgId: 'org',
        resource: 'convergedRecordings',
        event: 'created',
        personId: 'owner',
        key: uuid(1),
        createdAt: NOW,
        payload: {
          id: uuid(1),
          topic: 'Call with Mira 100%-20260203 0000',
          createTime: '2026-02-03T00:00:01Z',
          timeRecorded: '2026-02-02T23:59:59Z',
          ownerId: 'owner',
          ownerType: 'user',
          ownerEmail: 'Tomas@example.com',
          format: 'MP3',
          durationSeconds: 2,
          sizeBytes: 12,
          serviceType: 'calling',
          storageRegion: 'DE',
          status: 'available',
          serviceData: { locationId: 'location', callSessionId: 'session' },
        },
      },
    ])
  })

  it('writes each recording down in the audit log in the same commit, or not at all (R1, P17)', async () => {
    const db = await database()
    const written: AuditEntry[] = []
    const statements = (entries: readonly AuditEntry[]) => {
      written.push(...entries)
      return entries.map((entry) =>
        db.kysely
          .insertInto('recording_settled')
          .values({ id_key: entry.recordingId ?? '', how: 'x', at: 1 }),
      )
    }
    const catalogue = new Catalogue(db, { audit: { statements } })
    await catalogue.add([finished(1)])
    const actor = { orgId: 'org', personId: '', as: 'system' }
    assert.deepEqual(written, [{ actor, action: 'recording.created', recordingId: uuid(1) }])
    assert.equal((await db.kysely.selectFrom('recording_settled').selectAll().execute()).length, 1)
    const clash = db.kysely.insertInto('recording_settled').values({ id_key: uuid(2), how: 'x', at: 1 })
    await db.commit([clash])
    await assert.rejects(catalogue.add([finished(2)]), { code: 'constraint' })
    assert.equal(await catalogue.find(uuid(2)), undefined)
  })

  it('lists several statuses and owners as one list, page by page', async () => {
    const { catalogue, db } = await open(database)
    const owners = ['owner', 'else', 'third']
    for (let n = 1; n <= 18; n++)
      await catalogue.add([
        finished(n, { createTime: START + (n % 5), opening: { ownerId: owners[n % 3] as string } }),
      ])
    const binned = [3, 4, 5, 6].map((n) => uuid(n).replaceAll('-', ''))
    await db.kysely
      .updateTable('recording')
      .set({ status: 'deleted' })
      .where('id_key', 'in', binned)
      .execute()
    const query = { statuses: ['available', 'deleted'], ownerIds: ['owner', 'else', 'else'], max: 5 } as const
    const seen: number[] = []
    for (let cursor: RecordingQuery['cursor']; ; ) {
      const page = await catalogue.list(queryOf({ ...query, ...(cursor === undefined ? {} : { cursor }) }))
      seen.push(...page.items.map((item) => numberOf(item.id)))
      if (page.next === undefined) break
      cursor = page.next
    }
    const all = Array.from({ length: 18 }, (_, at) => at + 1).filter((n) => n % 3 !== 2)
    assert.deepEqual(
      seen,
      all.toSorted((a, b) => (b % 5) - (a % 5) || b - a),
    )
    assert.deepEqual(await idsOf(catalogue, { ...query, ownerId: 'third' }), [])
    assert.deepEqual(await idsOf(catalogue, { ...query, statuses: ['deleted'], max: 100 }), [4, 3, 6])
  })

  it('adds several in one commit, and of those only what is missing', async () => {
    const { catalogue, db } = await open(database)
    await catalogue.add([finished(2)])
    let commits = 0
    const stop = db.onOutbox(() => {
      commits += 1
    })
    assert.equal(await catalogue.add([finished(1), finished(2), finished(3)]), 2)
    assert.equal(await catalogue.add([]), 0)
    stop()
    assert.equal(commits, 1)
    assert.deepEqual(await idsOf(catalogue, {}), [3, 2, 1])
    assert.equal((await readOutbox(db, { after: 0, limit: 10 })).length, 3)
  })

  it('remembers what is settled without a row, while somebody keeps it', async () => {
    const { db } = await open(database)
    const settled = new SettledRecordings(db)
    for (let n = 1; n <= REMOVED_AT_A_TIME + 2; n++) await settled.add(uuid(n), 'discarded', START)
    await settled.add(uuid(1), 'voicemail', START) // Again: nothing changes.
    assert.equal(await settled.has(uuid(1).toUpperCase().replaceAll('-', '')), true)
    assert.equal(await settled.has(uuid(0)), false)
    await settled.keepOnly([uuid(2).toUpperCase(), uuid(0)])
    const left = await db.kysely.selectFrom('recording_settled').selectAll().execute()
    assert.deepEqual(
      left.map((row) => ({ ...row, at: Number(row.at) })),
      [{ id_key: uuid(2).replaceAll('-', ''), how: 'discarded', at: START }],
    )
  })

  it('compares ids without hyphens and case, and gives them back as they were', async () => {
    const { catalogue } = await open(database)
    await catalogue.add([finished(0xab)])
    for (const id of [uuid(0xab), uuid(0xab).toUpperCase(), uuid(0xab).replaceAll('-', '')]) {
      assert.equal((await catalogue.get('org', id))?.id, uuid(0xab))
      assert.equal((await catalogue.find(id))?.id, uuid(0xab))
    }
    assert.equal(await catalogue.get('org', ''), undefined)
    assert.equal(await catalogue.get('org', "' or 1=1 --"), undefined)
  })

  it('never shows one organisation to another', async () => {
    const { catalogue } = await open(database)
    await catalogue.add([finished(1)])
    await catalogue.add([finished(2, { opening: { orgId: 'other' } })])
    assert.equal(await catalogue.get('other', uuid(1)), undefined)
    assert.equal(await catalogue.facts('other', uuid(1)), undefined)
    assert.deepEqual(await idsOf(catalogue, {}), [1])
    assert.deepEqual(await idsOf(catalogue, { orgId: 'other' }), [2])
  })

  it('lists newest first, ties by id descending, from inclusive and to exclusive', async () => {
    const { catalogue } = await open(database)
    for (const [n, createTime] of [
      [1, START],
      [2, START + 5],
      [3, START + 5],
      [4, START + 10],
    ] as const) {
      await catalogue.add([finished(n, { createTime })])
    }
    assert.deepEqual(await idsOf(catalogue, {}), [4, 3, 2, 1])
    assert.deepEqual(await idsOf(catalogue, { from: START + 5, to: START + 10 }), [3, 2])
    assert.deepEqual(await idsOf(catalogue, { from: START + 5, to: START + 5 }), [])
  })

  it('filters by everything the contract names, joined by AND', async () => {
    const { catalogue } = await open(database)
    await catalogue.add([finished(1)])
    await catalogue.add([
      finished(2, { opening: { ownerId: 'else', ownerEmail: 'ines@example.com', ownerType: 'place' } }),
    ])
    await catalogue.add([
      finished(3, { opening: { locationId: 'far', remoteName: 'ÖSTERREICH a_b' }, storageRegion: 'US' }),
    ])
    const cases: readonly (readonly [Partial<RecordingQuery>, readonly number[]])[] = [
      [{ ownerId: 'else' }, [2]],
      [{ ownerEmail: 'INES@example.com' }, [2]],
      [{ ownerType: 'place' }, [2]],
      [{ ownerType: 'user' }, [3, 1]],
      [{ locationId: 'far' }, [3]],
      [{ storageRegion: 'US' }, [3]],
      [{ serviceType: 'all' }, [3, 2, 1]],
      [{ serviceType: 'meeting' }, []],
      [{ format: 'MP4' }, []],
      [{ status: 'deleted' }, []],
      [{ topic: 'mira 100%-' }, [2, 1]],
      [{ topic: '0%0' }, []],
      [{ topic: 'österreich A_B' }, [3]],
      [{ topic: 'a%b' }, []],
      [{ topic: '\\' }, []],
      [{ topic: '' }, [3, 2, 1]],
      [{ ownerId: 'else', locationId: 'far' }, []],
    ]
    for (const [query, expected] of cases) {
      assert.deepEqual(await idsOf(catalogue, query), expected, JSON.stringify(query))
    }
  })

  it('pages without repeating or skipping, also while rows are added', async () => {
    const { catalogue } = await open(database)
    // Several share a moment, so that the cursor must tell them apart.
    for (let n = 1; n <= 25; n++)
      await catalogue.add([finished(n, { createTime: START + Math.floor(n / 4) })])
    const seen: number[] = []
    let query = queryOf({ max: 4 })
    for (let page = 0; ; page++) {
      const { items, next } = await catalogue.list(query)
      seen.push(...items.map((item) => numberOf(item.id)))
      if (next === undefined) break
      assert.equal(items.length, 4)
      query = { ...query, cursor: next }
      await catalogue.add([finished(100 + page, { createTime: START + 1_000 })])
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, at) => 25 - at),
    )
  })

  it(`gives pages of 1 to ${PAGE_ITEMS_MAX}, and no next one after the last`, async () => {
    const { catalogue } = await open(database)
    for (let n = 1; n <= PAGE_ITEMS_MAX + 1; n++) await catalogue.add([finished(n)])
    assert.equal((await catalogue.list(queryOf({ max: 1 }))).items.length, 1)
    const full = await catalogue.list(queryOf({ max: PAGE_ITEMS_MAX + 1 }))
    assert.equal(full.items.length, PAGE_ITEMS_MAX)
    assert.ok(full.next)
    const rest = await catalogue.list(queryOf({ max: PAGE_ITEMS_MAX, cursor: full.next }))
    assert.equal(rest.items.length, 1)
    assert.equal(rest.next, undefined)
  })
}

async function open(
  database: () => Promise<Database<SearchTables>>,
): Promise<{ readonly catalogue: Catalogue; readonly db: Database<SearchTables> }> {
  const db = await database()
  return { catalogue: new Catalogue(db, { index: new TrigramIndex(db), now: () => NOW }), db }
}

function uuid(n: number): string {
  return `5b0c7f2e-6c1d-4e0f-9a53-${n.toString(16).padStart(12, '0')}`
}

function numberOf(id: string): number {
  return Number.parseInt(id.slice(-12), 16)
}

function queryOf(query: Partial<RecordingQuery>): RecordingQuery {
  return { orgId: 'org', from: START - DAY_MS, to: START + DAY_MS, status: 'available', max: 100, ...query }
}

async function idsOf(catalogue: Catalogue, query: Partial<RecordingQuery>): Promise<number[]> {
  return (await catalogue.list(queryOf(query))).items.map((item) => numberOf(item.id))
}

type Changes = Partial<Omit<FinishedRecording, 'facts'>> & { readonly opening?: Partial<OpeningFacts> }

function finished(n: number, { opening, ...changes }: Changes = {}): FinishedRecording {
  const createTime = changes.createTime ?? START + n * 1_000
  return {
    id: uuid(n),
    createTime,
    durationMs: 1_500,
    sizeBytes: 12,
    sha256: 'ab',
    vaultKey: `org/2026/02/${n}.mp3`,
    storageRegion: 'DE',
    storage: 'sealed',
    recovered: false,
    gaps: [],
    facts: {
      notes: [],
      opening: {
        orgId: 'org',
        ownerId: 'owner',
        ownerType: 'user',
        ownerName: 'Tomas',
        ownerEmail: 'Tomas@example.com',
        locationId: 'location',
        callSessionId: 'session',
        callId: 'callhalf-1:0',
        personality: 'originator',
        callingParty: { actor: { type: 'EXTERNAL' } },
        calledParty: { actor: { type: 'EXTERNAL' } },
        recordingType: 'alwaysON',
        remoteName: 'Mira 100%',
        startedAt: createTime - 2_000,
        ...opening,
      },
    },
    ...changes,
  }
}
