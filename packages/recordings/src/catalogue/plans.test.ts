/**
 * No filter that has an index scans the table, on either engine (issue 4, Figures): the questions are taken as the
 * catalogue asks them, and the engine is asked how it would answer.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Database, dialectOf, sql } from '@tandem/store'
import { SEARCH_MIGRATIONS, type SearchTables } from '../search/tables.ts'
import { TrigramIndex } from '../search/trigram-index.ts'
import { onBothEngines } from './both-engines.test.ts'
import { Catalogue, type RecordingQuery } from './catalogue.ts'
import { locationOfRow, MANY_ROWS_ORG, MANY_ROWS_START, makeManyRows, ownerOfRow } from './many-rows.ts'
import { CATALOGUE_MIGRATIONS } from './tables.ts'

const ROWS = 30_000
const YEAR_MS = 366 * 86_400_000

/** Where there is one organisation PostgreSQL may walk the shorter index of times, which gives the same order. */
const TIMES = ['recording_by_time', 'recording_newest']

/** Each filter with the indexes that may answer it; an engine may know better than we do among several. */
const FILTERS: readonly (readonly [filter: Partial<RecordingQuery>, indexes: readonly string[]])[] = [
  [{}, TIMES],
  [{ cursor: { createTime: MANY_ROWS_START + YEAR_MS / 100, id: 'x' } }, TIMES],
  [{ ownerId: ownerOfRow(7) }, ['recording_by_owner']],
  [{ ownerEmail: 'PERSON7@example.com' }, ['recording_by_email']],
  [{ locationId: locationOfRow(7) }, ['recording_by_location']],
  [{ ownerType: 'place' }, ['recording_by_owner_type']],
  [{ format: 'MP4' }, ['recording_by_format']],
  [{ serviceType: 'meeting' }, ['recording_by_service']],
  [{ serviceType: 'calling', format: 'MP3', ownerType: 'user' }, TIMES],
  [{ storageRegion: 'DE' }, TIMES],
  [
    { status: 'purged' },
    ['recording_by_time', 'recording_by_owner', 'recording_by_email', 'recording_by_location'],
  ],
  [{ topic: 'okafor' }, TIMES],
  [{ topic: 'zebra' }, ['recording_words', ...TIMES]],
]

onBothEngines<SearchTables>('Plans', { ...CATALOGUE_MIGRATIONS, ...SEARCH_MIGRATIONS }, (database) => {
  it('enter an index for every filter that has one', async () => {
    const db = await database()
    const index = new TrigramIndex(db)
    await makeManyRows(db, ROWS)
    await index.catchUp()
    await run(db, 'analyze')
    const catalogue = new Catalogue(db, { index })
    const asked = watch(db)
    for (const [filter, indexes] of FILTERS) {
      asked.length = 0
      const range = { from: MANY_ROWS_START, to: MANY_ROWS_START + YEAR_MS }
      await catalogue.list({ orgId: MANY_ROWS_ORG, ...range, status: 'available', max: 100, ...filter })
      const plans = (await Promise.all([...asked].map((query) => planOf(db, query)))).join('\n')
      const of = `${JSON.stringify(filter)}\n${plans}`
      assert.ok(asked.length > 0, of)
      // A part of the answer that is walked bears the name too.
      const tables = plans.replaceAll(/^CO-ROUTINE recording$[\s\S]*?^SCAN recording$/gm, (part) =>
        part.slice(0, -14),
      )
      assert.doesNotMatch(tables, /SCAN recording$|Seq Scan on recording\b/m, of)
      const entered = indexes.some((name) => plans.includes(name))
      assert.ok(entered, of)
      if (dialectOf(db.kysely) === 'sqlite' && filter.topic !== undefined)
        assert.match(plans, /USING COVERING INDEX recording_by_time/, of)
    }
  })
})

onBothEngines<SearchTables>(
  'A page after a cursor',
  { ...CATALOGUE_MIGRATIONS, ...SEARCH_MIGRATIONS },
  (database) => {
    it('has one upper bound, that of the cursor, so that no engine enters the index above it', async () => {
      const db = await database()
      const catalogue = new Catalogue(db)
      const asked = watch(db)
      const to = MANY_ROWS_START + YEAR_MS
      const query = {
        orgId: MANY_ROWS_ORG,
        from: MANY_ROWS_START,
        to,
        status: 'available',
        max: 100,
      } as const
      for (const createTime of [to - 1, to])
        await catalogue.list({ ...query, cursor: { createTime, id: 'x' } })
      const bounds = asked.map(({ sql }) => sql.match(/"recording"."create_time" <=? /g))
      assert.deepEqual(bounds, [
        ['"recording"."create_time" <= ', '"recording"."create_time" < '],
        ['"recording"."create_time" < '],
      ])
    })
  },
)

type Query = ReturnType<ReturnType<typeof sql>['compile']>

/** The selects that are made from now on. */
function watch(db: Database<SearchTables>): Query[] {
  const seen: Query[] = []
  const executor = db.kysely.getExecutor()
  const execute = executor.executeQuery.bind(executor)
  executor.executeQuery = (query) => {
    if (/^select/i.test(query.sql)) seen.push(query as Query)
    return execute(query)
  }
  return seen
}

async function planOf(db: Database<SearchTables>, query: Query): Promise<string> {
  const explain = dialectOf(db.kysely) === 'sqlite' ? 'explain query plan ' : 'explain '
  const [result] = await db.commit([{ compile: () => ({ ...query, sql: explain + query.sql }) }])
  return (result?.rows ?? []).map((row) => String(row['detail'] ?? row['QUERY PLAN'])).join('\n')
}

async function run(db: Database<SearchTables>, text: string): Promise<void> {
  const statement = sql.raw(text)
  await db.commit([{ compile: () => statement.compile(db.kysely) }])
}
