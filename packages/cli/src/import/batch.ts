/**
 * Imports many files, a few at a time. A file that cannot be imported is an outcome, and the others go on; a server that
 * refuses the token, or fails one file after the other, ends the batch, which is then simply run again: what is in is
 * passed over by its hash.
 */
import type { WebexClient } from '@tandem/sdk'
import { loadSdk } from '../load.ts'
import type { MediaFile } from './found-files.ts'
import { type FileImport, importFile, type Outcome } from './import-file.ts'

/** Files in a row that the server fails before the batch ends: it will not get better by asking on. */
export const FAULTS_IN_A_ROW_MAX = 5

/** What is imported, and who is told. */
export interface Batch extends Omit<FileImport, 'file' | 'onProgress' | 'client'> {
  readonly client: WebexClient
  readonly files: readonly MediaFile[]
  /** Files at a time. */
  readonly concurrency: number
  readonly onBytes: (file: MediaFile, receivedBytes: number) => void
  readonly onOutcome: (file: MediaFile, outcome: Outcome) => void
}

/** Imports them all; throws what ended the batch before its end. */
export async function importBatch(batch: Batch): Promise<void> {
  const { files, concurrency, onBytes, onOutcome, ...rest } = batch
  const waiting = [...files].reverse()
  const faults = { inARow: 0, fatal: undefined as unknown }
  const work = async (): Promise<void> => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      const onProgress = ({ receivedBytes }: { readonly receivedBytes: number }): void =>
        onBytes(file as MediaFile, receivedBytes)
      try {
        onOutcome(file, await importFile({ ...rest, file, onProgress }))
        faults.inARow = 0
      } catch (error) {
        const judged = await judge(error)
        faults.inARow = judged.isServers ? faults.inARow + 1 : 0
        onOutcome(file, { state: 'failed', error: judged.why })
        if (!judged.isFatal && faults.inARow < FAULTS_IN_A_ROW_MAX) continue
        faults.fatal ??= error
        waiting.length = 0
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, files.length) }, work))
  if (faults.fatal !== undefined) throw faults.fatal
}

/** Whose fault an error is: the file's, the server's, or one that all files would meet. Others are ours. */
async function judge(
  error: unknown,
): Promise<{ readonly why: string; readonly isServers: boolean; readonly isFatal: boolean }> {
  const { Forbidden, Unauthorized, WebexApiError, WebexError } = await loadSdk()
  if (!(error instanceof WebexError)) throw error
  const why = error instanceof WebexApiError ? error.description : error.message
  const isFatal = error instanceof Unauthorized || error instanceof Forbidden
  const isAnswered = error instanceof WebexApiError && error.status < 500 && error.status !== 429
  return { why, isFatal, isServers: !isAnswered && error.name !== 'InvalidArgument' }
}
