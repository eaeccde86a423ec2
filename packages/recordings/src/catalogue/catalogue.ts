/**
 * The catalogue of recordings: add, find, list (converged-recordings §3, §4). Every question names an organisation, and
 * answers hold nothing of another. Pages follow the key of the last item, so that new rows never shift them.
 */
import type { Compilable, Database } from '@tandem/store'
import { insertRow, outboxEvent, StoreError } from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import type { RecordingFacts } from '../facts.ts'
import { fold } from '../search/fold.ts'
import type { TrigramIndex } from '../search/trigram-index.ts'
import type { ImportedFacts } from './imported-metadata.ts'
import { type ListedRecording, mergedPages } from './listed-recording.ts'
import {
  type FinishedRecording,
  factsRowOf,
  idKey,
  type Recording,
  type RecordingStatus,
  recordingOf,
  rowOf,
} from './recording.ts'
import { branchesOf, topicHolds } from './recording-filter.ts'
import { RecordingPages, type Sought } from './recording-pages.ts'
import type { CatalogueTables } from './tables.ts'

/** Most recordings in one page, the contract's own limit. */
export const PAGE_ITEMS_MAX = 100

/** The sort key of the last item of a page. */
export interface RecordingCursor {
  readonly createTime: number
  readonly id: string
}

/** What to list. Filters combine with AND; an absent one does not restrict. */
export interface RecordingQuery {
  readonly orgId: string
  /** `createTime` from this moment on, Unix milliseconds. */
  readonly from: number
  /** `createTime` before this moment. */
  readonly to: number
  readonly status: RecordingStatus
  /** In place of `status`, for those who see several at once. */
  readonly statuses?: readonly RecordingStatus[]
  /** 1 to 100. */
  readonly max: number
  readonly cursor?: RecordingCursor
  readonly ownerId?: string
  /** Whoever asks sees the recordings of these owners alone; combines with `ownerId`. */
  readonly ownerIds?: readonly string[]
  readonly ownerEmail?: string
  readonly ownerType?: string
  /** `all` is the same as absent (Ruling 3). */
  readonly serviceType?: string
  readonly format?: string
  readonly storageRegion?: string
  readonly locationId?: string
  /** A part of the topic, in any case. */
  readonly topic?: string
}

/** One page, newest first. */
export interface RecordingPage {
  readonly items: readonly ListedRecording[]
  /** Where the next page begins; absent when this was the last. */
  readonly next?: RecordingCursor
}

/** What a catalogue writes to besides its own tables. */
export interface CatalogueOptions {
  /** Gets a row for each recording that is added, in the same commit. */
  readonly audit?: Pick<AuditLog, 'statements'>
  /** Is told of rows that were added, and finds topics; without it every topic is found by walking the list. */
  readonly index?: TrigramIndex
  /** Rows that one step of a walk looks at; `WALKED_ROWS` unless a test wants many steps. */
  readonly walkedRows?: number
  /** Unix milliseconds; the system's clock when absent. */
  readonly now?: () => number
}

/** A recording to be added, with what else its commit is to carry. */
export type NewlyFinished = FinishedRecording & { readonly statements?: readonly Compilable[] }

/** The catalogue over one database. */
export class Catalogue {
  readonly #db: Database<CatalogueTables>
  readonly #options: CatalogueOptions
  readonly #pages: RecordingPages

  constructor(db: Database<CatalogueTables>, options: CatalogueOptions = {}) {
    this.#db = db
    this.#options = options
    this.#pages = new RecordingPages(db, options.walkedRows)
  }

  /**
   * Adds recordings, each with its facts, its `created` event and its row of the audit log, in one commit. Returns how many were added: those that are there
   * already stay as they are, so that a publication repeated after a crash is announced once.
   */
  async add(finished: readonly NewlyFinished[]): Promise<number> {
    try {
      await this.#db.commit(finished.flatMap((each) => this.#statements(each)))
      this.#options.index?.added(finished.length)
      return finished.length
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'constraint') throw error
      const missing = await this.#missing(finished)
      // Nothing is there that could be in the way: the fault is another.
      if (missing.length === finished.length) throw error
      return missing.length === 0 ? 0 : this.add(missing)
    }
  }

  async #missing(finished: readonly NewlyFinished[]): Promise<readonly NewlyFinished[]> {
    const known = await Promise.all(finished.map((each) => this.has(each.id)))
    return finished.filter((_, at) => known[at] === false)
  }

  #statements(finished: NewlyFinished): Compilable[] {
    const row = rowOf(finished)
    const event = outboxEvent(this.#db, {
      orgId: row.org_id,
      resource: 'convergedRecordings',
      event: 'created',
      personId: row.owner_id,
      key: row.id,
      payload: eventData(recordingOf(row)),
      // Not `createTime`: a recording that was recovered or waited for its disk may be older than the outbox keeps events.
      createdAt: (this.#options.now ?? Date.now)(),
    })
    const { kysely } = this.#db
    const facts = insertRow(kysely, 'recording_facts', factsRowOf(finished))
    const actor = { orgId: row.org_id, personId: '', as: 'system' } as const
    const entry = { actor, action: 'recording.created', recordingId: row.id } as const
    const audit = this.#options.audit?.statements([entry]) ?? []
    return [insertRow(kysely, 'recording', row), facts, event, ...audit, ...(finished.statements ?? [])]
  }

  /** Whether there is a row with this id, in any organisation and state. */
  async has(id: string): Promise<boolean> {
    const found = await this.#db.kysely
      .selectFrom('recording')
      .select('id_key')
      .where('id_key', '=', idKey(id))
      .executeTakeFirst()
    return found !== undefined
  }

  /** One recording of an organisation; undefined when there is none. */
  async get(orgId: string, id: string): Promise<Recording | undefined> {
    const row = await this.#db.kysely
      .selectFrom('recording')
      .selectAll()
      .where('id_key', '=', idKey(id))
      .where('org_id', '=', orgId)
      .executeTakeFirst()
    return row === undefined ? undefined : recordingOf(row)
  }

  /** One recording by its id alone: for a signed link, which names no organisation. */
  async find(id: string): Promise<Recording | undefined> {
    const row = await this.#db.kysely
      .selectFrom('recording')
      .selectAll()
      .where('id_key', '=', idKey(id))
      .executeTakeFirst()
    return row === undefined ? undefined : recordingOf(row)
  }

  /** The newest recordings of all organisations that should have a file: for reading some back at start. */
  async newest(count: number): Promise<Recording[]> {
    const rows = await this.#db.kysely
      .selectFrom('recording')
      .selectAll()
      .orderBy('create_time', 'desc')
      .limit(count)
      .execute()
    return rows.map(recordingOf)
  }

  /** What the metadata document is made of; undefined when there is no such recording. */
  async facts(
    orgId: string,
    id: string,
  ): Promise<{ readonly recording: Recording; readonly facts: RecordingFacts | ImportedFacts } | undefined> {
    const row = await this.#db.kysely
      .selectFrom('recording')
      .innerJoin('recording_facts', 'recording_facts.id_key', 'recording.id_key')
      .selectAll('recording')
      .select('recording_facts.facts as facts')
      .where('recording.id_key', '=', idKey(id))
      .where('org_id', '=', orgId)
      .executeTakeFirst()
    if (row === undefined) return undefined
    return { recording: recordingOf(row), facts: JSON.parse(row.facts) as RecordingFacts | ImportedFacts } // Written by `rowOf`.
  }

  /** One page of an organisation's recordings, newest first, ties by id descending. */
  async list(query: RecordingQuery): Promise<RecordingPage> {
    const max = Math.min(Math.max(1, query.max), PAGE_ITEMS_MAX)
    const sought = this.#soughtBy(query)
    const branches = branchesOf(query)
    const found = await Promise.all(branches.map((branch) => this.#pages.first(branch, max + 1, sought)))
    const rows = mergedPages(found)
    const items = rows.slice(0, max)
    const last = items.at(-1)
    if (rows.length <= max || last === undefined) return { items }
    return { items, next: { createTime: last.createTime, id: last.id } }
  }

  #soughtBy({ topic }: RecordingQuery): Sought | undefined {
    const folded = fold(topic ?? '')
    if (folded === '') return undefined
    const { index } = this.#options
    return {
      holds: topicHolds(folded),
      columns: ['topic_key'],
      candidates: async () => index?.candidates(folded, 'topic'),
    }
  }
}

/** The `data` of a webhook about this recording (webhooks §6): the list object, moments in ISO 8601 UTC. */
export function eventData(recording: ListedRecording): Readonly<Record<string, unknown>> {
  return {
    id: recording.id,
    topic: recording.topic,
    createTime: secondsIso(recording.createTime),
    timeRecorded: secondsIso(recording.timeRecorded),
    ownerId: recording.ownerId,
    ownerType: recording.ownerType,
    ownerEmail: recording.ownerEmail,
    format: recording.format,
    durationSeconds: recording.durationSeconds,
    sizeBytes: recording.sizeBytes,
    serviceType: recording.serviceType,
    storageRegion: recording.storageRegion,
    status: recording.status,
    serviceData: recording.serviceData,
  }
}

/** A moment in UTC with second precision, as recordings show it. */
export function secondsIso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
