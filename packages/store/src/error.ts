/**
 * What can go wrong with the database, as one typed error: a code for programs, one sentence for the person who must
 * act. Nothing here quotes a row, so a message may be logged.
 */

/**
 * - `unwritable`: the folder or file cannot be made or opened.
 * - `full`: no space is left; the write was undone and may be tried again.
 * - `readonly`: the file or volume takes no writes.
 * - `corrupt`: the file is damaged or is no database.
 * - `locked`: another process holds it.
 * - `io`: the disk refused to read, write or sync. After a failed sync nothing is written until a restart (R4).
 * - `newer-schema`: the file was made by a newer release.
 * - `unsafe`: the engine refused a setting that durability needs (R6).
 * - `constraint`: a unique, foreign-key or check rule was broken; the whole batch was undone.
 * - `query`: the statement itself is wrong, a bug of ours.
 * - `expired`: an interactive transaction held the writer for too long and was undone.
 * - `closed`: the database was closed or its thread has ended.
 * - `address`: the database URL is not one.
 * - `unreachable`: no connection to the server, or it broke. Work that was under way may or may not have been kept.
 * - `denied`: the server refuses the user, or the user may not do what is needed.
 * - `missing`: the database, or a file that belongs to it, is not there or is another one's.
 * - `backup`: a copy could not be made; the database itself is as it was.
 */
export type StoreErrorCode =
  | 'unwritable'
  | 'full'
  | 'readonly'
  | 'corrupt'
  | 'locked'
  | 'io'
  | 'newer-schema'
  | 'unsafe'
  | 'constraint'
  | 'query'
  | 'expired'
  | 'closed'
  | 'address'
  | 'unreachable'
  | 'denied'
  | 'missing'
  | 'backup'

/** The one error that the store throws. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A `StoreError` as it travels between threads. */
export interface StoreFault {
  readonly code: StoreErrorCode
  readonly message: string
}

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_READONLY = 8
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_CONSTRAINT = 19
const SQLITE_NOTADB = 26
const PRIMARY_CODE_MASK = 0xff // The rest of an extended code says where inside SQLite it happened.

/** Says what an exception of `node:sqlite`, met with the database at `file`, means. */
export function sqliteFault(error: unknown, file: string): StoreFault {
  if (error instanceof StoreError) return { code: error.code, message: error.message }
  const detail = error instanceof Error ? error.message : String(error)
  const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0
  switch (errcode & PRIMARY_CODE_MASK) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {
        code: 'locked',
        message: `The database ${file} is in use by another process: stop it, or choose another data folder.`,
      }
    case SQLITE_READONLY:
      return {
        code: 'readonly',
        message: `The database ${file} cannot be written: make the file and its folder writable for this user.`,
      }
    case SQLITE_IOERR:
      return {
        code: 'io',
        message: `The disk refused to read, write or sync ${file} (${detail}): check the disk, then restart.`,
      }
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {
        code: 'corrupt',
        message: `The database ${file} is damaged (${detail}): move it away and restore it from a backup.`,
      }
    case SQLITE_FULL:
      return { code: 'full', message: `No space is left on the disk of ${file}: free some space.` }
    case SQLITE_CANTOPEN:
      return {
        code: 'unwritable',
        message: `The database ${file} cannot be opened: make its folder exist and writable for this user.`,
      }
    case SQLITE_CONSTRAINT:
      return { code: 'constraint', message: `The database refused a row: ${detail}.` }
  }
  return { code: 'query', message: `The database refused a statement: ${detail}.` }
}

/** Whether a fault means that the volume can no longer be trusted with writes until a restart (R4). */
export function endsWriting(fault: StoreFault): boolean {
  return fault.code === 'io' || fault.code === 'corrupt'
}
