/**
 * The import of a file of this machine in one go, for commands and benchmarks: nothing is uploaded, and its row is written
 * when all is over. The file stays where it is.
 */
import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import type { Actor } from '../library.ts'
import { failureEntry, failureNote } from './import-failure.ts'
import { ImportFault } from './import-fault.ts'
import type { ImportJobs } from './import-jobs.ts'
import type { ImportParts } from './import-parts.ts'
import type { ImportTranscripts } from './import-transcripts.ts'
import type { Import, ImportRequest } from './imports.ts'
import { checkRequest, type Intake, type IntakeOptions, newRecordingId } from './intake.ts'
import { localMedia } from './local-media.ts'

/** What it works with. */
export interface FileImportOptions extends Pick<IntakeOptions, 'db' | 'audit' | 'now'> {
  readonly intake: Intake
  readonly jobs: ImportJobs
  readonly parts: Pick<ImportParts, 'note'>
  readonly transcripts: ImportTranscripts
}

/** See the head of this file. */
export class FileImport {
  readonly #options: FileImportOptions

  constructor(options: FileImportOptions) {
    this.#options = options
  }

  /** Takes a file in; what is wrong with it is said by the import. */
  async take(actor: Actor, request: ImportRequest, path: string): Promise<Import> {
    const { db, audit, now, intake, jobs, parts, transcripts } = this.#options
    const id = randomUUID()
    const named = { ...request, fileName: request.fileName ?? basename(path) }
    const recordingId = newRecordingId(request)
    const row = { id, ownRecordingId: recordingId, actor, request: named }
    let sizeBytes = 0
    const seen = (state: Pick<Import, 'state'> & Partial<Import>, at: number): Import => ({
      id,
      orgId: actor.orgId,
      fileName: named.fileName,
      receivedBytes: sizeBytes,
      sizeBytes,
      createdBy: actor.personId,
      createdAt: at,
      ...state,
    })
    try {
      checkRequest(request)
      const media = await localMedia(path)
      try {
        sizeBytes = media.source.sizeBytes
        const at = now()
        const done = { ...row, now: at, receivedBytes: sizeBytes, state: 'done' as const, recordingId }
        const taken = await intake.take(actor, recordingId, request, media, () => [
          jobs.insert({ ...done, request: { ...named, sizeBytes } }),
        ])
        if (taken.kind === 'duplicate') await this.#duplicate(row, sizeBytes, taken.recordingId, at)
        else
          await transcripts.put(
            { id, orgId: actor.orgId, createdBy: actor.personId, createdAs: actor.as },
            request,
            taken,
          )
        return seen({ state: taken.kind, recordingId: taken.recordingId }, at)
      } finally {
        await media.close()
      }
    } catch (error) {
      if (!(error instanceof ImportFault)) throw error
      const at = now()
      await parts.note(id, { ...failureNote(actor, id, named.fileName, error, at), path })
      await db.commit([
        jobs.insert({
          ...row,
          state: 'failed',
          error: error.message,
          receivedBytes: sizeBytes,
          now: at,
        }),
        ...audit.statements([failureEntry(actor, id, named.fileName, error)]),
      ])
      return seen({ state: 'failed', error: error.message }, at)
    }
  }

  async #duplicate(
    row: {
      readonly id: string
      readonly ownRecordingId: string
      readonly actor: Actor
      readonly request: ImportRequest
    },
    sizeBytes: number,
    recordingId: string,
    now: number,
  ): Promise<void> {
    const { db, audit, jobs } = this.#options
    const { id, actor, request } = row
    await db.commit([
      jobs.insert({ ...row, state: 'duplicate', recordingId, receivedBytes: sizeBytes, now }),
      ...audit.statements([
        {
          actor,
          action: 'import.created',
          detail: { importId: id, fileName: request.fileName, duplicateOf: recordingId },
        },
      ]),
    ])
  }
}
