/**
 * Imports as the database knows them: where each stands, and what was asked for while it is still needed. That is
 * sealed, since it holds passwords of meetings and transcripts, and goes as soon as nothing is left to be done.
 */
import { type Compilable, type Database, insertRow } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import type { Actor, Cursor, Page } from '../library.ts'
import type { PasswordSeal } from '../meeting/password-seal.ts'
import type { Import, ImportRequest, ImportState } from './imports.ts'
import type { ImportJobTable, ImportTables } from './tables.ts'

/** Most imports in one page. */
export const IMPORT_PAGE_ITEMS_MAX = 100

/** An import whose media is still to come or to be checked. */
export type LiveState = Extract<ImportState, 'waiting' | 'receiving' | 'checking'>

/** States of an import that goes on. */
export const LIVE_STATES: readonly LiveState[] = ['waiting', 'receiving', 'checking']

/** One import with what only we need of it. */
export interface ImportJob extends Import {
  readonly createdAs: Actor['as']
  /** As emitted; its own, also when it turns out to be a duplicate. */
  readonly ownRecordingId: string
  /** Sealed. */
  readonly request: string
}

/** What a new row says. */
export interface NewImport {
  readonly id: string
  readonly ownRecordingId: string
  readonly actor: Actor
  readonly request: ImportRequest
  readonly state: ImportState
  readonly now: number
  readonly receivedBytes?: number
  readonly recordingId?: string
  readonly error?: string
}

/** What is kept sealed of a request. */
interface SealedRequest {
  readonly request: ImportRequest
  readonly recordingId: string
}

/** The imports of one database. */
export class ImportJobs {
  readonly #db: Database<ImportTables>
  readonly #seal: PasswordSeal

  constructor(db: Database<ImportTables>, seal: PasswordSeal) {
    this.#db = db
    this.#seal = seal
  }

  /** The statement that begins one. */
  insert(made: NewImport): Compilable {
    const { id, actor, request, state } = made
    const isLive = LIVE_STATES.some((live) => live === state)
    const isTranscriptDue = state === 'done' && request.transcript !== undefined
    return insertRow(this.#db.kysely, 'import_job', {
      id,
      org_id: actor.orgId,
      id_key: idKey(made.ownRecordingId),
      recording_id: made.recordingId ?? null,
      state,
      file_name: request.fileName ?? null,
      size_bytes: request.sizeBytes ?? null,
      received_bytes: made.receivedBytes ?? 0,
      error: made.error ?? null,
      created_by: actor.personId,
      created_as: actor.as,
      created_at: made.now,
      touched_at: made.now,
      request:
        isLive || isTranscriptDue ? this.#sealed(id, { request, recordingId: made.ownRecordingId }) : '',
    })
  }

  /** The statement that moves one on. */
  update(
    id: string,
    change: {
      readonly state?: ImportState
      readonly receivedBytes?: number
      readonly recordingId?: string
      readonly error?: string
      readonly isOver?: boolean
      readonly now: number
    },
  ): Compilable {
    return this.#db.kysely
      .updateTable('import_job')
      .set({
        touched_at: change.now,
        ...(change.state === undefined ? {} : { state: change.state }),
        ...(change.receivedBytes === undefined ? {} : { received_bytes: change.receivedBytes }),
        ...(change.recordingId === undefined ? {} : { recording_id: change.recordingId }),
        ...(change.error === undefined ? {} : { error: change.error }),
        ...(change.isOver === true ? { request: '' } : {}),
      })
      .where('id', '=', id)
  }

  /** One of an organisation; undefined when there is none. */
  async get(orgId: string, id: string): Promise<ImportJob | undefined> {
    const row = await this.#db.kysely
      .selectFrom('import_job')
      .selectAll()
      .where('id', '=', id)
      .where('org_id', '=', orgId)
      .executeTakeFirst()
    return row === undefined ? undefined : this.#jobOf(row)
  }

  /** Newest first, ties by id descending. */
  async list(
    orgId: string,
    query: { readonly max: number; readonly cursor?: Cursor },
  ): Promise<Page<ImportJob>> {
    const max = Math.min(Math.max(1, query.max), IMPORT_PAGE_ITEMS_MAX)
    const { cursor } = query
    let select = this.#db.kysely.selectFrom('import_job').selectAll().where('org_id', '=', orgId)
    if (cursor !== undefined)
      select = select
        .where('created_at', '<=', cursor.at)
        .where((eb) => eb.or([eb('created_at', '<', cursor.at), eb('id', '<', cursor.id)]))
    const rows = await select
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(max + 1)
      .execute()
    const items = rows.slice(0, max).map((row) => this.#jobOf(row))
    const last = items.at(-1)
    if (rows.length <= max || last === undefined) return { items }
    return { items, next: { at: last.createdAt, id: last.id } }
  }

  /** Those that stand in one of these states, untouched since a moment; at most so many, longest untouched first. */
  async standing(
    states: readonly ImportState[],
    until: number,
    limit: number,
  ): Promise<readonly ImportJob[]> {
    const rows = await this.#db.kysely
      .selectFrom('import_job')
      .selectAll()
      .where('state', 'in', [...states])
      .where('touched_at', '<=', until)
      .orderBy('touched_at')
      .limit(limit)
      .execute()
    return rows.map((row) => this.#jobOf(row))
  }

  /** Finished ones whose transcript is still to be stored. */
  async transcriptsDue(limit: number): Promise<readonly ImportJob[]> {
    const rows = await this.#db.kysely
      .selectFrom('import_job')
      .selectAll()
      .where('state', '=', 'done')
      .where('request', '<>', '')
      .limit(limit)
      .execute()
    return rows.map((row) => this.#jobOf(row))
  }

  /** Deletes rows by id. */
  forget(ids: readonly string[]): Compilable {
    return this.#db.kysely.deleteFrom('import_job').where('id', 'in', [...ids])
  }

  /** What was asked for; undefined when it was sealed under another key. */
  requestOf(job: ImportJob): ImportRequest | undefined {
    return this.#opened(job.id, job.request)?.request
  }

  #sealed(id: string, request: SealedRequest): string {
    return this.#seal.seal(id, JSON.stringify(request))
  }

  #opened(id: string, sealed: string): SealedRequest | undefined {
    const json = sealed === '' ? '' : this.#seal.open(id, sealed)
    return json === '' ? undefined : (JSON.parse(json) as SealedRequest) // Written by `#sealed`.
  }

  #jobOf(row: ImportJobTable): ImportJob {
    return {
      id: row.id,
      orgId: row.org_id,
      state: row.state as ImportState, // Written by `insert` and `update` from this very type.
      ...(row.file_name === null ? {} : { fileName: row.file_name }),
      ...(row.size_bytes === null ? {} : { sizeBytes: Number(row.size_bytes) }),
      receivedBytes: Number(row.received_bytes),
      ...(row.recording_id === null ? {} : { recordingId: row.recording_id }),
      ...(row.error === null ? {} : { error: row.error }),
      createdBy: row.created_by,
      createdAt: Number(row.created_at),
      createdAs: row.created_as as Actor['as'], // As above.
      ownRecordingId: this.#opened(row.id, row.request)?.recordingId ?? row.recording_id ?? '',
      request: row.request,
    }
  }
}

/** What others see of an import. */
export function importOf(job: ImportJob): Import {
  const { createdAs: _as, ownRecordingId: _own, request: _request, ...seen } = job
  return seen
}
