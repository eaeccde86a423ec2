/**
 * Which rows may hold a piece of text: the engine's trigram index, asked for a bounded number of candidates. It never
 * misses a row; whoever asks checks the text itself. No answer means that there are too many candidates, or no index, and
 * that walking the list is the better way.
 */
import { type Compilable, type Database, type DialectName, dialectOf, sql } from '@tandem/store'
import { likePattern } from './fold.ts'
import type { SearchTables } from './tables.ts'

/** Shortest text that a trigram index knows, in code points. */
export const TRIGRAM_CHARS = 3

/**
 * Most candidates taken from the index: reading and checking so many rows takes 8 ms. A word that more rows hold is met
 * often enough when the list is walked.
 */
export const CANDIDATES_MAX = 3_000

/** Most trigrams of one text that are looked up: FTS5 bounds the size of a question. */
export const TRIGRAMS_MAX = 32

/** Rows whose trigrams are counted, the newest: what is common among them is common, and reading them takes 1 ms. */
export const SAMPLED_ROWS = 500

/**
 * A trigram in more of the sampled rows than these is common: of a million rows its list has 20,000 and is decoded as a whole
 * each time, so that it is left out where a rarer one is there. `okafor-117-` took 64 ms with all of its trigrams.
 */
export const SAMPLED_COMMON_ROWS: number = SAMPLED_ROWS / 50

/** Rows that go into the index in one commit: other writers wait 12 ms for it. */
export const INDEXED_AT_A_TIME = 1_000

/** Rows that may wait to be indexed; each search scans them, in 2 ms at most. */
export const UNINDEXED_ROWS_MAX = 2_000

/** Rows after which common trigrams are counted anew. */
const COUNTED_AGAIN_ROWS = 10_000

/** Rows by `seq`, as the JSON array that `candidateRows` reads again. */
export type Candidates = string

/** The trigram index of one database. */
export class TrigramIndex {
  readonly #db: Database<SearchTables>
  readonly #dialect: DialectName
  #waiting = 0
  #catchingUp: Promise<void> | undefined
  readonly #candidatesMax: number
  #hasTrigrams: Promise<boolean> | undefined
  /** Trigrams that many rows hold; counted at the first question, and again when many rows have come. */
  #common: Promise<ReadonlySet<string>> | undefined
  #sinceCommon = 0

  /** `candidatesMax` is `CANDIDATES_MAX` unless a test wants many words to be common. */
  constructor(db: Database<SearchTables>, candidatesMax: number = CANDIDATES_MAX) {
    this.#db = db
    this.#dialect = dialectOf(db.kysely)
    this.#candidatesMax = candidatesMax
  }

  /** Rows whose topic (or, when asked, parties or transcript) may hold the folded text; undefined: walk the list. */
  async candidates(folded: string, where: 'topic' | 'anywhere'): Promise<Candidates | undefined> {
    const max = this.#candidatesMax
    const trigrams = trigramsOf(folded)
    if (trigrams.length === 0 || !(await this.#available())) return undefined
    const found =
      this.#dialect === 'sqlite'
        ? sqliteRows(await this.#telling(trigrams), where)
        : postgresRows(folded, where)
    const gathered = await this.#db.kysely
      .selectFrom(
        sql<{ seq: number }>`(select seq from (${found}) as candidate limit ${max + 1})`.as('found'),
      )
      .select([
        (this.#dialect === 'sqlite'
          ? sql<string>`json_group_array(distinct seq)`
          : sql<string>`coalesce(json_agg(distinct seq), '[]')::text`
        ).as('rows'),
        sql<number>`count(*)`.as('count'),
      ])
      .executeTakeFirstOrThrow()
    return Number(gathered.count) > max ? undefined : gathered.rows
  }

  /** Says that rows were added; once enough of them wait they are indexed in the background. */
  added(rows: number): void {
    if (this.#dialect !== 'sqlite') return // GIN has a list of its own for rows that wait.
    this.#waiting += rows
    this.#sinceCommon += rows
    if (this.#sinceCommon > COUNTED_AGAIN_ROWS) this.#common = undefined
    if (this.#waiting < UNINDEXED_ROWS_MAX) return
    // Whatever hinders it is met again by the next one; until then the rows are scanned.
    this.catchUp().catch(() => undefined)
  }

  /** Indexes the rows that wait; after opening, and by itself from time to time. */
  catchUp(): Promise<void> {
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined
    })
    return this.#catchingUp
  }

  async #catchUp(): Promise<void> {
    if (this.#dialect !== 'sqlite') return
    for (;;) {
      const { indexed, last } = await this.#db.kysely
        .selectFrom('search_state')
        .select((eb) => [
          'indexed_to as indexed',
          eb.selectFrom('recording').select(sql<number | null>`max(seq)`.as('last')).as('last'),
        ])
        .executeTakeFirstOrThrow()
      if (indexed >= (last ?? 0)) break
      const upTo = Math.min(indexed + INDEXED_AT_A_TIME, last ?? 0)
      // Both read the place in their own commit, so that two at once index nothing twice.
      await this.#db.commit([
        this.#compilable(sql`insert into recording_words (rowid, topic_key, parties)
          select seq, topic_key, parties from recording
          where seq > (select indexed_to from search_state) and seq <= ${upTo} order by seq`),
        this.#db.kysely
          .updateTable('search_state')
          .set({ indexed_to: sql<number>`max(indexed_to, ${upTo})` }),
      ])
    }
    this.#waiting = 0
  }

  /** Of these trigrams the rarer ones; all of them when none is. */
  async #telling(trigrams: readonly string[]): Promise<readonly string[]> {
    this.#common ??= this.#countCommon().catch((error: unknown) => {
      this.#common = undefined // The next question counts.
      throw error
    })
    const common = await this.#common
    const rarer = trigrams.filter((trigram) => !common.has(trigram))
    return rarer.length > 0 ? rarer : trigrams
  }

  async #countCommon(): Promise<ReadonlySet<string>> {
    this.#sinceCommon = 0
    const rows = await this.#db.kysely
      .selectFrom('recording')
      .select(['topic_key', 'parties'])
      .where('seq', '>', sql<number>`(select max(seq) from recording) - ${SAMPLED_ROWS}`)
      .execute()
    const counts = new Map<string, number>()
    for (const { topic_key, parties } of rows)
      for (const trigram of new Set([...allTrigramsOf(topic_key), ...allTrigramsOf(parties)]))
        counts.set(trigram, (counts.get(trigram) ?? 0) + 1)
    return new Set([...counts].flatMap(([trigram, count]) => (count > SAMPLED_COMMON_ROWS ? [trigram] : [])))
  }

  /** Whether there is an index; PostgreSQL may do without. */
  #available(): Promise<boolean> {
    if (this.#dialect === 'sqlite') return Promise.resolve(true)
    this.#hasTrigrams ??= this.#db.kysely
      .selectFrom(sql<{ indexname: string }>`pg_indexes`.as('index'))
      .select('indexname')
      .where('indexname', '=', 'recording_words')
      .execute()
      .then((rows) => rows.length > 0)
    return this.#hasTrigrams
  }

  #compilable(raw: ReturnType<typeof sql>): Compilable {
    return { compile: () => raw.compile(this.#db.kysely) }
  }
}

/** A table of the candidates, to be joined first: `candidate.seq`. */
export function candidateRows(
  dialect: DialectName,
  candidates: Candidates,
): ReturnType<typeof sql<{ seq: number }>> {
  return dialect === 'sqlite'
    ? sql<{ seq: number }>`(select value as seq from json_each(${candidates}))`
    : sql<{ seq: number }>`(select value::bigint as seq from json_array_elements_text(${candidates}::json))`
}

/** Three code points in a row, each once and no more than are of use: fewer of them only mean more candidates. */
function trigramsOf(folded: string): string[] {
  return [...allTrigramsOf(folded)].slice(0, TRIGRAMS_MAX)
}

function allTrigramsOf(folded: string): Set<string> {
  const chars = [...folded]
  const trigrams = new Set<string>()
  for (let at = 0; at + TRIGRAM_CHARS <= chars.length; at++)
    trigrams.add(chars.slice(at, at + TRIGRAM_CHARS).join(''))
  return trigrams
}

/** Rows that hold all trigrams, and those that no index knows yet. */
function sqliteRows(trigrams: readonly string[], where: 'topic' | 'anywhere'): ReturnType<typeof sql> {
  const match = trigrams.map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND ')
  const words = sql`select rowid as seq from recording_words where recording_words match ${match}
    union all select seq from recording where seq > (select indexed_to from search_state)`
  if (where === 'topic') return words
  return sql`${words} union all select rowid from recording_speech where recording_speech match ${match}`
}

function postgresRows(folded: string, where: 'topic' | 'anywhere'): ReturnType<typeof sql> {
  const pattern = likePattern(folded)
  const topics = sql`select seq from recording where topic_key like ${pattern} escape '\\'`
  if (where === 'topic') return topics
  return sql`${topics} union all select seq from recording where parties like ${pattern} escape '\\'
    union all select seq from recording_speech where text like ${pattern} escape '\\'`
}
