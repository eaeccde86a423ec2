/**
 * A library that comes back from a backup, before anybody may use it: the list of the erased is applied first, so that
 * nothing erased is there again (promise P16); then every file is held against the hash that its row names, read through
 * the vault's own forms (promise P5). Nothing of the library runs meanwhile.
 */
import type { Logger } from '@tandem/base'
import type { Database } from '@tandem/store'
import { DataKeys } from '../keys/data-keys.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { LibraryTables } from '../migrations.ts'
import { type LibraryParts, openParts } from '../parts.ts'
import { FolderStore } from '../vault/folder-store.ts'
import type { RawStore } from '../vault/raw-store.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import { type StoredFile, StoredReader } from '../vault/stored-reader.ts'
import { REAL_DISK } from '../vault/vault-disk.ts'
import { KeptFiles } from './kept-files.ts'

/** Rows erased in one commit. */
const ERASED_AT_A_TIME = 100

/** What it is opened with. */
export interface RestoredLibraryOptions {
  /** The restored rows, with the schema `keys` attached. */
  readonly db: Database<LibraryTables>
  /** Folders of the library are made in it. */
  readonly dataFolder: string
  readonly ring: KeyRing
  readonly logger: Logger
  /** Where the files will be, as `openVault` takes it. */
  readonly vaultUrl: string
  /** Environment variables for the credentials of an object store. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A folder of files that is read in place of the vault: that of the backup itself. */
  readonly filesFolder?: string
}

/** See the head of this file. */
export class RestoredLibrary {
  readonly #options: RestoredLibraryOptions
  readonly #parts: LibraryParts
  readonly #store: RawStore | undefined

  private constructor(options: RestoredLibraryOptions, parts: LibraryParts) {
    this.#options = options
    this.#parts = parts
    const { filesFolder: folder } = options
    this.#store =
      folder === undefined ? undefined : new FolderStore(folder, { quarantine: folder, disk: REAL_DISK })
  }

  /** Fails with `StorageFault` when no key of the ring opens the data keys. */
  static async open(options: RestoredLibraryOptions): Promise<RestoredLibrary> {
    const { db, dataFolder, ring, logger, vaultUrl, env } = options
    const parts = await openParts(
      {
        ...{ db, dataFolder, ring, logger, vaultUrl },
        kek: ring.current.key,
        linkKey: new Uint8Array(0), // Nobody asks it for a link.
        onAlarm() {},
        storageRegion: '',
        ...(env === undefined ? {} : { env }),
      },
      { onTranscriptWork() {}, onImported() {} },
    )
    return new RestoredLibrary(options, parts)
  }

  /** Erases what the list of the erased names, and what else is known to be gone; returns how many rows that were. */
  async applyErasures(gone: Iterable<string> = []): Promise<number> {
    const { keys, lifecycle, traces } = this.#parts
    let count = 0
    let batch: string[] = []
    const apply = async (): Promise<void> => {
      if (batch.length > 0) count += await lifecycle.eraseAgain(batch)
      batch = []
    }
    for await (const { idKey } of keys.listErased()) if (batch.push(idKey) === ERASED_AT_A_TIME) await apply()
    await apply()
    for (const idKey of gone) if (batch.push(idKey) === ERASED_AT_A_TIME) await apply()
    await apply()
    // Every page anew: nothing of them stays readable, not in a gap either.
    if (count > 0) {
      const pending = await traces.pending()
      if (await this.#options.db.checkpoint({ rewrite: true })) await traces.settle(pending)
    }
    return count
  }

  /** The keys of all recordings that the list of the erased names. */
  async *erased(): AsyncGenerator<string, void> {
    for await (const { idKey } of this.#parts.keys.listErased()) yield idKey
  }

  /** The files that the rows name now, some at a time. */
  files(): AsyncGenerator<readonly StoredFile[], void> {
    return new KeptFiles(this.#options.db.kysely).all()
  }

  /** What is wrong with a file, in a sentence; undefined when its content is what its row says. */
  async fault(file: StoredFile): Promise<string | undefined> {
    try {
      await this.#verify(file)
      return undefined
    } catch (error) {
      if (error instanceof StorageFault) return error.message
      throw error
    }
  }

  /** Wraps every data key under the present key; returns how many were under another. */
  async rewrap(): Promise<number> {
    const { db, ring } = this.#options
    return await (await DataKeys.open({ db, ring, now: Date.now })).rewrap()
  }

  async close(): Promise<void> {
    const { audit, imports, vault } = this.#parts
    await imports.close()
    await audit.close()
    await vault.close()
  }

  async #verify(file: StoredFile): Promise<void> {
    const { keys, vault } = this.#parts
    if (this.#store === undefined) return await vault.verify(file)
    const dataKey = file.storage === 'sealed' ? await keys.get(file.recordingId) : undefined
    const reader = await StoredReader.open(this.#store, file, dataKey)
    if (reader === undefined) throw new StorageFault('damaged', `The file ${file.vaultKey} is not there.`)
    await reader.verify().finally(() => reader.close())
  }
}
