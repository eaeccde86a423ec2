/**
 * The folder of parts: files in the making, on the local disk whatever the store is. On the volume of a vault that is a
 * folder, so that a rename is atomic; for S3 it is the spool, emptied as uploads are confirmed. Parts that belong to
 * nothing go to quarantine (storage rule R5).
 */
import * as disk from 'node:fs/promises'
import { join } from 'node:path'
import { PART_SUFFIX, type Part, partName } from './part-name.ts'
import { absent, codeOf, type VaultDisk } from './vault-disk.ts'

/** Parts under one folder. */
export class PartFolder {
  readonly path: string
  readonly #quarantine: string
  readonly #disk: VaultDisk

  constructor(path: string, options: { readonly quarantine: string; readonly disk: VaultDisk }) {
    this.path = path
    this.#quarantine = options.quarantine
    this.#disk = options.disk
  }

  /** Where a part is written. */
  pathOf(id: string, format: string): string {
    return join(this.path, partName(id, format))
  }

  /** Puts a part on disk, for whoever will move it away. */
  sync(id: string, format: string): Promise<void> {
    return this.#disk.syncFile(this.pathOf(id, format))
  }

  /** Removes a part that nobody needs; nothing happens when it is not there. */
  async remove(id: string, format: string): Promise<void> {
    // Without a sync: a part that comes back after a power cut is an orphan, which the next start puts away.
    await this.#disk.unlink(this.pathOf(id, format)).catch(absent)
  }

  /** Parts that are there. */
  async list(): Promise<readonly Part[]> {
    const names = await disk.readdir(this.path)
    return names
      .filter((name) => name.endsWith(PART_SUFFIX))
      .map((name) => ({ id: name.slice(0, name.indexOf('.')), name }))
  }

  /** Moves a part out of the way, never deleting it. */
  async quarantine(part: Part): Promise<void> {
    await quarantineFile(join(this.path, part.name), part.name, {
      folder: this.#quarantine,
      disk: this.#disk,
    })
    await this.#disk.syncFolder(this.path)
  }

  /** How many files lie in quarantine, parts or others. */
  async quarantined(): Promise<number> {
    return (await disk.readdir(this.#quarantine).catch(absent))?.length ?? 0
  }
}

/** Moves a file into a folder under a name that none there has, on disk when it resolves. Returns where it is. */
export async function quarantineFile(
  path: string,
  name: string,
  to: { readonly folder: string; readonly disk: VaultDisk },
): Promise<string> {
  await disk.mkdir(to.folder, { recursive: true, mode: 0o700 })
  const dot = name.indexOf('.') < 0 ? name.length : name.indexOf('.')
  let target = join(to.folder, name)
  // An earlier one of the same name stays: quarantine only grows.
  for (let copy = 2; (await disk.stat(target).catch(absent)) !== undefined; copy++)
    target = join(to.folder, `${name.slice(0, dot)}.${copy}${name.slice(dot)}`)
  try {
    await to.disk.rename(path, target)
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    // The quarantine is on another volume: a copy that is on disk first, then the original goes.
    await disk.copyFile(path, target, disk.constants.COPYFILE_EXCL)
    await to.disk.syncFile(target)
    await to.disk.syncFolder(to.folder)
    await to.disk.unlink(path)
  }
  await to.disk.syncFolder(to.folder)
  return target
}
