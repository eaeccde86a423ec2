/** Transcripts that recordings came with: stored after the recording, and kept in the row of the import until then. */
import type { Logger } from '@tandem/base'
import type { Actor } from '../library.ts'
import type { Transcripts } from '../transcript/transcripts.ts'
import type { ImportJob, ImportJobs } from './import-jobs.ts'
import type { ImportRequest } from './imports.ts'
import type { Taken } from './intake.ts'

/** Transcripts stored in one run, so that it never takes long. */
const STORED_AT_ONCE = 200

/** What it works with. */
export interface ImportTranscriptsOptions {
  readonly jobs: ImportJobs
  readonly transcripts: Pick<Transcripts, 'put'> | undefined
  readonly logger: Logger
  /** Notes that nothing is left to be done for an import. */
  readonly over: (id: string) => Promise<void>
}

/** See the head of this file. */
export class ImportTranscripts {
  readonly #options: ImportTranscriptsOptions

  constructor(options: ImportTranscriptsOptions) {
    this.#options = options
  }

  /** Stores a transcript that came with a recording; what fails is tried again by `tidy`, since its row keeps it. */
  async put(
    job: Pick<ImportJob, 'id' | 'orgId' | 'createdBy' | 'createdAs'>,
    request: ImportRequest,
    taken: Taken,
  ): Promise<void> {
    const { transcripts, logger, over } = this.#options
    if (taken.kind !== 'done' || request.transcript === undefined) return
    const actor: Actor = { orgId: job.orgId, personId: job.createdBy, as: job.createdAs }
    try {
      await transcripts?.put(actor, taken.recordingId, request.transcript)
      await over(job.id)
    } catch (error) {
      logger.warn('The transcript of an import is still to be stored', {
        importId: job.id,
        error: String(error),
      })
    }
  }

  /** Stores those that are due. */
  async putDue(): Promise<void> {
    const { jobs, over } = this.#options
    for (const job of await jobs.transcriptsDue(STORED_AT_ONCE)) {
      const request = jobs.requestOf(job)
      if (request === undefined) await over(job.id)
      else await this.put(job, request, { kind: 'done', recordingId: job.recordingId ?? '' })
    }
  }
}
