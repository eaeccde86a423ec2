/**
 * Search over topics, parties and transcripts: recordings in which all words of a text occur, each as a part of any word
 * and in any case, newest first. Found by the same three ways as topics in a list; words that no trigram index knows are
 * met by walking. What somebody may see is said by the query alone.
 */
import { type Compilable, type Database, type DialectName, dialectOf, sql } from '@tandem/store'
import { type ListedRecording, mergedPages } from '../catalogue/listed-recording.ts'
import { type Recording, recordingOf } from '../catalogue/recording.ts'
import { branchesOf } from '../catalogue/recording-filter.ts'
import { RecordingPages, type Sought } from '../catalogue/recording-pages.ts'
import type { Page } from '../library.ts'
import { fold, likePattern, wordsOf } from './fold.ts'
import { matchesOf } from './matches.ts'
import type { SearchHit, SearchQuery } from './search-query.ts'
import { SpeechIndex } from './speech-index.ts'
import type { SearchTables } from './tables.ts'
import { type Candidates, TrigramIndex } from './trigram-index.ts'

/** Most hits in one page. */
export const SEARCH_HITS_MAX = 100

/** Moments that any recording lies between: where no `from` or `to` restricts. */
const EARLIEST = Number.MIN_SAFE_INTEGER
const LATEST = Number.MAX_SAFE_INTEGER

/** How search is made. */
export interface SearchOptions {
  readonly db: Database<SearchTables>
  /** The one that the catalogue tells of new rows. */
  readonly index?: TrigramIndex
  /** Rows that one step of a walk looks at; `WALKED_ROWS` unless a test wants many steps. */
  readonly walkedRows?: number
}

/** Search over one database. */
export class Search {
  readonly #db: Database<SearchTables>
  readonly #dialect: DialectName
  readonly #index: TrigramIndex
  readonly #speech: SpeechIndex
  readonly #pages: RecordingPages

  constructor(options: SearchOptions) {
    this.#db = options.db
    this.#dialect = dialectOf(options.db.kysely)
    this.#index = options.index ?? new TrigramIndex(options.db)
    this.#speech = new SpeechIndex(options.db)
    this.#pages = new RecordingPages(options.db, options.walkedRows)
  }

  /** One page of what was found; nothing for a text without words. */
  async search(query: SearchQuery): Promise<Page<SearchHit>> {
    const words = wordsOf(query.text)
    if (words.length === 0 || query.statuses.length === 0) return { items: [] }
    const max = Math.min(Math.max(1, query.max), SEARCH_HITS_MAX)
    await this.#speech.catchUp()
    const found = await this.#find(query, words, max + 1)
    const shown = found.slice(0, max)
    const items = await this.#hits(query, shown, words)
    const last = shown.at(-1)
    if (found.length <= max || last === undefined) return { items }
    return { items, next: { at: last.createTime, id: last.id } }
  }

  /** The statements that have a transcript found as its row is then; in the commit that changes it. */
  statements(recordingId: string): readonly Compilable[] {
    return this.#speech.statements(recordingId)
  }

  /** The statements that forget a transcript; in the commit that erases its recording, before the row goes. */
  removeStatements(recordingId: string): readonly Compilable[] {
    return this.#speech.removeStatements(recordingId)
  }

  /** Indexes what waits, rows and transcripts: after opening, and now and then, so that searches need not. */
  async catchUp(): Promise<void> {
    await this.#index.catchUp()
    await this.#speech.catchUp()
  }

  async #find(
    query: SearchQuery,
    words: readonly string[],
    limit: number,
  ): Promise<readonly ListedRecording[]> {
    const { orgId, statuses, ownerIds, from = EARLIEST, to = LATEST, cursor } = query
    const branches = branchesOf({
      ...{ orgId, from, to, statuses, max: limit },
      status: statuses[0] ?? 'available', // `statuses` is in its place.
      ...(ownerIds === undefined ? {} : { ownerIds }),
      ...(cursor === undefined ? {} : { cursor: { createTime: cursor.at, id: cursor.id } }),
    })
    let candidates: Promise<Candidates | undefined> | undefined
    const sought: Sought = {
      columns: ['topic_key', 'parties'],
      holds: sql<boolean>`${sql.join(
        words.map((word) => this.#holds(word, query)),
        sql` and `,
      )}`,
      // The same for every branch.
      candidates: () => (candidates ??= this.#fewestOf(words)),
    }
    const pages = branches.map((branch) => this.#pages.first(branch, limit, sought))
    return mergedPages(await Promise.all(pages))
  }

  /** Whether a row holds a word in one of its texts. */
  #holds(word: string, query: SearchQuery): ReturnType<typeof sql<boolean>> {
    const pattern = likePattern(word)
    const shown = sql<boolean>`recording.topic_key like ${pattern} escape '\\' or recording.parties like ${pattern} escape '\\'`
    if (query.withoutTranscripts === true) return sql<boolean>`(${shown})`
    const seq = sql.ref(this.#dialect === 'sqlite' ? 'speech.rowid' : 'speech.seq')
    return sql<boolean>`(${shown}
      or exists (select 1 from recording_speech as speech where ${seq} = recording.seq and speech.text like ${pattern} escape '\\'))`
  }

  /** The candidates of the rarest word; undefined when every word is common or too short for the index. */
  async #fewestOf(words: readonly string[]): Promise<Candidates | undefined> {
    let fewest: Candidates | undefined
    for (const word of words) {
      const candidates = await this.#index.candidates(word, 'anywhere')
      if (candidates !== undefined && candidates.length < (fewest?.length ?? Number.POSITIVE_INFINITY))
        fewest = candidates
    }
    return fewest
  }

  /** The recordings themselves with what matched; one that was erased a moment ago is left out. */
  async #hits(
    { orgId, withoutTranscripts = false }: SearchQuery,
    found: readonly ListedRecording[],
    words: readonly string[],
  ): Promise<SearchHit[]> {
    if (found.length === 0) return []
    const ids = found.map((each) => each.id)
    const rows = await this.#db.kysely
      .selectFrom('recording')
      .selectAll()
      .where('id', 'in', ids)
      .where('org_id', '=', orgId)
      .execute()
    const byId = new Map(rows.map((row) => [row.id, row]))
    const hits: SearchHit[] = []
    for (const id of ids) {
      const row = byId.get(id)
      if (row === undefined) continue
      const recording: Recording = recordingOf(row)
      const texts = { topic: recording.topic, parties: row.parties, idKey: row.id_key }
      hits.push({ recording, matches: await matchesOf(this.#db, texts, words, { withoutTranscripts }) })
    }
    return hits
  }
}

/** Whether a text has anything to search for. */
export function isSearchable(text: string): boolean {
  return fold(text).trim() !== ''
}
