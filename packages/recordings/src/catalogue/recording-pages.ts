/**
 * Finds the first rows of a branch of the list, newest first. Text is looked for in three ways with the same result: among
 * the newest rows first, where a common word fills the page at once; then among the candidates of the trigram index, if
 * they are few; else by walking on (limits, Queries: each way alone is a hundred times slower for some words).
 */
import { type Database, type DialectName, dialectOf, type Kysely, type sql } from '@tandem/store'
import { type Candidates, candidateRows } from '../search/trigram-index.ts'
import type { RecordingCursor } from './catalogue.ts'
import { LISTED_COLUMNS, type ListedRecording, listedJson, listedOf } from './listed-recording.ts'
import { type Branch, impliedBy } from './recording-filter.ts'
import type { CatalogueTables } from './tables.ts'

/**
 * How many rows one step of a walk looks at: 3 ms for the database thread, which others wait for, and enough to fill a
 * page with a word that 1 of 100 rows holds.
 */
export const WALKED_ROWS = 10_000

/**
 * How many the first step looks at, before the index is asked: a page is filled by a word that 1 of 20 rows holds, and 2 ms
 * are all that is lost for the others.
 */
export const FIRST_WALKED_ROWS = 2_000

/** A text that is looked for. */
export interface Sought {
  /** Whether a row of `recording` holds it. */
  readonly holds: ReturnType<typeof sql<boolean>>
  /** The columns that `holds` reads: the index that is walked has the topic, for others each row is fetched. */
  readonly columns: readonly ('topic_key' | 'parties')[]
  /** Few rows that may hold it, all others not; undefined when walking is the better way. */
  candidates(): Promise<Candidates | undefined>
}

/** Pages of the list. */
export class RecordingPages {
  readonly #db: Kysely<CatalogueTables>
  readonly #dialect: DialectName
  readonly #walkedRows: number

  constructor(db: Database<CatalogueTables>, walkedRows: number = WALKED_ROWS) {
    this.#db = db.kysely as unknown as Kysely<CatalogueTables> // It has the store's tables besides.
    this.#dialect = dialectOf(db.kysely)
    this.#walkedRows = walkedRows
  }

  /** The first `limit` rows of a branch, of those that hold what is sought. */
  async first(branch: Branch, limit: number, sought?: Sought): Promise<readonly ListedRecording[]> {
    if (sought === undefined) return this.#page(branch, filtered(everyRow(this.#db), branch), limit)
    const found: ListedRecording[] = []
    const first = Math.min(this.#walkedRows, FIRST_WALKED_ROWS)
    let cursor = await this.#step(branch, limit, sought, found, first)
    if (cursor === undefined) return found
    const candidates = await sought.candidates()
    if (candidates !== undefined) {
      const few = joined(this.#db, candidateRows(this.#dialect, candidates).as('candidate'))
      return this.#page(branch, filtered(few, branch).where(sought.holds), limit)
    }
    while (cursor !== undefined) cursor = await this.#step({ ...branch, cursor }, limit, sought, found)
    return found
  }

  /** Looks through the next rows, adds to `found`; gives the place to go on from, unless page or list are at their end. */
  async #step(
    branch: Branch,
    limit: number,
    { holds, columns }: Sought,
    found: ListedRecording[],
    walkedRows: number = this.#walkedRows,
  ): Promise<RecordingCursor | undefined> {
    const walked = newestFirst(filtered(everyRow(this.#db), branch))
    // The inner order holds for what passes through, and the walk ends when the page is full.
    const holding = this.#db
      .selectFrom(
        walked
          .select(['recording.seq', ...columns.map((column) => `recording.${column}` as const)])
          .limit(walkedRows)
          .as('recording'),
      )
      .select('recording.seq')
      .where(holds)
      .limit(limit - found.length)
    found.push(...(await this.#page(branch, joined(this.#db, holding.as('candidate')), limit)))
    if (found.length >= limit) return undefined
    const last = await walked
      .select(['recording.create_time', 'recording.id'])
      .limit(1)
      .offset(walkedRows - 1)
      .executeTakeFirst()
    return last === undefined ? undefined : { createTime: last.create_time, id: last.id }
  }

  /** The first of these rows, handed over as one JSON text. */
  async #page(branch: Branch, rows: Rows, limit: number): Promise<readonly ListedRecording[]> {
    const listed = newestFirst(rows)
      .select(LISTED_COLUMNS.map((column) => `recording.${column}` as const))
      .limit(limit)
    const { page } = await this.#db
      .selectFrom(listed.as('listed'))
      .select(listedJson(this.#dialect).as('page'))
      .executeTakeFirstOrThrow()
    return listedOf(branch.orgId, page)
  }
}

function newestFirst(rows: Rows): Rows {
  return rows.orderBy('recording.create_time', 'desc').orderBy('recording.id', 'desc')
}

/** A select from `recording`, still without columns, order and limit. */
type Rows = ReturnType<typeof everyRow>

function everyRow(db: Kysely<CatalogueTables>) {
  return db.selectFrom('recording')
}

/** The rows that a subquery names by their `seq`; a cross join, since SQLite then begins with the subquery. */
// biome-ignore lint/suspicious/noExplicitAny: a subquery of any shape that has `seq`.
function joined(db: Kysely<any>, candidate: any): Rows {
  return db
    .selectFrom(candidate)
    .crossJoin('recording')
    .whereRef('recording.seq', '=', 'candidate.seq') as unknown as Rows // Its columns are named in full.
}

/** Of these rows those of a branch, before the topic is looked at. */
function filtered(rows: Rows, query: Branch): Rows {
  const { cursor, ownerEmail, ownerType, format, serviceType } = query
  let select = rows
    .where('recording.org_id', '=', query.orgId)
    .where('recording.create_time', '>=', query.from)
    .where('recording.status', '=', query.status)
  // One upper bound alone: given two, SQLite enters the index at either, and a deep page took 200 ms at the wrong one.
  if (cursor === undefined || cursor.createTime >= query.to)
    select = select.where('recording.create_time', '<', query.to)
  else {
    // The first condition lets the index be entered at the cursor, the second drops its equals.
    select = select
      .where('recording.create_time', '<=', cursor.createTime)
      .where((eb) =>
        eb.or([eb('recording.create_time', '<', cursor.createTime), eb('recording.id', '<', cursor.id)]),
      )
  }
  if (query.ownerId !== undefined) select = select.where('recording.owner_id', '=', query.ownerId)
  if (ownerEmail !== undefined)
    select = select.where('recording.owner_email_key', '=', ownerEmail.toLowerCase())
  if (query.locationId !== undefined) select = select.where('recording.location_id', '=', query.locationId)
  if (query.storageRegion !== undefined)
    select = select.where('recording.storage_region', '=', query.storageRegion)
  if (ownerType !== undefined)
    select = select
      .where('recording.owner_type', '=', ownerType)
      .where(impliedBy('owner_type', 'user', ownerType))
  if (format !== undefined)
    select = select.where('recording.format', '=', format).where(impliedBy('format', 'MP3', format))
  if (serviceType !== undefined && serviceType !== 'all')
    select = select
      .where('recording.service_type', '=', serviceType)
      .where(impliedBy('service_type', 'calling', serviceType))
  return select
}
