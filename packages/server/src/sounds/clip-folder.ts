/**
 * A folder of clips that the call engine plays: headerless mu-law of 8 kHz, one file for each sound or message, named by
 * its id. A clip is whole and synced before anybody learns its name, and its row goes before it does (storage rules R2, R3).
 */
import { constants } from 'node:fs'
import * as disk from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The ending of every clip. */
const ENDING = '.ulaw'
/** A clip in the making; nobody plays it, and the next start quarantines it. */
const PART_ENDING = '.ulaw.part'

/** Ids are ours, and no part of them can name another folder (case A08). */
const ID = /^[0-9a-zA-Z-]{1,64}$/

/** What a clip folder asks of the disk, so that a test can make each step fail. */
export interface ClipDisk {
  write(path: string, bytes: Uint8Array): Promise<void>
  syncFile(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  syncFolder(path: string): Promise<void>
}

/** The real disk. */
export const REAL_CLIP_DISK: ClipDisk = {
  async write(path, bytes) {
    const file = await disk.open(path, 'w', 0o600)
    try {
      await file.writeFile(bytes)
      const { size } = await file.stat()
      if (size !== bytes.length) throw new Error('A clip was cut short by the disk') // R2: the length is checked.
    } finally {
      await file.close()
    }
  },
  async syncFile(path) {
    const file = await disk.open(path, 'r+')
    await file.sync().finally(() => file.close())
  },
  rename: (from, to) => disk.rename(from, to),
  unlink: (path) => disk.unlink(path),
  async syncFolder(path) {
    const folder = await disk.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    await folder.sync().finally(() => folder.close())
  },
}

/** One kind of clips. */
export class ClipFolder {
  readonly #folder: string
  readonly #quarantine: string
  readonly #disk: ClipDisk

  private constructor(folder: string, quarantine: string, clipDisk: ClipDisk) {
    this.#folder = folder
    this.#quarantine = quarantine
    this.#disk = clipDisk
  }

  /** Makes `<dataFolder>/clips/<kind>` where it is missing, so that it survives a power cut itself. */
  static async open(
    dataFolder: string,
    kind: 'sounds' | 'voicemail',
    clipDisk: ClipDisk = REAL_CLIP_DISK,
  ): Promise<ClipFolder> {
    const clips = join(dataFolder, 'clips')
    await disk.mkdir(join(clips, kind), { recursive: true, mode: 0o700 })
    await clipDisk.syncFolder(clips)
    await clipDisk.syncFolder(dataFolder)
    return new ClipFolder(join(clips, kind), join(dataFolder, 'quarantine'), clipDisk)
  }

  /** Keeps a clip; it is on disk when this resolves. */
  async keep(id: string, bytes: Uint8Array): Promise<void> {
    const part = this.#path(id, PART_ENDING)
    try {
      await this.#disk.write(part, bytes)
      await this.adopt(id, part)
    } catch (error) {
      await this.#disk.unlink(part).catch(() => {}) // The failure is the one to tell; a part is quarantined later.
      throw error
    }
  }

  /** Takes a finished file of the same volume as a clip; the file is gone from where it was when this resolves. */
  async adopt(id: string, from: string): Promise<void> {
    await this.#disk.syncFile(from)
    await this.#disk.rename(from, this.#path(id, ENDING))
    await this.#disk.syncFolder(this.#folder)
    if (dirname(from) !== this.#folder) await this.#disk.syncFolder(dirname(from))
  }

  /** Undoes `adopt`, when what should have followed it failed. */
  async giveBack(id: string, to: string): Promise<void> {
    await this.#disk.rename(this.#path(id, ENDING), to)
    await this.#disk.syncFolder(this.#folder)
  }

  /** Removes a clip whose row is gone or marked; one that is not there is removed already. */
  async remove(id: string): Promise<void> {
    await this.#disk.unlink(this.#path(id, ENDING)).catch(absent)
    await this.#disk.syncFolder(this.#folder)
  }

  /** The bytes of a clip; `undefined` when it is not there. */
  async read(id: string): Promise<Uint8Array | undefined> {
    return disk.readFile(this.#path(id, ENDING)).catch(absent)
  }

  /** The ids of all clips that are there. */
  async ids(): Promise<ReadonlySet<string>> {
    const names = await disk.readdir(this.#folder)
    return new Set(names.flatMap((name) => (name.endsWith(ENDING) ? [name.slice(0, -ENDING.length)] : [])))
  }

  /** Moves every file away that no row names; returns how many. Call it before anything is kept (storage rule R5). */
  async quarantineOthers(known: ReadonlySet<string>): Promise<number> {
    const names = await disk.readdir(this.#folder)
    const strays = names.filter(
      (name) => !(name.endsWith(ENDING) && known.has(name.slice(0, -ENDING.length))),
    )
    if (strays.length === 0) return 0
    await disk.mkdir(this.#quarantine, { recursive: true, mode: 0o700 })
    for (const name of strays) await this.#quarantineOne(name)
    await this.#disk.syncFolder(this.#quarantine)
    await this.#disk.syncFolder(this.#folder)
    return strays.length
  }

  async #quarantineOne(name: string): Promise<void> {
    let target = name
    // An earlier stray of the same name stays: quarantine only grows.
    for (let copy = 2; (await disk.stat(join(this.#quarantine, target)).catch(absent)) !== undefined; copy++)
      target = `${copy}.${name}`
    await this.#disk.rename(join(this.#folder, name), join(this.#quarantine, target))
  }

  #path(id: string, ending: string): string {
    if (!ID.test(id)) throw new Error('A clip is named by an id of ours')
    return join(this.#folder, `${id}${ending}`)
  }
}

/** Turns "there is no such file" into undefined, and passes every other error on. */
function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
