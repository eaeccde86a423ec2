/**
 * A lock on a name of the file system, held for as long as a process wants it: the kernel lets go of it however the
 * process dies, so that none is ever left behind by a crash.
 */
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../error.ts'

/** Takes the lock and returns how to let go of it; fails with a `StoreError` as `locked` when another process has it. */
export function holdLock(file: string): () => void {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(file, { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    throw new StoreError('locked', `Another process works there already, or ${file} cannot be written.`, {
      cause,
    })
  }
  const held = lock
  return () => held.close()
}
