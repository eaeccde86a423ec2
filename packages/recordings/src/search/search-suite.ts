/**
 * What the topic filter and search must do on every database, as one suite, like that of the catalogue: whatever way a
 * word is found by, the answer is that of a plain filter in JavaScript.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Database } from '@tandem/store'
import { Catalogue } from '../catalogue/catalogue.ts'
import { foldTopic, idKey, type RecordingStatus } from '../catalogue/recording.ts'
import type { TranscriptTables } from '../transcript/tables.ts'
import type { TranscriptSegment } from '../transcript/transcripts.ts'
import { fold } from './fold.ts'
import { SEARCH_HITS_MAX, Search } from './search.ts'
import type { SearchHit, SearchQuery } from './search-query.ts'
import { type SampleRecording, START, sampleTexts, storeSample, uuidOf } from './search-sample.ts'
import type { SearchTables } from './tables.ts'
import { CANDIDATES_MAX, TrigramIndex, UNINDEXED_ROWS_MAX } from './trigram-index.ts'

/** What a database needs for this suite. */
export type SuiteTables = SearchTables & TranscriptTables

/** So small that a few hundred rows know every way: several steps of a walk, rare words and common ones. */
const SMALL = { walkedRows: 16, candidatesMax: 12 }

/** Declares the tests; `database` gives one that is migrated and empty, and closes it when the test is over. */
export function searchSuite(database: () => Promise<Database<SuiteTables>>): void {
  it('finds topics as a plain filter does, by every way, while rows change under the index', async () => {
    const db = await database()
    const index = new TrigramIndex(db, SMALL.candidatesMax)
    const catalogue = new Catalogue(db, { index, walkedRows: SMALL.walkedRows })
    const samples = sampleTexts(1, 240).map((each) => ({ ...each, topic: `${each.topic} row ${each.n}.` }))
    for (const [at, sample] of samples.entries()) {
      await storeSample(db, sample)
      if (at === 100 || at === 233) await index.catchUp() // The last ones are never indexed.
    }
    const left = await changeSome(db, samples)
    // Each rare word once: of rows that are indexed, not yet, renamed, erased, and in the recycle bin.
    const rare = samples.flatMap(({ n }) => [`row ${n}.`, `${n}NTH`])
    for (const topic of [
      ...queriesOf(
        left.map((each) => each.topic),
        2,
      ),
      ...rare,
    ]) {
      const expected = plainly(left, (each) => foldTopic(each.topic).includes(foldTopic(topic)))
      assert.deepEqual(await pagedTopics(catalogue, topic), expected, JSON.stringify(topic))
    }
  })

  it('finds words in topics, parties and transcripts as a plain filter does, newest first, page by page', async () => {
    const db = await database()
    const index = new TrigramIndex(db, SMALL.candidatesMax)
    const search = new Search({ db, index, walkedRows: SMALL.walkedRows })
    const samples = sampleTexts(3, 160)
    for (const [at, sample] of samples.entries()) {
      await storeSample(db, sample)
      if (sample.speech !== '') await db.commit(search.statements(sample.id))
      if (at === 90 || at === 155) await search.catchUp()
    }
    const texts = samples.map((each) => `${each.topic} ${each.parties} ${each.speech}`)
    for (const text of queriesOf(texts, 4)) {
      const words = fold(text).split(/\s+/u)
      const expected = plainly(samples, (each) =>
        words.every((word) =>
          [each.topic, each.parties, each.speech].some((in_) => fold(in_).includes(word)),
        ),
      )
      assert.deepEqual(
        await pagedHits(search, { text }),
        words.join('') === '' ? [] : expected,
        JSON.stringify(text),
      )
    }
  })

  it('shows nobody more than the query allows', async () => {
    const db = await database()
    const search = new Search({ db })
    const common = { topic: 'weekly forecast', parties: 'mira', speech: '' }
    const rows: readonly (readonly [n: number, changes: Partial<SampleRecording>])[] = [
      [1, {}],
      [2, { orgId: 'other' }],
      [3, { ownerId: 'else' }],
      [4, { status: 'deleted' }],
      [5, { status: 'purged' }],
    ]
    for (const [n, changes] of rows)
      await storeSample(db, { id: uuidOf(n), n, createTime: START + n, ...common, ...changes })
    const ask = (query: Partial<SearchQuery>) => pagedHits(search, { text: 'FORECAST', ...query })
    assert.deepEqual(await ask({}), [3, 1])
    assert.deepEqual(await ask({ ownerIds: ['owner'] }), [1])
    assert.deepEqual(
      await ask({ ownerIds: ['owner', 'else'], statuses: ['available', 'deleted'] }),
      [4, 3, 1],
    )
    assert.deepEqual(await ask({ ownerIds: [] }), [])
    assert.deepEqual(await ask({ statuses: ['available', 'deleted', 'purged'] }), [5, 4, 3, 1])
    assert.deepEqual(await ask({ statuses: [] }), [])
    assert.deepEqual(await ask({ orgId: 'other' }), [2])
    assert.deepEqual(await ask({ from: START + 2 }), [3])
    assert.deepEqual(await ask({ to: START + 3 }), [1])
    assert.deepEqual(await ask({ text: ' \n ' }), [])
    assert.deepEqual(await ask({ text: '"forecast" OR *' }), [])
  })

  it('tells whoever may not read transcripts nothing of what was said, not even that it was', async () => {
    const db = await database()
    const search = new Search({ db })
    const segments = [{ startMs: 0, endMs: 900, text: 'The merger with Mira.' }]
    const sample = { n: 1, createTime: START, topic: 'weekly forecast', parties: 'mira', segments }
    await storeSample(db, { id: uuidOf(1), ...sample, speech: 'the merger with mira.' })
    await db.commit(search.statements(uuidOf(1)))
    const ask = async (text: string) => {
      const query = { orgId: 'org', text, statuses: ['available'], max: 9, withoutTranscripts: true } as const
      return (await search.search(query)).items.map((item) => item.matches.map((match) => match.in))
    }
    assert.deepEqual(await pagedHits(search, { text: 'merger' }), [1])
    assert.deepEqual(await ask('merger'), [])
    assert.deepEqual(await ask('forecast merger'), [])
    assert.deepEqual(await ask('forecast mira'), [['topic', 'party']])
  })

  it('says where a word occurs, as it was written, and when it was said', async () => {
    const db = await database()
    const search = new Search({ db })
    const segments: TranscriptSegment[] = [
      { startMs: 0, endMs: 900, speaker: 'Mira', text: 'Grüß Gott.' },
      {
        startMs: 61_500,
        endMs: 64_000,
        text: `${'Before that. '.repeat(9)}The ÜBERWEISUNG went out on Monday.`,
      },
    ]
    const speech = segments.map((segment) => segment.text).join('\n')
    const sample = {
      id: uuidOf(1),
      n: 1,
      createTime: START,
      topic: 'Call with Ines',
      parties: 'ines\n+4930123',
    }
    await storeSample(db, { ...sample, speech, segments })
    await db.commit(search.statements(uuidOf(1)))
    assert.deepEqual((await hit(search, 'überweisung')).matches, [
      {
        in: 'transcript',
        atMs: 61_500,
        text: '…efore that. Before that. The ÜBERWEISUNG went out on Monday.',
      },
    ])
    assert.deepEqual((await hit(search, 'INES 4930')).matches, [
      { in: 'topic', text: 'Call with Ines' },
      { in: 'party', text: 'ines' },
      { in: 'party', text: '+4930123' },
    ])
    assert.equal((await hit(search, 'gr gott')).matches[0]?.atMs, 0)
  })

  it('forgets a transcript with its recording, and takes the newest of several', async () => {
    const db = await database()
    const search = new Search({ db })
    const sample = {
      id: uuidOf(7),
      n: 7,
      createTime: START,
      topic: 'x',
      parties: '',
      speech: 'the first words',
    }
    await storeSample(db, sample)
    await db.commit(search.statements(uuidOf(7).toUpperCase()))
    assert.deepEqual(await pagedHits(search, { text: 'first' }), [7])
    const second = db.kysely.updateTable('recording_transcript').set({ text: 'a second try', segments: '[]' })
    await db.commit([second, ...search.statements(uuidOf(7))])
    assert.deepEqual(await pagedHits(search, { text: 'first' }), [])
    assert.deepEqual(await pagedHits(search, { text: 'second' }), [7])
    await db.commit([
      ...search.removeStatements(uuidOf(7)),
      db.kysely.deleteFrom('recording').where('id', '=', uuidOf(7)),
    ])
    await search.catchUp()
    const left = await db.kysely.selectFrom('recording_speech').select('text').execute()
    assert.deepEqual(left, [])
  })

  it(`gives pages of 1 to ${SEARCH_HITS_MAX}`, async () => {
    const db = await database()
    const search = new Search({ db })
    for (let n = 0; n <= SEARCH_HITS_MAX; n++)
      await storeSample(db, {
        id: uuidOf(n),
        n,
        createTime: START + n,
        topic: 'abc',
        parties: '',
        speech: '',
      })
    const query = { ...ALL, text: 'ab' }
    assert.equal((await search.search({ ...query, max: 0 })).items.length, 1)
    const full = await search.search({ ...query, max: SEARCH_HITS_MAX + 1 })
    assert.equal(full.items.length, SEARCH_HITS_MAX)
    assert.ok(full.next)
    const rest = await search.search({ ...query, max: SEARCH_HITS_MAX, cursor: full.next })
    assert.equal(rest.items.length, 1)
    assert.equal(rest.next, undefined)
  })

  it('names the bounds that its comments reckon with', () => {
    assert.deepEqual([CANDIDATES_MAX, UNINDEXED_ROWS_MAX], [3_000, 2_000])
  })
}

const ALL: Omit<SearchQuery, 'text'> = { orgId: 'org', statuses: ['available'], max: 100 }

async function hit(search: Search, text: string): Promise<SearchHit> {
  const { items } = await search.search({ ...ALL, text })
  assert.equal(items.length, 1)
  return items[0] as SearchHit // There is one.
}

/** Renames some, moves some to the bin, erases some; gives those that the list still shows. */
async function changeSome(
  db: Database<SuiteTables>,
  samples: readonly SampleRecording[],
): Promise<readonly SampleRecording[]> {
  const left: SampleRecording[] = []
  for (const [at, sample] of samples.entries()) {
    const key = idKey(sample.id)
    if (at % 7 === 3) {
      const topic = `renamed ${sample.n}nth ${samples[(at * 31) % samples.length]?.topic}`
      const set = { topic, topic_key: foldTopic(topic) }
      await db.commit([db.kysely.updateTable('recording').set(set).where('id_key', '=', key)])
      left.push({ ...sample, topic })
    } else if (at % 7 === 5) await db.commit([db.kysely.deleteFrom('recording').where('id_key', '=', key)])
    else if (at % 11 === 4) {
      const status: RecordingStatus = 'deleted'
      await db.commit([db.kysely.updateTable('recording').set({ status }).where('id_key', '=', key)])
    } else left.push(sample)
  }
  return left
}

/** Pieces of the texts of every length and case, and some that occur nowhere. */
function queriesOf(texts: readonly string[], seed: number): string[] {
  const queries = [
    '%',
    '_',
    '\\',
    '"',
    '""',
    "' or 1=1",
    'zz',
    'zzz',
    'not to be found',
    'ΟΔΟΣ',
    'οδος',
    '\0',
    '( NEAR',
    'a* AND',
  ]
  for (const [at, text] of texts.entries()) {
    if ((at + seed) % 4 !== 0) continue
    const chars = [...text]
    const from = (at * 13) % Math.max(1, chars.length)
    const piece = chars.slice(from, from + 1 + (at % 9)).join('')
    queries.push(at % 3 === 0 ? piece.toUpperCase() : piece)
  }
  return queries
}

/** Numbers of the samples that pass, newest first. */
function plainly(samples: readonly SampleRecording[], passes: (each: SampleRecording) => boolean): number[] {
  const passing = samples.filter(passes)
  return passing
    .toSorted((a, b) => b.createTime - a.createTime || (a.id < b.id ? 1 : -1))
    .map((each) => each.n)
}

async function pagedTopics(catalogue: Catalogue, topic: string): Promise<number[]> {
  const query = { orgId: 'org', from: 0, to: START * 2, status: 'available', topic, max: 7 } as const
  const seen: number[] = []
  for (let cursor: { createTime: number; id: string } | undefined; ; ) {
    const page = await catalogue.list({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    seen.push(...page.items.map((item) => numberOf(item.id)))
    if (page.next === undefined) return seen
    cursor = page.next
  }
}

async function pagedHits(
  search: Search,
  query: Partial<SearchQuery> & { readonly text: string },
): Promise<number[]> {
  const seen: number[] = []
  for (let cursor: SearchQuery['cursor']; ; ) {
    const page = await search.search({
      ...ALL,
      max: 5,
      ...query,
      ...(cursor === undefined ? {} : { cursor }),
    })
    seen.push(...page.items.map((item) => numberOf(item.recording.id)))
    if (page.next === undefined) return seen
    cursor = page.next
  }
}

function numberOf(id: string): number {
  return Number.parseInt(id.slice(-12), 16)
}
