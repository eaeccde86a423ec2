/**
 * The folded text of transcripts, as search reads it. Whoever changes a transcript puts a mark into its own commit; the
 * text is folded and indexed soon after, and by any search that comes before, so that nothing stored is ever missed.
 */
import { type Compilable, type Database, type DialectName, dialectOf, type Kysely, sql } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import { fold } from './fold.ts'
import type { SearchTables } from './tables.ts'

/** Transcripts that go into the index in one commit: an hour of speech takes 5 ms. */
export const TRANSCRIPTS_AT_A_TIME = 20

/** What is read of the transcripts' own table (migration 0108). */
interface Transcripts {
  search_stale: SearchTables['search_stale']
  recording_transcript: { id_key: string; text: string }
}

/** The index of transcripts in one database. */
export class SpeechIndex {
  readonly #db: Database<SearchTables>
  readonly #dialect: DialectName
  #last: Promise<void> = Promise.resolve()

  constructor(db: Database<SearchTables>) {
    this.#db = db
    this.#dialect = dialectOf(db.kysely)
  }

  /** The statements that have a transcript indexed as its row is then; in the commit that changes it. */
  statements(recordingId: string): readonly Compilable[] {
    const mark = this.#db.kysely
      .insertInto('search_stale')
      .values({ id_key: idKey(recordingId), version: 1 })
      .onConflict((conflict) =>
        conflict.column('id_key').doUpdateSet({ version: sql<number>`search_stale.version + 1` }),
      )
    return [mark]
  }

  /** The statements that forget a transcript; in the commit that erases its recording, before the row goes. */
  removeStatements(recordingId: string): readonly Compilable[] {
    const key = idKey(recordingId)
    return [this.#removal(key), this.#db.kysely.deleteFrom('search_stale').where('id_key', '=', key)]
  }

  /** Indexes every transcript that was marked before this call. */
  catchUp(): Promise<void> {
    const done = this.#last.then(() => this.#catchUp())
    this.#last = done.catch(() => undefined) // The next one tries again.
    return done
  }

  async #catchUp(): Promise<void> {
    const db = this.#db.kysely as unknown as Kysely<Transcripts> // Every library has transcripts.
    for (;;) {
      const marked = await db
        .selectFrom('search_stale')
        .leftJoin('recording_transcript', 'recording_transcript.id_key', 'search_stale.id_key')
        .select(['search_stale.id_key', 'search_stale.version', 'recording_transcript.text'])
        .limit(TRANSCRIPTS_AT_A_TIME)
        .execute()
      if (marked.length === 0) return
      await this.#db.commit(
        marked.flatMap((each) => this.#indexed(each.id_key, each.text ?? '', each.version)),
      )
    }
  }

  /** A mark that was set again meanwhile stays; a recording that was erased meanwhile gets no text. */
  #indexed(key: string, text: string, version: number): readonly Compilable[] {
    const settled = this.#db.kysely
      .deleteFrom('search_stale')
      .where('id_key', '=', key)
      .where('version', '=', version)
    if (text === '') return [this.#removal(key), settled]
    const insert = sql`insert into recording_speech (${this.#seq}, text)
      select seq, ${fold(text)} from recording where id_key = ${key}`
    return [this.#removal(key), this.#compilable(insert), settled]
  }

  #removal(key: string): Compilable {
    const remove = sql`delete from recording_speech where ${this.#seq} = (select seq from recording where id_key = ${key})`
    return this.#compilable(remove)
  }

  /** What the key of the table is called: on SQLite it is the rowid of a virtual table. */
  get #seq(): ReturnType<typeof sql> {
    return sql.ref(this.#dialect === 'sqlite' ? 'rowid' : 'seq')
  }

  #compilable(raw: ReturnType<typeof sql>): Compilable {
    return { compile: () => raw.compile(this.#db.kysely) }
  }
}
