/**
 * `tandem restore`: makes a data folder of a backup, or proves one without keeping anything (promise P5).
 *
 * The order: everything is held against its hash; the copy of the keys brings the list of the erased, which is applied to
 * the rows before a file is copied (promise P16); files are copied; each is opened with its key and held against the hash
 * that its row names; last of all the database gets its name, so that a restore that was cut off is never taken for data.
 */
import * as disk from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { SILENT } from '@tandem/base'
import {
  LIBRARY_MIGRATIONS,
  RestoredLibrary,
  StorageFault,
  VaultUnusable,
  vaultFolder,
} from '@tandem/recordings'
import { openDatabase, StoreError } from '@tandem/store'
import type { Config } from '../config/settings.ts'
import { SERVER_MIGRATIONS } from '../data/migrations.ts'
import { recordingKeysFile, type ServerDatabase } from '../data/open-data.ts'
import type { ServerTables } from '../data/tables.ts'
import { ringOf } from '../keys/key-ring.ts'
import { StartFailure } from '../start-failure.ts'
import { checkKeysCopy } from './back-up-keys.ts'
import type { Backup, ListedFile } from './backup-format.ts'
import { inTurn } from './copy-files.ts'
import { copyFile, filesBelow, hashFile, syncFolder } from './disk.ts'
import { clearFolder, emptyFolder } from './empty-folder.ts'
import { readList } from './file-list.ts'
import { overlap } from './places.ts'
import { adoptKey, findKeys, type RestoredKeys } from './restored-keys.ts'
import { refuseOtherDatabase, wholeBackup } from './whole-backup.ts'

/** The database's name until everything else is in its place. */
const WORKING_NAME = 'tandem.db.restoring'
/** Sentences kept of what differs. */
const DIFFERENCES_MAX = 1_000
/** Files of the list looked at together. */
const BATCH_FILES = 100
/**
 * By how much the count of starts goes up: calls that were made after the backup carry ids of starts that it does not
 * know of, and none may come twice.
 */
const BOOTS_AHEAD = 1_000

/** What of the configuration a restore needs. */
export type RestoreConfig = Pick<Config, 'dataFolder' | 'key' | 'keyCommand' | 'databaseUrl' | 'vaultUrl'>

/** What to restore. */
export interface RestoreOptions {
  /** The folder of the backup. */
  readonly folder: string
  /** The copy of the keys, a file; without it a check proves no more than that every byte is as it was copied. */
  readonly keysFile?: string
  /** Files with master keys, where the configuration does not say: that of the backup, and of the copy of the keys. */
  readonly masterKeyFiles?: readonly string[]
  /** Told now and then how many files were done. */
  readonly onProgress?: (files: number) => void
}

/** What came of it. */
export interface RestoreDone {
  readonly backup: Backup
  /** Files that are as they were copied. */
  readonly files: number
  /** Files whose content is what their row says. */
  readonly contents: number
  /** Recordings that the backup had and that were erased since. */
  readonly erased: number
  /** Everything that differs, in sentences; empty: the restore is whole. */
  readonly differences: readonly string[]
  /** Whether contents were looked at, for which a copy of the keys is needed. */
  readonly opened: boolean
}

/** Restores a backup into the data folder of the configuration. Throws `StartFailure`, having left nothing there. */
export async function restore(config: RestoreConfig, options: RestoreOptions): Promise<RestoreDone> {
  const backup = await wholeBackup(options.folder)
  refuseOtherDatabase(config, backup)
  if (overlap(config.dataFolder, options.folder))
    throw new StartFailure(
      'The data folder and the backup lie in one another: restore to a folder elsewhere.',
    )
  await emptyFolder(config.dataFolder)
  try {
    return await new Restore(config, backup, options, undefined).run()
  } catch (error) {
    await clearFolder(config.dataFolder)
    throw sentence(error, config.dataFolder)
  }
}

/** Proves a backup and keeps nothing of it: what is needed of the database lies in the system's temporary folder. */
export async function checkBackup(config: RestoreConfig, options: RestoreOptions): Promise<RestoreDone> {
  const backup = await wholeBackup(options.folder)
  const scratch = await disk.mkdtemp(join(tmpdir(), 'tandem-check-'))
  try {
    return await new Restore({ ...config, dataFolder: scratch }, backup, options, config.dataFolder).run()
  } catch (error) {
    throw sentence(error, options.folder)
  } finally {
    await disk.rm(scratch, { recursive: true, force: true })
  }
}

class Restore {
  readonly #config: RestoreConfig
  readonly #backup: Backup
  readonly #options: RestoreOptions
  /** Of a check: the data folder whose key file may open it. Files stay where they are then. */
  readonly #checkedFor: string | undefined
  readonly #differences: string[] = []
  #files = 0

  constructor(
    config: RestoreConfig,
    backup: Backup,
    options: RestoreOptions,
    checkedFor: string | undefined,
  ) {
    this.#config = config
    this.#backup = backup
    this.#options = options
    this.#checkedFor = checkedFor
  }

  async run(): Promise<RestoreDone> {
    const { dataFolder } = this.#config
    const { keysFile } = this.#options
    const { database } = this.#backup
    const done = { backup: this.#backup, differences: this.#differences }
    if (database === null || keysFile === undefined) {
      if (this.#checkedFor === undefined)
        throw new StartFailure(
          'Name the copy of the keys with --keys FILE: without it recordings cannot be opened.',
        )
      await this.#takeFiles(new Set())
      return { ...done, files: this.#files, contents: 0, erased: 0, opened: false }
    }
    await checkKeysCopy(keysFile)
    const working = join(dataFolder, WORKING_NAME)
    await copyFile(join(this.#options.folder, database.name), working)
    await copyFile(keysFile, recordingKeysFile(dataFolder))
    const db = await this.#openDatabase(working)
    let outcome: { erased: number; contents: number }
    let keys: RestoredKeys
    try {
      keys = await findKeys(db, this.#keyConfig(), this.#options.masterKeyFiles ?? [])
      outcome = await this.#fill(db, keys)
    } finally {
      await db.close()
    }
    if (this.#checkedFor === undefined) await this.#finish(working, keys)
    return { ...done, ...outcome, files: this.#files, opened: true }
  }

  async #fill(db: ServerDatabase, keys: RestoredKeys): Promise<{ erased: number; contents: number }> {
    const { dataFolder, vaultUrl } = this.#config
    const isCheck = this.#checkedFor !== undefined
    const library = await RestoredLibrary.open({
      db: db as never, // The migrations gave it the tables of the library.
      dataFolder,
      ring: ringOf(keys),
      logger: SILENT,
      vaultUrl: isCheck && this.#backup.holdsVault ? 'file:vault' : vaultUrl,
      env: process.env,
      ...(isCheck && this.#backup.holdsVault ? { filesFolder: join(this.#options.folder, 'vault') } : {}),
    })
    try {
      const gone = await this.#absent()
      const erased = await library.applyErasures(gone.recordings)
      await removeClipRows(db, gone.clips)
      const erasedIds = new Set(gone.recordings)
      for await (const id of library.erased()) erasedIds.add(id)
      const damaged = await this.#takeFiles(erasedIds)
      const contents = await this.#compareContents(library, damaged)
      if (!isCheck) {
        await library.rewrap()
        await adoptKey(db, keys)
        await db.kysely
          .updateTable('node_boot')
          .set((eb) => ({ boots: eb('boots', '+', BOOTS_AHEAD) }))
          .execute()
        await db.checkpoint()
      }
      return { erased, contents }
    } finally {
      await library.close()
    }
  }

  /** What the list names as gone when the backup was made: as good as a list of the erased. */
  async #absent(): Promise<{ readonly recordings: ReadonlySet<string>; readonly clips: readonly string[] }> {
    const recordings = new Set<string>()
    const clips: string[] = []
    for await (const file of readList(join(this.#options.folder, this.#backup.list.name))) {
      if (file.absent !== 'erased') continue
      if (file.id === '') clips.push(file.path)
      else recordings.add(file.id)
    }
    return { recordings, clips }
  }

  /** Copies files, or looks at them; returns the paths of those that are not what was copied once. */
  async #takeFiles(erased: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const damaged = new Set<string>()
    let batch: ListedFile[] = []
    const take = async (): Promise<void> => {
      const faults = await inTurn(batch.map((file) => () => this.#takeFile(file)))
      for (const [at, file] of batch.entries()) {
        const fault = faults[at]
        if (fault === undefined) continue
        damaged.add(file.path)
        this.#differ(fault)
      }
      this.#options.onProgress?.(this.#files)
      batch = []
    }
    for await (const file of readList(join(this.#options.folder, this.#backup.list.name))) {
      if (erased.has(file.id)) continue
      if (file.absent === 'missing') {
        damaged.add(file.path)
        this.#differ(`The file ${file.path} was not there any more when the backup was made.`)
      }
      if (file.absent === undefined && batch.push(file) === BATCH_FILES) await take()
    }
    await take()
    return damaged
  }

  async #takeFile(file: ListedFile): Promise<string | undefined> {
    const from = join(this.#options.folder, file.path)
    const to = this.#target(file.path)
    const copied = to === undefined ? await hashFile(from) : await copyFile(from, to)
    if (copied?.sha256 === file.sha256) {
      this.#files += 1
      return undefined
    }
    const what = copied === undefined ? 'is not in the backup' : 'is damaged in the backup'
    if (to !== undefined && copied !== undefined) {
      // Never thrown away: a part of it may be all that there is (storage rule R5).
      const quarantine = join(this.#config.dataFolder, 'quarantine')
      await disk.mkdir(quarantine, { recursive: true, mode: 0o700 })
      await disk.rename(to, join(quarantine, file.path.replaceAll('/', '_')))
    }
    return `The file ${file.path} ${what}: remove it there and make the backup again while the original is whole.`
  }

  /** Where a file goes; undefined when it stays. */
  #target(path: string): string | undefined {
    if (this.#checkedFor !== undefined) return undefined
    const { vaultUrl, dataFolder } = this.#config
    const vault = vaultFolder(vaultUrl, dataFolder)
    if (!path.startsWith('vault/')) return join(dataFolder, path)
    if (vault === undefined)
      throw new StartFailure(
        'The backup holds the vault as a folder, and vaultUrl names an object store: restore to a folder first.',
      )
    return join(vault, path.slice('vault/'.length))
  }

  /** Opens every file that a row names; returns how many are what the row says. */
  async #compareContents(library: RestoredLibrary, damaged: ReadonlySet<string>): Promise<number> {
    let whole = 0
    for await (const files of library.files()) {
      const named = files.filter((file) => !damaged.has(`vault/${file.vaultKey}`))
      const faults = await inTurn(named.map((file) => () => library.fault(file)))
      for (const [at, fault] of faults.entries())
        if (fault === undefined) whole += 1
        else this.#differ(`Recording ${named[at]?.recordingId}: ${fault}`)
      this.#options.onProgress?.(this.#files + whole)
    }
    return whole
  }

  #differ(sentence: string): void {
    if (this.#differences.length < DIFFERENCES_MAX) this.#differences.push(sentence)
  }

  #keyConfig(): RestoreConfig {
    return { ...this.#config, dataFolder: this.#checkedFor ?? this.#config.dataFolder }
  }

  #openDatabase(file: string): Promise<ServerDatabase> {
    return openDatabase<ServerTables>({
      file,
      attach: { keys: recordingKeysFile(this.#config.dataFolder) },
      migrations: { ...SERVER_MIGRATIONS, ...LIBRARY_MIGRATIONS },
      logger: SILENT,
    })
  }

  async #finish(working: string, keys: RestoredKeys): Promise<void> {
    const { dataFolder } = this.#config
    keys.keepIn(dataFolder)
    const folders = new Set([resolve(dataFolder)])
    for await (const path of filesBelow(dataFolder)) {
      const steps = path.split('/')
      for (let depth = 1; depth < steps.length; depth++)
        folders.add(join(resolve(dataFolder), ...steps.slice(0, depth)))
    }
    for (const folder of folders) await syncFolder(folder)
    await disk.rename(working, join(dataFolder, 'tandem.db'))
    await syncFolder(dataFolder)
  }
}

async function removeClipRows(db: ServerDatabase, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const [, kind, name = ''] = path.split('/')
    const id = name.slice(0, name.indexOf('.'))
    await db.kysely
      .deleteFrom(kind === 'sounds' ? 'sounds' : 'voicemail')
      .where('id', '=', id)
      .execute()
  }
}

function sentence(error: unknown, where: string): unknown {
  if (error instanceof StoreError || error instanceof StorageFault || error instanceof VaultUnusable)
    return new StartFailure(error.message, { cause: error })
  if (error instanceof Error && 'syscall' in error)
    return new StartFailure(`The disk refused what the restore of ${where} needs (${error.message}).`, {
      cause: error,
    })
  return error
}
