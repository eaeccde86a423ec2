/**
 * A whole copy of a SQLite file while others write to it: `VACUUM INTO` over a reading connection in a thread of its own.
 * In WAL mode a reader holds no writer back, so writes go on at their pace; the log grows for as long as the copy takes.
 * The other way, SQLite's online backup, starts again at each write of another process and copies free pages too; this
 * one copies one moment, and nothing that was deleted.
 *
 * The copy appears under its name whole and synced, or not at all (storage rule R2).
 */
import { Worker } from 'node:worker_threads'
import { StoreError } from '../error.ts'
import type { CopyData, CopyOutcome } from './copy-worker.ts'

/** Copies `file` to `toFile`, which must not exist; fails with a `StoreError`. */
export async function copyFile(file: string, toFile: string): Promise<void> {
  const data: CopyData = { file, toFile }
  const worker = new Worker(new URL('./copy-worker.ts', import.meta.url), {
    workerData: data,
    name: 'database copy',
    execArgv: [], // Flags such as `--input-type` are the main program's own.
  })
  const outcome = await new Promise<CopyOutcome>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  if (outcome.fault !== undefined) throw new StoreError(outcome.fault.code, outcome.fault.message)
}
