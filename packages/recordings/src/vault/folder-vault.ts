/**
 * The vault as a folder: `tmp/<id>.<format>.part` while a file is made, `<org>/<yyyy>/<mm>/<id>.mp3` afterwards, all on one
 * volume so that a rename is atomic. Folders are synced after every change of a name, new ones with their parents (R2).
 */
import { constants } from 'node:fs'
import * as disk from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { SharedSync } from './shared-sync.ts'
import {
  type ByteRange,
  type OpenFile,
  PART_SUFFIX,
  type Part,
  type PartFormat,
  partName,
  type Vault,
} from './vault.ts'

/** What the vault asks of the file system, so that a test can make each step fail or die. */
export interface VaultDisk {
  mkdir(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  syncFile(path: string): Promise<void>
  syncFolder(path: string): Promise<void>
}

/** The real disk. */
export const REAL_DISK: VaultDisk = {
  async mkdir(path) {
    await disk.mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  },
  rename: (from, to) => disk.rename(from, to),
  unlink: (path) => disk.unlink(path),
  async syncFile(path) {
    const file = await disk.open(path, 'r+')
    await file.sync().finally(() => file.close())
  },
  async syncFolder(path) {
    const folder = await disk.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    await folder.sync().finally(() => folder.close())
  },
}

/** A vault under one folder. Parts that are quarantined go to a second one on the same volume. */
export class FolderVault implements Vault {
  readonly #folder: string
  readonly #quarantine: string
  readonly #disk: VaultDisk
  readonly #folders: SharedSync
  /** Folders that exist for certain, by path: one for each organisation and month. */
  readonly #made = new Map<string, Promise<void>>()

  private constructor(folder: string, quarantine: string, vaultDisk: VaultDisk) {
    this.#folder = folder
    this.#quarantine = quarantine
    this.#disk = vaultDisk
    this.#folders = new SharedSync((path) => vaultDisk.syncFolder(path))
  }

  /** Makes the folders where they are missing. */
  static async open(
    folder: string,
    options: { readonly quarantine: string; readonly disk?: VaultDisk },
  ): Promise<FolderVault> {
    const vault = new FolderVault(folder, options.quarantine, options.disk ?? REAL_DISK)
    await disk.mkdir(join(folder, 'tmp'), { recursive: true, mode: 0o700 })
    await vault.#disk.syncFolder(folder)
    return vault
  }

  partPath(id: string, format: PartFormat): string {
    return join(this.#folder, 'tmp', partName(id, format))
  }

  path(key: string): string {
    return join(this.#folder, key)
  }

  async publish(id: string, key: string): Promise<void> {
    const target = this.path(key)
    await this.#makeFolder(dirname(target))
    await this.syncPart(id, 'mp3')
    await this.#disk.rename(this.partPath(id, 'mp3'), target)
    await Promise.all([this.#folders.sync(dirname(target)), this.#folders.sync(join(this.#folder, 'tmp'))])
  }

  async open(key: string, range?: ByteRange): Promise<OpenFile | undefined> {
    const file = await disk.open(this.path(key), 'r').catch(absent)
    if (file === undefined) return undefined
    const { size } = await file.stat()
    const stream: Readable = file.createReadStream(range ?? {})
    return { stream, sizeBytes: size }
  }

  async stat(key: string): Promise<{ readonly sizeBytes: number } | undefined> {
    const found = await disk.stat(this.path(key)).catch(absent)
    return found === undefined ? undefined : { sizeBytes: found.size }
  }

  async remove(key: string): Promise<void> {
    const path = this.path(key)
    await this.#disk.unlink(path).catch(absent)
    await this.#disk.syncFolder(dirname(path)).catch(absent)
  }

  syncPart(id: string, format: PartFormat): Promise<void> {
    return this.#disk.syncFile(this.partPath(id, format))
  }

  async removePart(id: string, format: PartFormat): Promise<void> {
    // Without a sync: a part that comes back after a power cut is an orphan, which the next start puts away.
    await this.#disk.unlink(this.partPath(id, format)).catch(absent)
  }

  async parts(): Promise<readonly Part[]> {
    const names = await disk.readdir(join(this.#folder, 'tmp'))
    return names
      .filter((name) => name.endsWith(PART_SUFFIX))
      .map((name) => ({ id: name.slice(0, name.indexOf('.')), name }))
  }

  async quarantinePart(part: Part): Promise<void> {
    await disk.mkdir(this.#quarantine, { recursive: true, mode: 0o700 })
    let name = part.name
    // An earlier part of the same recording stays: quarantine only grows.
    for (let copy = 2; (await disk.stat(join(this.#quarantine, name)).catch(absent)) !== undefined; copy++) {
      name = `${part.id}.${copy}${part.name.slice(part.id.length)}`
    }
    await this.#disk.rename(join(this.#folder, 'tmp', part.name), join(this.#quarantine, name))
    await this.#disk.syncFolder(this.#quarantine)
    await this.#disk.syncFolder(join(this.#folder, 'tmp'))
  }

  /**
   * Makes each folder on the way and syncs its parent, once for each process, so that the whole path survives a power
   * cut: one that is there already may have been made by a process that died before its sync. Whoever comes meanwhile
   * waits for the same sync.
   */
  async #makeFolder(folder: string): Promise<void> {
    let path = this.#folder
    for (const step of relative(this.#folder, folder).split('/')) {
      const parent = path
      path = join(path, step)
      await this.#madeFolder(path, parent)
    }
  }

  #madeFolder(path: string, parent: string): Promise<void> {
    const known = this.#made.get(path)
    if (known !== undefined) return known
    const made = this.#disk.mkdir(path).then(() => this.#folders.sync(parent))
    this.#made.set(path, made)
    made.catch(() => this.#made.delete(path)) // The caller hears of it; the next one tries anew.
    return made
  }
}

/** Turns "there is no such file" into undefined, and passes every other error on. */
function absent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined
  throw error
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
