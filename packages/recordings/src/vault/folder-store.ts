/**
 * A store in a folder: `<org>/<yyyy>/<mm>/<name>`, beside `tmp` with the parts, all on one volume so that a rename is
 * atomic. Folders are synced after every change of a name, new ones with their parents (storage rules R2, R3).
 */
import * as disk from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { quarantineFile } from './part-folder.ts'
import type { RawEntry, RawFile, RawReader, RawStore } from './raw-store.ts'
import { SharedSync } from './shared-sync.ts'
import { StorageFault } from './storage-fault.ts'
import { absent, codeOf, type VaultDisk } from './vault-disk.ts'

/** The folder of parts inside of the store's. */
export const PARTS_FOLDER = 'tmp'

/** See the head of this file. */
export class FolderStore implements RawStore {
  readonly kind = 'folder'
  readonly #folder: string
  readonly #quarantine: string
  readonly #disk: VaultDisk
  readonly #folders: SharedSync
  /** Folders that exist for certain, by path: one for each organisation and month. */
  readonly #made = new Map<string, Promise<void>>()

  /** The folder must be there. */
  constructor(folder: string, options: { readonly quarantine: string; readonly disk: VaultDisk }) {
    this.#folder = folder
    this.#quarantine = options.quarantine
    this.#disk = options.disk
    this.#folders = new SharedSync((path) => options.disk.syncFolder(path))
  }

  async put(partPath: string, key: string): Promise<void> {
    const target = this.#path(key)
    await this.#makeFolder(dirname(target))
    await this.#disk.syncFile(partPath)
    await this.#disk.rename(partPath, target)
    await Promise.all([this.#folders.sync(dirname(target)), this.#folders.sync(dirname(partPath))])
  }

  async open(key: string): Promise<RawFile | undefined> {
    try {
      const file = await disk.open(this.#path(key), 'r').catch(absent)
      if (file === undefined) return undefined
      const { size } = await file.stat()
      return {
        sizeBytes: size,
        from: (start, end) => new FileReader(file, { start, end, key }),
        close: () => file.close(),
      }
    } catch (error) {
      throw unreachable(key, error)
    }
  }

  async stat(key: string): Promise<{ readonly sizeBytes: number } | undefined> {
    const found = await disk.stat(this.#path(key)).catch(absent)
    return found === undefined ? undefined : { sizeBytes: found.size }
  }

  async remove(key: string): Promise<void> {
    const path = this.#path(key)
    await this.#disk.unlink(path).catch(absent)
    // Also when it was gone already: whoever removed it may have died before its sync.
    if ((await disk.stat(dirname(path)).catch(absent)) !== undefined) await this.#folders.sync(dirname(path))
  }

  async *list(after?: string): AsyncIterable<RawEntry> {
    yield* this.#walk('', after === undefined ? [] : after.split('/'))
  }

  async quarantine(key: string): Promise<string | undefined> {
    const path = this.#path(key)
    if ((await disk.stat(path).catch(absent)) === undefined) return undefined
    const to = { folder: this.#quarantine, disk: this.#disk }
    const target = await quarantineFile(path, basename(key), to)
    await this.#folders.sync(dirname(path))
    return target
  }

  async close(): Promise<void> {}

  #path(key: string): string {
    return join(this.#folder, key)
  }

  /** Files below a folder in the order of names, those whose path comes after `after` step by step. */
  async *#walk(prefix: string, after: readonly string[]): AsyncIterable<RawEntry> {
    const entries = await disk.readdir(join(this.#folder, prefix), { withFileTypes: true }).catch(absent)
    const from = after[0] ?? ''
    const sorted = (entries ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of sorted) {
      if (entry.name < from || (prefix === '' && entry.name === PARTS_FOLDER)) continue
      const key = prefix === '' ? entry.name : `${prefix}/${entry.name}`
      if (entry.isDirectory()) yield* this.#walk(key, entry.name === from ? after.slice(1) : [])
      else if (entry.isFile() && entry.name !== from) {
        const found = await disk.stat(this.#path(key)).catch(absent)
        if (found !== undefined) yield { key, sizeBytes: found.size, modifiedAt: found.mtimeMs }
      }
    }
  }

  /**
   * Makes each folder on the way and syncs its parent, once for each process, so that the whole path survives a power
   * cut: one that is there already may have been made by a process that died before its sync. Whoever comes meanwhile
   * waits for the same sync.
   */
  async #makeFolder(folder: string): Promise<void> {
    let path = this.#folder
    for (const step of relative(this.#folder, folder).split('/')) {
      if (step === '') continue
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

/** Reads a stretch of an open file, position by position. */
class FileReader implements RawReader {
  readonly #file: disk.FileHandle
  readonly #key: string
  readonly #end: number
  #position: number

  constructor(
    file: disk.FileHandle,
    at: { readonly start: number; readonly end: number; readonly key: string },
  ) {
    this.#file = file
    this.#position = at.start
    this.#end = at.end
    this.#key = at.key
  }

  async next(bytes: number, into?: Buffer): Promise<Uint8Array> {
    const wanted = Math.min(bytes, this.#end - this.#position)
    if (wanted <= 0) return new Uint8Array(0)
    const buffer = into ?? Buffer.allocUnsafeSlow(wanted)
    let done = 0
    while (done < wanted) {
      const { bytesRead } = await this.#file
        .read(buffer, done, wanted - done, this.#position + done)
        .catch((error: unknown) => {
          throw unreachable(this.#key, error)
        })
      if (bytesRead === 0) break
      done += bytesRead
    }
    this.#position += done
    return buffer.subarray(0, done)
  }

  async close(): Promise<void> {}
}

function unreachable(key: string, cause: unknown): StorageFault {
  const why = codeOf(cause) === '' ? String(cause) : codeOf(cause)
  return new StorageFault(
    'unreachable',
    `The vault's folder does not give ${key} (${why}): check its disk.`,
    {
      cause,
    },
  )
}
