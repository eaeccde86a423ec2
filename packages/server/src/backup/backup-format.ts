/**
 * What a backup is: a folder with a copy of the database, the files that its rows name, a list of all of them with their
 * hashes, and `backup.json`, which names copy and list by hash and carries a hash of itself. That file is put in place
 * last: without it, or with one that does not fit, there is no backup.
 *
 *     backup.json                what there is
 *     tandem-<time>.db           the database
 *     files-<time>.ndjson        one line a file
 *     vault/…  clips/…           the files, as they lie in the data folder: sealed
 *     backup.lock                held while one is made
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartFailure } from '../start-failure.ts'
import { putText, reasonOf } from './disk.ts'

/** The name of the file that makes a folder a backup. */
export const BACKUP_FILE = 'backup.json'
/** Held while a backup is made. */
export const LOCK_FILE = 'backup.lock'
/** Counts changes of the format. */
const FORMAT = 1
/** Far above any that we write; the lists are files of their own. */
const BACKUP_FILE_BYTES_MAX = 65_536

/** One stored file with its hash, as it lies on disk. */
export interface NamedFile {
  readonly name: string
  /** Of the stored bytes, lower-case hex. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** What `backup.json` says. */
export interface Backup {
  readonly format: number
  /** ISO 8601; the database is as of this moment or a little later. */
  readonly startedAt: string
  readonly finishedAt: string
  /** Of the program that made it. */
  readonly release: string
  /** Null: the database is PostgreSQL, which is copied by its own tools. */
  readonly database: NamedFile | null
  /** False: the vault is an object store, which is copied by its own tools. */
  readonly holdsVault: boolean
  readonly list: NamedFile
  readonly files: number
  readonly bytes: number
}

/** One line of the list. */
export interface ListedFile {
  /** Key of the recording that it belongs to; empty for what is no recording's. */
  readonly id: string
  /** From the backup's folder: `vault/…`, `clips/…`. */
  readonly path: string
  /** Of the stored bytes; empty when the file is not in the backup. */
  readonly sha256: string
  readonly sizeBytes: number
  /** Why it is not in the backup: its recording was erased meanwhile, or it was not in the vault. */
  readonly absent?: 'erased' | 'missing'
}

/** Writes `backup.json`, whole and on disk when it resolves. */
export async function writeBackup(folder: string, backup: Omit<Backup, 'format'>): Promise<void> {
  await putText(join(folder, BACKUP_FILE), textOf({ format: FORMAT, ...backup }))
}

/** What a folder holds; undefined when there is no `backup.json`. Throws `StartFailure` when that is damaged. */
export async function readBackup(folder: string): Promise<Backup | undefined> {
  const file = join(folder, BACKUP_FILE)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === 'ENOENT') return undefined
    throw new StartFailure(`The backup ${folder} cannot be read (${reason}): check its name and its rights.`)
  }
  const backup = parse(text)
  if (backup === undefined)
    throw new StartFailure(`${file} is damaged, or of another release: take another backup.`)
  return backup
}

/** The text follows from the content alone, so that every changed byte of it shows. */
function textOf(backup: Backup): string {
  const content = JSON.stringify(backup, undefined, 2)
  const sha256 = createHash('sha256').update(content).digest('hex')
  return `${JSON.stringify({ backup, sha256 }, undefined, 2)}\n`
}

function parse(text: string): Backup | undefined {
  if (text.length > BACKUP_FILE_BYTES_MAX) return undefined
  try {
    const { backup } = JSON.parse(text) as { readonly backup: Backup } // Checked by what it is written as again.
    return backup.format === FORMAT && textOf(backup) === text ? backup : undefined
  } catch {
    return undefined // Not JSON, or not of this shape: damaged either way.
  }
}
