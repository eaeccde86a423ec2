/**
 * A whole server with a library of recordings: filled at rest by imports, then started, then asked over its sockets. Its
 * database is read beside it, on whichever engine, for what no operation shows: events that wait and rows of the audit log.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import {
  type Actor,
  type ImportRequest,
  type LibraryTables,
  openRecordings,
  type Recordings,
} from '@tandem/recordings'
import { applyDirectory, createToken, openOperatorData, readConfig, type ServerData } from '@tandem/server'
import type { Kysely, StoreTables } from '@tandem/store'
import { Stage } from '../../../tools/stage.ts'
import { CALLERS, type CallerName, directory, IDS } from './cast.ts'

/** What a server stands on: its database and its store of files, as settings. */
export interface Ground {
  readonly settings: Readonly<Record<string, string>>
  /** How many recordings the test of paging has: a store over HTTP takes its time for each. */
  readonly pagedRecordings: number
}

/** An answer of the server. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: bodies are looked into by the tests, which know what they asked for.
  readonly json: any
  /** Its name in the audit log. */
  readonly trackingId: string
}

/** One row of the audit log, in short. */
export interface Written {
  readonly action: string
  readonly as: string
  readonly recordingId: string | null
  readonly trackingId: string | null
}

/** One event of the outbox. */
export interface Told {
  readonly resource: string
  readonly event: string
  readonly key: string
  readonly data: Readonly<Record<string, unknown>>
}

interface AuditRows {
  audit: {
    seq: number
    action: string
    actor_role: string
    recording_id: string | null
    tracking_id: string | null
  }
}

/** Fills a library before the server starts. */
export type Seed = (seeder: Seeder) => Promise<void>

/** A library at rest. */
export class Seeder {
  readonly library: Recordings
  readonly #folder: string

  constructor(library: Recordings, folder: string) {
    this.library = library
    this.#folder = folder
  }

  /** Imports a file; the id of its recording. */
  async add(media: Uint8Array, request: ImportRequest, orgId: string = IDS.org): Promise<string> {
    const path = join(this.#folder, randomUUID())
    writeFileSync(path, media)
    const actor: Actor = { orgId, personId: IDS.admin, as: 'admin' }
    const { recordingId, state, error } = await this.library.imports.importFile(actor, request, path)
    rmSync(path)
    if (state !== 'done' || recordingId === undefined) throw new Error(`an import is ${state}: ${error}`)
    return recordingId
  }
}

/** An open house. */
export class House {
  readonly stage: Stage
  readonly data: ServerData
  readonly #tokens: ReadonlyMap<CallerName, string>
  #left: Promise<void> | undefined

  private constructor(stage: Stage, data: ServerData, tokens: ReadonlyMap<CallerName, string>) {
    this.stage = stage
    this.data = data
    this.#tokens = tokens
  }

  /** Fills the library, then starts the server over it. */
  static async open(ground: Ground, seed: Seed): Promise<House> {
    const { settings } = ground
    const prepare = (dataFolder: string): Promise<void> => fill(dataFolder, settings, seed)
    const stage = await Stage.open({ directory: directory(), settings, prepare })
    try {
      const data = await openOperatorData(configOf(stage.dataFolder, settings))
      const tokens = new Map<CallerName, string>()
      for (const [name, [email, scopes]] of Object.entries(CALLERS))
        tokens.set(name as CallerName, (await createToken(data.db, { email, scopes })).token)
      return new House(stage, data, tokens)
    } catch (error) {
      await stage.close()
      throw error
    }
  }

  token(caller: CallerName): string {
    const token = this.#tokens.get(caller)
    if (token === undefined) throw new Error(`nobody has a token for ${caller}`)
    return token
  }

  /** Asks the API as somebody. */
  ask(caller: CallerName, method: string, path: string, body?: unknown): Promise<Answer> {
    const content = body === undefined ? undefined : JSON.stringify(body)
    return this.#fetch(caller, method, path, content, 'application/json')
  }

  /** Sends media as somebody. */
  send(caller: CallerName, path: string, content: Uint8Array): Promise<Answer> {
    return this.#fetch(caller, 'PUT', path, Buffer.from(content), 'application/octet-stream')
  }

  async #fetch(
    caller: CallerName,
    method: string,
    path: string,
    body: string | Buffer<ArrayBuffer> | undefined,
    contentType: string,
  ): Promise<Answer> {
    const trackingId = `CELL_${randomUUID()}`
    const answer = await fetch(path.startsWith('http') ? path : `${this.stage.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token(caller)}`,
        trackingid: trackingId,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body }),
    })
    const text = await answer.text()
    const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json')
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
      trackingId,
    }
  }

  /** The number of the newest event. */
  async lastEvent(): Promise<number> {
    const row = await this.#db
      .selectFrom('outbox')
      .select((eb) => eb.fn.max('id').as('id'))
      .executeTakeFirst()
    return Number(row?.id ?? 0)
  }

  /** Events about a recording after a number, oldest first. */
  async eventsOf(recordingId: string, after: number): Promise<Told[]> {
    const rows = await this.#db
      .selectFrom('outbox')
      .selectAll()
      .where('id', '>', after)
      .where('key', '=', recordingId)
      .orderBy('id')
      .execute()
    return rows.map(({ resource, event, key, payload }) => ({
      resource,
      event,
      key,
      data: JSON.parse(payload) as Told['data'], // Written by the server.
    }))
  }

  /** What the catalogue says of a recording; undefined when there is no row. */
  async rowOf(recordingId: string): Promise<{ status: string; owner_name: string } | undefined> {
    return this.#db
      .selectFrom('recording')
      .select(['status', 'owner_name'])
      .where('id', '=', recordingId)
      .executeTakeFirst()
  }

  /** What requests have left in the audit log, by their tracking ids. */
  async written(trackingIds: ReadonlySet<string>, after: number): Promise<ReadonlyMap<string, Written[]>> {
    const rows = await this.#audit
      .selectFrom('audit')
      .selectAll()
      .where('seq', '>', after)
      .orderBy('seq')
      .execute()
    const found = new Map<string, Written[]>()
    for (const { action, actor_role: as, recording_id: recordingId, tracking_id: trackingId } of rows) {
      if (trackingId === null || !trackingIds.has(trackingId)) continue
      const list = found.get(trackingId) ?? []
      found.set(trackingId, list)
      list.push({ action, as, recordingId, trackingId })
    }
    return found
  }

  /** The number of the newest row of the audit log. */
  async lastWritten(): Promise<number> {
    const row = await this.#audit
      .selectFrom('audit')
      .select((eb) => eb.fn.max('seq').as('seq'))
      .executeTakeFirst()
    return Number(row?.seq ?? 0)
  }

  /** Applies another directory beside the running server, as an operator does. */
  async apply(text: string): Promise<void> {
    const { errors } = await applyDirectory(this.data, text, { fileName: 'directory.yaml', now: Date.now() })
    if (errors.length > 0) throw new Error(errors.join('\n'))
  }

  /** Lets go of the database, so that a server can start over it alone. Safe to repeat. */
  leave(): Promise<void> {
    this.#left ??= this.data.close()
    return this.#left
  }

  /** Ends the server; its exit code. */
  async close(): Promise<number> {
    await this.leave()
    const code = await this.stage.stop()
    await this.stage.close()
    return code
  }

  get #db(): Kysely<LibraryTables & StoreTables> {
    return this.data.db.kysely as unknown as Kysely<LibraryTables & StoreTables> // Every server's database has them.
  }

  get #audit(): Kysely<AuditRows> {
    return this.data.db.kysely as unknown as Kysely<AuditRows> // The part of it that is read here.
  }
}

/** The configuration of a data folder, for whoever opens it beside or before the server. */
export function configOf(
  dataFolder: string,
  settings: Readonly<Record<string, string>>,
): ReturnType<typeof readConfig> {
  return readConfig({ env: { TANDEM_DATA_FOLDER: dataFolder, ...settings } })
}

async function fill(
  dataFolder: string,
  settings: Readonly<Record<string, string>>,
  seed: Seed,
): Promise<void> {
  const config = configOf(dataFolder, settings)
  const data = await openOperatorData(config)
  try {
    const { errors } = await applyDirectory(data, directory(), {
      fileName: 'directory.yaml',
      now: Date.now(),
    })
    if (errors.length > 0) throw new Error(errors.join('\n'))
    const library = await openRecordings({
      db: data.db as never, // It has the tables of recordings.
      dataFolder,
      kek: data.keys.kek,
      linkKey: data.keys.linkKey,
      logger: SILENT,
      onAlarm() {},
      storageRegion: config.storageRegion,
      vaultUrl: config.vaultUrl,
      encryption: config.encryption === 'on',
      env: settings,
    })
    try {
      await library.recover()
      const folder = join(dataFolder, 'incoming')
      mkdirSync(folder, { recursive: true })
      await seed(new Seeder(library, folder))
    } finally {
      await library.close()
    }
  } finally {
    await data.close()
  }
}
