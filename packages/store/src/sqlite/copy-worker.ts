/** The thread behind `copyFile`: copies, syncs, gives the copy its name, and says how it went. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { StoreFault } from '../error.ts'
import { BUSY_WAIT_MS } from './connection.ts'
import { syncFolder } from './make-folder.ts'

/** What is copied where. */
export interface CopyData {
  readonly file: string
  readonly toFile: string
}

/** How it went. */
export interface CopyOutcome {
  readonly fault?: StoreFault
}

const { file, toFile } = workerData as CopyData // Given by `copyFile`.
const part = `${toFile}.part`

function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function copy(): void {
  if (existsSync(toFile)) throw new Error('there is such a file already')
  rmSync(part, { force: true }) // Left by a copy that was cut off.
  const source = new DatabaseSync(file, { readOnly: true, timeout: BUSY_WAIT_MS })
  try {
    source.prepare('VACUUM INTO ?').run(part)
  } finally {
    source.close()
  }
  sync(part)
  renameSync(part, toFile)
  syncFolder(dirname(toFile))
}

function outcome(): CopyOutcome {
  try {
    copy()
    return {}
  } catch (error) {
    rmSync(part, { force: true })
    const why = error instanceof Error ? error.message : String(error)
    return {
      fault: { code: 'backup', message: `The database ${file} could not be copied to ${toFile}: ${why}.` },
    }
  }
}

parentPort?.postMessage(outcome())
