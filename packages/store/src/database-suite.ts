/**
 * What holds of a database whatever engine is behind it: one suite, run on SQLite and on PostgreSQL. A test that must
 * know the engine stands in the engine's own file instead.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type Database, type DatabasePlace, openDatabase } from './database.ts'
import { StoreError, type StoreErrorCode } from './error.ts'
import { nextBoot } from './node-boot.ts'
import {
  OUTBOX_PAGE_MAX,
  type OutboxEvent,
  outboxEvent,
  pruneOutbox,
  pruneOutboxBefore,
  readOutbox,
  redactOutbox,
} from './outbox.ts'
import { GROUP_BATCHES_MAX } from './sqlite/writer.ts'

/** The table of the tests. */
export interface ThingTables {
  thing: { id: number; name: string }
  all: { seq?: number; big: number; small: number; words: string | null; bytes: Uint8Array | null }
}

/** Its migrations. */
export const THINGS: Readonly<Record<string, Migration>> = {
  '9000_thing': {
    async up(db: Kysely<ThingTables>): Promise<void> {
      await db.schema
        .createTable('thing')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .execute()
      await db.schema
        .createTable('all')
        .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('big', 'bigint', (column) => column.notNull())
        .addColumn('small', 'integer', (column) => column.notNull())
        .addColumn('words', 'text')
        .addColumn('bytes', 'blob')
        .execute()
    },
  },
}

/** What the suite needs of an engine. */
export interface SuiteEngine {
  /** Why it cannot be run here, or false. */
  readonly skip: string | false
  /** Where an empty database is, and an empty place for what is attached to it. */
  place(): Promise<{ readonly at: DatabasePlace; readonly attach: { readonly keys: string } }>
}

/** The `StoreError` that `promise` fails with. */
export async function refused(promise: Promise<unknown>, code: StoreErrorCode): Promise<StoreError> {
  const error = await promise.then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof StoreError, String(error))
  assert.equal(error.code, code, error.message)
  return error
}

/** An event about `key`, made at `createdAt`. */
export function event(key: string, createdAt = 5): OutboxEvent {
  return { orgId: 'o', resource: 'r', event: 'created', key, payload: { key }, createdAt }
}

/** Runs the suite; call it at the top of a test file. */
export function databaseSuite(name: string, engine: SuiteEngine): void {
  describe(`Database on ${name}`, { skip: engine.skip }, () => suite(engine))
  describe(`Outbox on ${name}`, { skip: engine.skip }, () => outboxSuite(engine))
  describe(`openDatabase on ${name}`, { skip: engine.skip }, () => openSuite(engine))
}

async function open(engine: SuiteEngine): Promise<Database<ThingTables>> {
  const { at } = await engine.place()
  return openDatabase<ThingTables>({ ...at, migrations: THINGS, logger: SILENT })
}

function suite(engine: SuiteEngine): void {
  let db: Database<ThingTables>
  before(async () => {
    db = await open(engine)
  })
  after(() => db?.close())

  const insert = (id: number, name: string) => db.kysely.insertInto('thing').values({ id, name })
  const count = async (from: number, to: number): Promise<number> => {
    const things = db.kysely.selectFrom('thing').where('id', '>=', from).where('id', '<', to)
    const row = await things.select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    return row.count
  }

  it('commits many batches at once, each whole or not at all', async () => {
    await insert(999, 'taken').execute()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 300 }, (_, n) =>
        db.commit([insert(1_000 + n, `n${n}`), insert(n % 3 === 0 ? 999 : 2_000 + n, `m${n}`)]),
      ),
    )
    assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 200)
    assert.equal(await count(1_000, 9_999), 400)
  })

  it(`takes ${GROUP_BATCHES_MAX + 1} batches and more at once`, async () => {
    await Promise.all(
      Array.from({ length: GROUP_BATCHES_MAX + 1 }, (_, n) => db.commit([insert(10_000 + n, `g${n}`)])),
    )
    assert.equal(await count(10_000, 20_000), GROUP_BATCHES_MAX + 1)
  })

  it('carries out what one caller asks for in the order of asking', async () => {
    const steps = ['a', 'b', 'c', 'd', 'e']
    await insert(20_000, 'first').execute()
    await Promise.all(
      steps.map((step) =>
        db.commit([
          db.kysely
            .updateTable('thing')
            .set({ name: `step ${step}` })
            .where('id', '=', 20_000),
        ]),
      ),
    )
    const row = await db.kysely.selectFrom('thing').select('name').where('id', '=', 20_000).executeTakeFirst()
    assert.equal(row?.name, 'step e')
  })

  it('gives the results of a batch in order', async () => {
    const results = await db.commit([
      insert(1, 'one'),
      db.kysely.updateTable('thing').set({ name: 'uno' }).where('id', '=', 1).returning('name'),
      db.kysely.deleteFrom('thing').where('id', '=', 99),
    ])
    assert.deepEqual(
      results.map((result) => [result.changes, result.rows.length]),
      [
        [1, 0],
        [0, 1],
        [0, 0],
      ],
    )
  })

  it('reads what was written before it, and counts changed rows', async () => {
    await insert(2, 'two').execute()
    const row = await db.kysely.selectFrom('thing').selectAll().where('id', '=', 2).executeTakeFirst()
    assert.deepEqual({ ...row }, { id: 2, name: 'two' })
    const update = db.kysely.updateTable('thing').set({ name: 'deux' }).where('id', '=', 2)
    assert.equal((await update.executeTakeFirst()).numUpdatedRows, 1n)
  })

  it('keeps moments, bytes, emptiness and any text alike, and hostile text as text', async () => {
    const words = `Robert'); DROP TABLE thing;-- 😀 \u202e \\ % _`
    const rows = [
      {
        big: Number.MAX_SAFE_INTEGER,
        small: 1_763_790_000_000,
        words,
        bytes: new Uint8Array([0, 255, 92, 120]),
      },
      { big: -1, small: 0, words: '', bytes: new Uint8Array(0) },
      { big: 0, small: 0, words: null, bytes: null },
    ]
    await db.commit(rows.map((row) => db.kysely.insertInto('all').values(row)))
    const kept = await db.kysely
      .selectFrom('all')
      .select(['big', 'small', 'words', 'bytes'])
      .orderBy('seq')
      .execute()
    assert.deepEqual(
      kept.map((row) => ({ ...row })),
      rows,
    )
    const nul = await db.commit([
      db.kysely.insertInto('all').values({ big: 1, small: 1, words: 'a\0b', bytes: null }),
      db.kysely.selectFrom('all').select('seq').where('words', '=', 'a\0b'),
    ])
    assert.equal(nul[1]?.rows.length, 1, 'U+0000 is stored and found')
  })

  it('gives numbers for counts, sums and questions, and refuses what no number can hold', async () => {
    const row = await db.kysely
      .selectFrom('all')
      .select((eb) => [
        eb.fn.countAll<number>().as('count'),
        eb.fn.sum<number>('small').as('sum'),
        sql<number>`max(small) > 5`.as('large'),
      ])
      .executeTakeFirstOrThrow()
    assert.deepEqual({ ...row }, { count: 4, sum: 1_763_790_000_001, large: 1 })
    const beyond = sql`select cast(${2 ** 53} as bigint) + 1 as n`
    await assert.rejects(beyond.execute(db.kysely), StoreError)
  })

  it('sorts and compares text by its bytes', async () => {
    const names = ['Zoe', 'ada', 'Ärger', '~', '10', '9', 'a b', 'ab', '']
    await db.commit(
      names.map((words) => db.kysely.insertInto('all').values({ big: 77, small: 0, words, bytes: null })),
    )
    const sorted = db.kysely.selectFrom('all').select('words').where('big', '=', 77).orderBy('words')
    const bytes = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(
      (await sorted.execute()).map((row) => row.words),
      bytes,
    )
    assert.equal((await sorted.where('words', '<', 'a').execute()).length, 4)
  })

  it('runs transactions one after another, and undoes one that throws', async () => {
    const counter = async (): Promise<void> =>
      db.transaction(async (tx) => {
        const row = await tx.selectFrom('thing').selectAll().where('id', '=', 3).executeTakeFirst()
        if (row === undefined) await tx.insertInto('thing').values({ id: 3, name: '1' }).execute()
        else {
          const name = `${Number(row.name) + 1}`
          await tx.updateTable('thing').set({ name }).where('id', '=', 3).execute()
        }
      })
    await Promise.all(Array.from({ length: 20 }, counter))
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.updateTable('thing').set({ name: 'lost' }).where('id', '=', 3).execute()
        throw new Error('no')
      }),
      /no/,
    )
    const row = await db.kysely.selectFrom('thing').select('name').where('id', '=', 3).executeTakeFirst()
    assert.equal(row?.name, '20')
  })

  it('keeps commits out of a transaction that reads and then writes', async () => {
    await insert(30, 'before').execute()
    let outside: Promise<unknown> | undefined
    await db.transaction(async (tx) => {
      await tx.selectFrom('thing').selectAll().where('id', '=', 30).execute()
      outside = db.commit([db.kysely.updateTable('thing').set({ name: 'outside' }).where('id', '=', 30)])
      await db.kysely.selectFrom('thing').select('id').execute() // Time enough for it to run, if it could.
      await tx.updateTable('thing').set({ name: 'inside' }).where('id', '=', 30).execute()
    })
    await outside
    const row = await db.kysely.selectFrom('thing').select('name').where('id', '=', 30).executeTakeFirst()
    assert.equal(row?.name, 'outside')
  })

  it('names what a batch broke without touching the rest', async () => {
    await insert(4, 'four').execute()
    const error = await refused(db.commit([insert(5, 'five'), insert(6, 'four')]), 'constraint')
    assert.doesNotMatch(error.message, /four/, 'no row is quoted')
    await refused(sql`SELEKT 1`.execute(db.kysely), 'query')
    assert.equal(await count(5, 7), 0)
    await Promise.allSettled([db.commit([sql`SELEKT 1`.compile(db.kysely) as never])])
    await insert(7, 'seven').execute()
    assert.equal(await count(7, 8), 1)
  })

  it('never carries out a batch twice, not even one whose answer cannot be told', async () => {
    const beyond = sql`insert into "all" (big, small) values (${2n ** 53n}, 5) returning big`.compile(
      db.kysely,
    )
    const fine = db.kysely.insertInto('all').values({ big: 5, small: 5, words: null, bytes: null })
    const outcomes = await Promise.allSettled([
      db.commit([{ compile: () => beyond }]),
      ...Array.from({ length: 5 }, () => db.commit([fine])),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['rejected', ...Array.from({ length: 5 }, () => 'fulfilled')],
    )
    const rows = db.kysely.selectFrom('all').select('seq').where('small', '=', 5).where('big', '=', 5)
    assert.equal((await rows.execute()).length, 5)
  })

  it('counts the boots of each node apart', async () => {
    const boots = [await nextBoot(db, 'n1'), await nextBoot(db, 'n1'), await nextBoot(db, 'n2')]
    assert.deepEqual(boots, [1, 2, 1])
  })
}

function outboxSuite(engine: SuiteEngine): void {
  let db: Database<ThingTables>
  before(async () => {
    db = await open(engine)
  })
  after(() => db?.close())
  const keys = async (): Promise<string[]> =>
    (await readOutbox(db, { after: 0, limit: 10 })).map((each) => each.key)

  it('keeps events in the order of their commit, beside their rows, and wakes the deliverer', async () => {
    const insert = (id: number, name: string) => db.kysely.insertInto('thing').values({ id, name })
    let woken = 0
    const stop = db.onOutbox(() => woken++)
    await db.commit([insert(10, 'ten'), outboxEvent(db, event('a'))])
    await refused(db.commit([insert(10, 'again'), outboxEvent(db, event('lost'))]), 'constraint')
    await db.commit([outboxEvent(db, { ...event('b'), personId: 'p' })])
    await insert(11, 'eleven').execute()
    stop()
    await db.commit([outboxEvent(db, event('c'))])
    assert.equal(woken, 2)
    const events = await readOutbox(db, { after: 0, limit: 10 })
    assert.deepEqual(
      events.map(({ key, personId, payload }) => ({ key, personId, payload })),
      [
        { key: 'a', personId: undefined, payload: { key: 'a' } },
        { key: 'b', personId: 'p', payload: { key: 'b' } },
        { key: 'c', personId: undefined, payload: { key: 'c' } },
      ],
    )
    const last = events.at(-1)?.id ?? 0
    assert.equal(await pruneOutbox(db, last), 3)
    await db.commit([outboxEvent(db, event('d'))])
    const [next] = await readOutbox(db, { after: last, limit: 10 })
    assert.equal(next?.key, 'd', 'a pruned id never comes back')
    await pruneOutbox(db, next?.id ?? 0)
  })

  it('forgets what is older than a moment, whatever the order of its moments', async () => {
    for (const [key, at] of [
      ['far ahead', 9_000],
      ['old', 10],
      ['just old', 99],
      ['just new', 100],
    ] as const)
      await db.commit([outboxEvent(db, event(key, at))])
    assert.equal(await pruneOutboxBefore(db, 100), 2)
    assert.deepEqual(await keys(), ['far ahead', 'just new'])
    assert.equal(await pruneOutboxBefore(db, 10_000), 2)
    const many = Array.from({ length: OUTBOX_PAGE_MAX + 1 }, (_, n) => outboxEvent(db, event(`k${n}`)))
    await db.commit(many)
    assert.equal(await pruneOutboxBefore(db, 6), OUTBOX_PAGE_MAX + 1)
    assert.deepEqual(await keys(), [])
  })

  it('blanks what it says of one key, and lets the events themselves be (promise P16)', async () => {
    await db.commit([outboxEvent(db, event('erased')), outboxEvent(db, event('kept'))])
    await db.commit([redactOutbox(db, 'erased'), outboxEvent(db, { ...event('erased'), event: 'deleted' })])
    const events = await readOutbox(db, { after: 0, limit: 10 })
    assert.deepEqual(
      events.map((each) => [each.event, each.payload]),
      [
        ['created', { id: 'erased' }],
        ['created', { key: 'kept' }],
        ['deleted', { key: 'erased' }],
      ],
    )
  })
}

function openSuite(engine: SuiteEngine): void {
  const migrations = THINGS

  it('refuses a newer schema, and takes a migration below one that ran before', async () => {
    const { at } = await engine.place()
    await (await openDatabase<ThingTables>({ ...at, migrations, logger: SILENT })).close()
    const error = await refused(openDatabase({ ...at, migrations: {}, logger: SILENT }), 'newer-schema')
    assert.match(error.message, /9000_thing/)
    const older: Migration = { up: (db) => db.schema.createTable('old').addColumn('id', 'integer').execute() }
    const more = { ...THINGS, '0500_old': older }
    await (await openDatabase({ ...at, migrations: more, logger: SILENT })).close()
  })

  it('undoes a migration that fails half-way', async () => {
    const { at } = await engine.place()
    const broken: Migration = {
      async up(db) {
        await db.schema.createTable('half').addColumn('id', 'integer').execute()
        throw new Error('broken')
      },
    }
    const opening = openDatabase({ ...at, migrations: { '9001_broken': broken }, logger: SILENT })
    assert.match((await refused(opening, 'query')).message, /9001_broken: broken/)
    const db = await openDatabase<ThingTables>({ ...at, migrations, logger: SILENT })
    const tables = await db.kysely.introspection.getTables()
    assert.deepEqual(
      tables.filter((table) => table.name === 'half'),
      [],
    )
    await db.close()
  })

  it('lets two open an empty database at the same moment', async () => {
    const { at, attach } = await engine.place()
    const opening = () => openDatabase({ ...at, attach, migrations, logger: SILENT })
    const both = await Promise.all([opening(), opening()])
    for (const db of both) await db.close()
  })

  it('keeps a second server out, and lets a command in when asked to share', async () => {
    const { at } = await engine.place()
    const place = { ...at, migrations, logger: SILENT }
    const first = await openDatabase({ ...place, exclusive: true })
    const error = await refused(openDatabase({ ...place, exclusive: true }), 'locked')
    assert.match(error.message, /in use by another process: stop it, or choose another/)
    await (await openDatabase(place)).close()
    await first.close()
    await (await openDatabase({ ...place, exclusive: true })).close()
  })

  it('refuses work after it was closed, and closes twice', async () => {
    const { at } = await engine.place()
    const db = await openDatabase<ThingTables>({ ...at, migrations, logger: SILENT })
    await db.close()
    await db.close()
    await refused(db.commit([]), 'closed')
    await refused(db.kysely.selectFrom('thing').selectAll().execute(), 'closed')
    await refused(
      db.transaction(async () => undefined),
      'closed',
    )
  })

  it('finishes what was asked before it was closed', async () => {
    const { at } = await engine.place()
    const db = await openDatabase<ThingTables>({ ...at, migrations, logger: SILENT })
    const asked = Array.from({ length: 20 }, (_, id) =>
      db.commit([db.kysely.insertInto('thing').values({ id, name: `n${id}` })]),
    )
    await Promise.all([db.close(), ...asked])
    const again = await openDatabase<ThingTables>({ ...at, migrations, logger: SILENT })
    assert.equal((await again.kysely.selectFrom('thing').select('id').execute()).length, 20)
    await again.close()
  })

  it('keeps attached tables in a place of their own, and reaches them by its name', async () => {
    const { at, attach } = await engine.place()
    const place = { ...at, attach, migrations, logger: SILENT }
    const db = await openDatabase<ThingTables>(place)
    const keys = db.kysely.withSchema('keys')
    await keys.schema.createTable('thing').addColumn('id', 'integer').addColumn('name', 'text').execute()
    await db.commit([
      keys.insertInto('thing').values({ id: 1, name: 'a key' }),
      db.kysely.insertInto('thing').values({ id: 1, name: 'a row' }),
    ])
    await db.close()
    const again = await openDatabase<ThingTables>(place)
    const names = [again.kysely.withSchema('keys'), again.kysely].map((each) =>
      each.selectFrom('thing').select('name').execute(),
    )
    assert.deepEqual(
      (await Promise.all(names)).map((rows) => rows.map((row) => row.name)),
      [['a key'], ['a row']],
    )
    assert.equal(await again.checkpoint(), true)
    await again.close()
  })
}
