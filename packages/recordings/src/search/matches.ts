/** Where the words of a search occur in one recording: topic, names and numbers of its parties, what was said and when. */
import type { Database, Kysely } from '@tandem/store'
import type { TranscriptSegment } from '../transcript/transcripts.ts'
import { fold } from './fold.ts'
import type { SearchHit } from './search-query.ts'
import { snippetOf } from './snippet.ts'
import type { SearchTables } from './tables.ts'

/** Most places shown of one recording. */
export const MATCHES_MAX = 5

/** The transcript as its own part stores it (migration 0108). */
interface TranscriptTexts {
  recording_transcript: {
    id_key: string
    /** One segment per line; empty or null where text is not kept. */
    text: string | null
    /** JSON: `TranscriptSegment[]`. */
    segments: string | null
  }
}

type Match = SearchHit['matches'][number]

/** The first places of each word, words in their order, topic before parties before transcript. */
export async function matchesOf(
  db: Database<SearchTables>,
  row: { readonly topic: string; readonly parties: string; readonly idKey: string },
  words: readonly string[],
  options: { readonly withoutTranscripts: boolean },
): Promise<readonly Match[]> {
  const matches = new Map<string, Match>()
  const add = (match: Match) => matches.set(`${match.in} ${match.atMs ?? ''} ${match.text}`, match)
  const missing: string[] = []
  for (const word of words) {
    const topic = snippetOf(row.topic, word)
    if (topic !== undefined) add({ in: 'topic', text: topic })
    const party = row.parties.split('\n').find((line) => line.includes(word))
    if (party !== undefined) add({ in: 'party', text: snippetOf(party, word) ?? party })
    if (topic === undefined && party === undefined) missing.push(word)
  }
  // A transcript is large: it is read for words that are nowhere else, or to show where the others were said.
  if (!options.withoutTranscripts && (missing.length > 0 || matches.size < MATCHES_MAX))
    for (const match of await spoken(db, row.idKey, [...missing, ...words])) add(match)
  return [...matches.values()].slice(0, MATCHES_MAX)
}

async function spoken(
  db: Database<SearchTables>,
  idKey: string,
  words: readonly string[],
): Promise<readonly Match[]> {
  const transcripts = db.kysely as unknown as Kysely<TranscriptTexts> // Its own part's migration made it.
  const found = await transcripts
    .selectFrom('recording_transcript')
    .select(['text', 'segments'])
    .where('id_key', '=', idKey)
    .executeTakeFirst()
  if (found === undefined) return []
  const segments = segmentsOf(found.segments ?? '', found.text ?? '')
  const folded = segments.map((segment) => fold(segment.text))
  return words.flatMap((word) => {
    const segment = segments[folded.findIndex((text) => text.includes(word))]
    const text = segment === undefined ? undefined : snippetOf(segment.text, word)
    if (segment === undefined || text === undefined) return []
    return [{ in: 'transcript', text, ...(segment.startMs === undefined ? {} : { atMs: segment.startMs }) }]
  })
}

/** Segments with their moments where those are kept, else the lines of the text. */
function segmentsOf(json: string, text: string): { readonly text: string; readonly startMs?: number }[] {
  if (json !== '' && json !== '[]') return JSON.parse(json) as TranscriptSegment[] // Written by the transcripts' part.
  return text.split('\n').map((line) => ({ text: line }))
}
