/**
 * Imports: recordings from elsewhere, by upload in as many pieces as it takes, or from a file of this machine. One file
 * that is damaged, wrong or enormous fails by itself, with a sentence; what was uploaded of it goes to quarantine, and
 * the others go on. What was acknowledged is on disk (storage rule R1); a restart goes on where it stood.
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from '@tandem/base'
import type { Actor, Cursor, Page } from '../library.ts'
import type { Transcripts } from '../transcript/transcripts.ts'
import { FileImport } from './file-import.ts'
import { Gate } from './gate.ts'
import { failureEntry, failureNote } from './import-failure.ts'
import { ImportFault } from './import-fault.ts'
import { type ImportJob, ImportJobs, importOf, LIVE_STATES } from './import-jobs.ts'
import { ImportParts } from './import-parts.ts'
import { ImportTranscripts } from './import-transcripts.ts'
import type { Import, ImportRequest, Imports } from './imports.ts'
import { checkRequest, Intake, type IntakeOptions, newRecordingId, type Taken } from './intake.ts'
import { MEDIA_BYTES_MAX } from './media-facts.ts'
import { MediaThread } from './media-thread.ts'

/** Files taken in at once: their syncs and commits are shared, and their memory stays below some 30 MB. */
export const IMPORTS_AT_ONCE = 32
/** How long finished imports are remembered, and how long an unfinished one may stand still. */
export const IMPORT_KEPT_MS: number = 7 * 24 * 60 * 60_000
/** Imports tidied in one run, so that it never takes long. */
export const TIDIED_AT_ONCE = 200

/** What imports work with. */
export interface LibraryImportsOptions extends IntakeOptions {
  /** Parts wait here: `imports` in the data folder. */
  readonly folder: string
  readonly quarantine: string
  /** 32 bytes that outlive restarts; hides parts. Without it they lie open until they are published. */
  readonly partSecret?: Uint8Array
  /** Stores the transcript that a recording came with. */
  readonly transcripts?: Pick<Transcripts, 'put'>
  readonly logger: Logger
}

/** Imports over one database and one vault. Call `recover` once after opening. */
export class LibraryImports implements Imports {
  readonly #options: LibraryImportsOptions
  readonly #parts: ImportParts
  readonly #jobs: ImportJobs
  readonly #thread = new MediaThread()
  readonly #intake: Intake
  readonly #transcripts: ImportTranscripts
  readonly #files: FileImport
  readonly #gate = new Gate(IMPORTS_AT_ONCE)
  /** Imports that something is being done with. */
  readonly #busy = new Set<string>()

  private constructor(options: LibraryImportsOptions, parts: ImportParts) {
    this.#options = options
    this.#parts = parts
    this.#jobs = new ImportJobs(
      options.db as unknown as ConstructorParameters<typeof ImportJobs>[0],
      options.passwords,
    ) // It has these tables and others.
    this.#intake = new Intake(options, this.#thread)
    const shared = { jobs: this.#jobs, parts: this.#parts, intake: this.#intake }
    this.#transcripts = new ImportTranscripts({
      ...shared,
      transcripts: options.transcripts,
      logger: options.logger,
      over: (id) => this.#note(id, { isOver: true }),
    })
    const { db, audit, now } = options
    this.#files = new FileImport({ ...shared, db, audit, now, transcripts: this.#transcripts })
  }

  /** Makes the folders where they are missing. */
  static async open(options: LibraryImportsOptions): Promise<LibraryImports> {
    const { folder, quarantine, partSecret } = options
    return new LibraryImports(options, await ImportParts.open({ folder, quarantine, secret: partSecret }))
  }

  /** Throws an `ImportFault` when the request contradicts itself. */
  async create(actor: Actor, request: ImportRequest): Promise<Import> {
    checkRequest(request)
    if (request.sizeBytes === 0) throw new ImportFault('empty', 'The file is empty.')
    if ((request.sizeBytes ?? 0) > MEDIA_BYTES_MAX)
      throw new ImportFault(
        'too-large',
        `The file has ${request.sizeBytes} bytes; the limit is ${MEDIA_BYTES_MAX}.`,
      )
    const sha256 = request.sha256?.toLowerCase()
    const recordingId = sha256 === undefined ? undefined : await this.#intake.known(actor.orgId, sha256)
    const id = randomUUID()
    await this.#options.db.commit([
      this.#jobs.insert({
        id,
        ownRecordingId: newRecordingId(request),
        actor,
        request,
        now: this.#options.now(),
        ...(recordingId === undefined ? { state: 'waiting' } : { state: 'duplicate', recordingId }),
      }),
      ...this.#options.audit.statements([
        {
          actor,
          action: 'import.created',
          detail: { importId: id, fileName: request.fileName, duplicateOf: recordingId },
        },
      ]),
    ])
    return await this.#there(actor.orgId, id)
  }

  async receive(
    actor: Actor,
    id: string,
    upload: { readonly offset: number; readonly bytes: AsyncIterable<Uint8Array>; readonly last: boolean },
  ): Promise<Import | 'missing' | 'conflict'> {
    if (this.#busy.has(id)) return (await this.get(actor.orgId, id)) === undefined ? 'missing' : 'conflict'
    this.#busy.add(id)
    try {
      const job = await this.#jobs.get(actor.orgId, id)
      if (job === undefined) return 'missing'
      if (job.state !== 'waiting' && job.state !== 'receiving') return 'conflict'
      const present = Math.min(job.receivedBytes, await this.#parts.size(id))
      if (upload.offset !== present) return 'conflict'
      return importOf(await this.#receive(actor, job, upload))
    } finally {
      this.#busy.delete(id)
    }
  }

  async get(orgId: string, id: string): Promise<Import | undefined> {
    const job = await this.#jobs.get(orgId, id)
    return job === undefined ? undefined : importOf(job)
  }

  async list(
    orgId: string,
    query: { readonly max: number; readonly cursor?: Cursor },
  ): Promise<Page<Import>> {
    const { items, next } = await this.#jobs.list(orgId, query)
    return { items: items.map(importOf), ...(next === undefined ? {} : { next }) }
  }

  async cancel(actor: Actor, id: string): Promise<'done' | 'missing' | 'conflict'> {
    const isBusy = this.#busy.has(id)
    const job = await this.#jobs.get(actor.orgId, id)
    if (job === undefined) return 'missing'
    if (isBusy || this.#busy.has(id) || (job.state !== 'waiting' && job.state !== 'receiving'))
      return 'conflict'
    this.#busy.add(id)
    try {
      await this.#cancel(actor, job)
      return 'done'
    } finally {
      this.#busy.delete(id)
    }
  }

  importFile(actor: Actor, request: ImportRequest, path: string): Promise<Import> {
    return this.#gate.run(() => this.#files.take(actor, request, path))
  }

  /**
   * Goes on after a start: checks what had arrived whole, notes what really is on disk, puts away parts that belong to
   * nothing. Call it before anything is received.
   */
  async recover(): Promise<{ readonly resumed: number; readonly putAway: number }> {
    const live = await this.#allLive()
    for (const job of live) await this.#recovered(job)
    const kept = new Set(live.map((job) => job.id))
    const strays = (await this.#parts.ids()).filter((id) => !kept.has(id))
    for (const id of strays)
      await this.#parts.quarantine(id, { importId: id, why: 'No import knows this part.' })
    await this.#transcripts.putDue()
    return { resumed: live.filter((job) => job.state === 'checking').length, putAway: strays.length }
  }

  /** Forgets imports that ended a week ago, gives up those that stood still for one, stores transcripts that are due. */
  async tidy(): Promise<void> {
    const until = this.#options.now() - IMPORT_KEPT_MS
    const over = await this.#jobs.standing(
      ['done', 'duplicate', 'failed', 'cancelled'],
      until,
      TIDIED_AT_ONCE,
    )
    const forgotten = over.filter((job) => job.request === '').map((job) => job.id)
    if (forgotten.length > 0) await this.#options.db.commit([this.#jobs.forget(forgotten)])
    for (const job of await this.#jobs.standing(['waiting', 'receiving'], until, TIDIED_AT_ONCE)) {
      if (this.#busy.has(job.id)) continue
      await this.#cancel({ orgId: job.orgId, personId: '', as: 'system' }, job)
    }
    await this.#transcripts.putDue()
  }

  /** Ends the media thread; what is being taken in fails and is taken up again after the next start. */
  close(): Promise<void> {
    return this.#thread.close()
  }

  async #receive(
    actor: Actor,
    job: ImportJob,
    upload: { readonly offset: number; readonly bytes: AsyncIterable<Uint8Array>; readonly last: boolean },
  ): Promise<ImportJob> {
    const { id, orgId, sizeBytes } = job
    let received = upload.offset
    try {
      const isWhole = await this.#parts.append(id, { ...upload, sizeBytes }, async (bytes) => {
        received = bytes
        await this.#note(id, { state: 'receiving', receivedBytes: bytes })
      })
      // `last` with bytes missing is a connection that broke: the upload goes on from there.
      if (isWhole && upload.last && received === (sizeBytes ?? received)) return await this.#check(actor, job)
    } catch (error) {
      if (!(error instanceof ImportFault)) throw error
      await this.#fail(actor, job, error)
    }
    return await this.#there(orgId, id)
  }

  /** Takes in a part that is whole. */
  async #check(actor: Actor, job: ImportJob): Promise<ImportJob> {
    const { id, orgId } = job
    await this.#note(id, { state: 'checking' })
    try {
      const request = this.#jobs.requestOf(job)
      if (request === undefined)
        throw new ImportFault('request', 'The key of the server has changed since; begin the import anew.')
      const taken = await this.#gate.run(() => this.#take(actor, job, request))
      if (taken.kind === 'duplicate')
        await this.#note(id, { state: 'duplicate', recordingId: taken.recordingId, isOver: true })
      await this.#parts.remove(id)
      await this.#transcripts.put(job, request, taken)
    } catch (error) {
      if (!(error instanceof ImportFault)) {
        await this.#note(id, { state: 'receiving' }) // All of it is there: sending nothing more tries again.
        throw error
      }
      await this.#fail(actor, job, error)
    }
    return await this.#there(orgId, id)
  }

  async #take(actor: Actor, job: ImportJob, request: ImportRequest): Promise<Taken> {
    const { id, ownRecordingId } = job
    if ((await this.#parts.size(id)) === 0) throw new ImportFault('empty', 'The file is empty.')
    const source = await this.#parts.media(id)
    const incoming = { source, file: this.#parts.file(id), hasChanged: async () => false }
    const isDue = request.transcript !== undefined && this.#options.transcripts !== undefined
    try {
      return await this.#intake.take(actor, ownRecordingId, request, incoming, () => [
        this.#jobs.update(id, {
          state: 'done',
          recordingId: ownRecordingId,
          isOver: !isDue,
          now: this.#options.now(),
        }),
      ])
    } finally {
      await source.close()
    }
  }

  /** The row first: a part that a crash leaves behind is put away at the next start. */
  async #fail(actor: Actor, job: ImportJob, fault: ImportFault): Promise<void> {
    const { id } = job
    const { db, audit, now } = this.#options
    await db.commit([
      this.#jobs.update(id, { state: 'failed', error: fault.message, isOver: true, now: now() }),
      ...audit.statements([failureEntry(actor, id, job.fileName, fault)]),
    ])
    await this.#parts.quarantine(id, failureNote(actor, id, job.fileName, fault, now()))
  }

  async #cancel(actor: Actor, job: ImportJob): Promise<void> {
    const { db, audit, now } = this.#options
    await db.commit([
      this.#jobs.update(job.id, { state: 'cancelled', isOver: true, now: now() }),
      ...audit.statements([
        { actor, action: 'import.cancelled', detail: { importId: job.id, fileName: job.fileName } },
      ]),
    ])
    await this.#parts.remove(job.id)
  }

  async #recovered(job: ImportJob): Promise<void> {
    const actor: Actor = { orgId: job.orgId, personId: job.createdBy, as: job.createdAs }
    if (job.state === 'checking') {
      this.#busy.add(job.id)
      try {
        await this.#check(actor, job)
      } finally {
        this.#busy.delete(job.id)
      }
      return
    }
    const receivedBytes = Math.min(job.receivedBytes, await this.#parts.size(job.id))
    if (receivedBytes === job.receivedBytes) return
    this.#options.logger.warn('An import lost what it had received', { importId: job.id, receivedBytes })
    await this.#note(job.id, { receivedBytes, state: receivedBytes === 0 ? 'waiting' : 'receiving' })
  }

  async #allLive(): Promise<readonly ImportJob[]> {
    return await this.#jobs.standing(LIVE_STATES, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  }

  async #note(id: string, change: Omit<Parameters<ImportJobs['update']>[1], 'now'>): Promise<void> {
    await this.#options.db.commit([this.#jobs.update(id, { ...change, now: this.#options.now() })])
  }

  async #there(orgId: string, id: string): Promise<ImportJob> {
    const job = await this.#jobs.get(orgId, id)
    if (job === undefined) throw new Error(`the import ${id} was forgotten while it went on`)
    return job
  }
}
