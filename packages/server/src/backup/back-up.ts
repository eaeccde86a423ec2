/**
 * `tandem backup`: copies a data folder beside a running server, only what the last backup lacks (docs/decisions/0018).
 *
 * The database goes first, as of one moment; then the files that the rows of this copy name. A file is in the vault before
 * its row is, so it is there for every row, unless it went since: with its recording (erased, and noted as such), or
 * because a newer one took its place (then the database is copied again). Neither the master key nor the data keys are
 * ever copied here, so that an erased recording stays unreadable in every backup (promise P16).
 */
import * as disk from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { SILENT } from '@tandem/base'
import { KeptFiles, LIBRARY_MIGRATIONS, VaultUnusable, vaultFolder } from '@tandem/recordings'
import { type DatabaseCopy, dialectOf, holdLock, openCopy, StoreError } from '@tandem/store'
import type { Config } from '../config/settings.ts'
import { openServerDatabase, type ServerDatabase } from '../data/open-data.ts'
import { StartFailure } from '../start-failure.ts'
import { KEYS_FILE } from './back-up-keys.ts'
import { type Backup, LOCK_FILE, type NamedFile, readBackup, writeBackup } from './backup-format.ts'
import { type CopyWork, copyClips, copyRecordings } from './copy-files.ts'
import { hashFile, reasonOf, syncFolder } from './disk.ts'
import { FormerFiles, ListWriter } from './file-list.ts'
import { overlap } from './places.ts'
import { removeOthers } from './remove-others.ts'

/** How often the database is copied anew because files of rows were replaced while it was. */
const ATTEMPTS_MAX = 3

/** What of the configuration a backup needs; no key among it. */
export type BackupConfig = Pick<Config, 'dataFolder' | 'databaseUrl' | 'vaultUrl'>

/** How to make one. */
export interface BackupOptions {
  /** Of the program, for `backup.json`. */
  readonly release: string
  /** Told now and then how many files were looked at. */
  readonly onProgress?: (files: number) => void
  /** Unix milliseconds. */
  readonly now?: () => number
  /** Runs when the database was copied and no file yet, for tests that change something then. */
  readonly onDatabaseCopied?: () => Promise<void>
}

/** What was done. */
export interface BackupDone {
  readonly backup: Backup
  /** Files that the last backup lacked. */
  readonly copied: number
  readonly copiedBytes: number
  /** Files of the last backup that belong to nothing any more. */
  readonly removed: number
  /** Recordings that were erased while the backup was made. */
  readonly erased: number
  /** Sentences on what should be there and is not, or is not what its row says. */
  readonly problems: readonly string[]
}

/** Makes a backup in a folder, or brings the one there up to date. Throws `StartFailure`, the last one being whole still. */
export async function backUp(
  config: BackupConfig,
  folder: string,
  options: BackupOptions,
): Promise<BackupDone> {
  await refusePlaces(config, folder)
  const unlock = await lock(folder)
  let db: ServerDatabase | undefined
  try {
    db = await openServerDatabase(
      { ...config, key: undefined },
      { logger: SILENT, exclusive: false, migrations: LIBRARY_MIGRATIONS },
    )
    return await new Run(config, resolve(folder), db, options).run()
  } catch (error) {
    if (error instanceof StoreError || error instanceof VaultUnusable)
      throw new StartFailure(error.message, { cause: error })
    if (error instanceof Error && 'syscall' in error)
      throw new StartFailure(
        `The backup could not be written to ${folder} or read from ${config.dataFolder} (${error.message}): the last backup there is as it was.`,
        { cause: error },
      )
    throw error
  } finally {
    await db?.close()
    unlock()
  }
}

class Run {
  readonly #config: BackupConfig
  readonly #folder: string
  readonly #db: ServerDatabase
  readonly #options: BackupOptions
  readonly #now: () => number

  constructor(config: BackupConfig, folder: string, db: ServerDatabase, options: BackupOptions) {
    this.#config = config
    this.#folder = folder
    this.#db = db
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  async run(): Promise<BackupDone> {
    let former = await this.#former()
    let [copied, copiedBytes] = [0, 0]
    for (let attempt = 1; ; attempt++) {
      const { work, ...backup } = await this.#attempt(former, attempt)
      copied += work.copied
      copiedBytes += work.copiedBytes
      if (work.replaced > 0 && attempt < ATTEMPTS_MAX) {
        former = backup.list // What was copied already need not be copied again.
        continue
      }
      if (work.replaced > 0)
        work.problems.push(
          `${work.replaced} files were replaced by newer ones while the backup was made, again and again: make another when there is less to do.`,
        )
      await writeBackup(this.#folder, backup)
      const removed = await removeOthers(this.#folder, backup)
      return {
        backup: { format: 1, ...backup },
        copied,
        copiedBytes,
        removed,
        erased: work.erased.size,
        problems: work.problems,
      }
    }
  }

  async #attempt(
    former: NamedFile | undefined,
    attempt: number,
  ): Promise<Omit<Backup, 'format'> & { readonly work: CopyWork }> {
    const startedAt = new Date(this.#now()).toISOString()
    const stamp = `${startedAt.replaceAll(/[-:.]/g, '')}-${attempt}`
    const database = await this.#copyDatabase(`tandem-${stamp}.db`)
    await this.#options.onDatabaseCopied?.()
    const vault = vaultFolder(this.#config.vaultUrl, this.#config.dataFolder)
    const copy: DatabaseCopy<object> | undefined =
      database === null ? undefined : openCopy(join(this.#folder, database.name))
    const list = await ListWriter.open(this.#folder, `files-${stamp}.ndjson`)
    const formerFiles = new FormerFiles(former === undefined ? undefined : join(this.#folder, former.name))
    const work: CopyWork = {
      ...{ copied: 0, copiedBytes: 0, files: 0, bytes: 0, replaced: 0 },
      ...{ problems: [], erased: new Set(), folders: new Set() },
    }
    try {
      const from = copy?.kysely ?? this.#db.kysely
      const now = new KeptFiles(this.#db.kysely)
      const to = { folder: this.#folder, list, former: formerFiles, work, now }
      const { onProgress = () => {} } = this.#options
      await copyClips(from, this.#db, { ...to, dataFolder: this.#config.dataFolder })
      if (vault !== undefined) await copyRecordings(new KeptFiles(from), { ...to, vault, onProgress })
      for (const path of work.folders) await this.#syncUp(path)
      return {
        work,
        startedAt,
        finishedAt: new Date(this.#now()).toISOString(),
        release: this.#options.release,
        database,
        holdsVault: vault !== undefined,
        list: await list.end(),
        files: work.files,
        bytes: work.bytes,
      }
    } catch (error) {
      await list.drop()
      throw error
    } finally {
      await formerFiles.close()
      await copy?.close()
    }
  }

  async #copyDatabase(name: string): Promise<NamedFile | null> {
    if (dialectOf(this.#db.kysely) === 'postgres') return null
    const file = join(this.#folder, name)
    await disk.rm(file, { force: true }) // Of the same millisecond, by a run that was cut off.
    await this.#db.backup(file)
    const hashed = await hashFile(file)
    if (hashed === undefined)
      throw new StartFailure(`The copy ${file} is gone: does something else clear that folder?`)
    return { name, ...hashed }
  }

  /** The list of the backup that is there, if it is what `backup.json` says; else everything is copied again. */
  async #former(): Promise<NamedFile | undefined> {
    const list = await readBackup(this.#folder).then(
      (backup) => backup?.list,
      () => undefined,
    )
    if (list === undefined) return undefined
    const found = await hashFile(join(this.#folder, list.name))
    return found?.sha256 === list.sha256 ? list : undefined
  }

  /** A new folder is on disk once its parents know it. */
  async #syncUp(path: string): Promise<void> {
    for (let at = path; at.startsWith(this.#folder); at = dirname(at)) await syncFolder(at)
  }
}

async function lock(folder: string): Promise<() => void> {
  try {
    await disk.mkdir(folder, { recursive: true, mode: 0o700 })
    await disk.access(folder, disk.constants.W_OK | disk.constants.X_OK)
  } catch (error) {
    throw new StartFailure(
      `The folder ${folder} cannot be written (${reasonOf(error)}): make it writable for this user, or name another.`,
    )
  }
  try {
    return holdLock(join(folder, LOCK_FILE))
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    throw new StartFailure(`Another backup to ${folder} is being made: wait for its end.`, { cause: error })
  }
}

async function refusePlaces(config: BackupConfig, folder: string): Promise<void> {
  const hasData = await disk.stat(config.dataFolder).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!hasData)
    throw new StartFailure(`There is no data folder ${config.dataFolder}: name it with --data-folder.`)
  if (overlap(config.dataFolder, folder))
    throw new StartFailure(
      'A backup inside of the data folder, or around it, is none: name a folder elsewhere.',
    )
  const hasKeys = await disk.stat(join(folder, KEYS_FILE)).then(
    () => true,
    () => false,
  )
  if (hasKeys)
    throw new StartFailure(
      `The folder ${folder} holds the keys of recordings: keep the backup in another, so that whoever has one has not both.`,
    )
}
