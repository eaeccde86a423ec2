/**
 * Media that is being received, one file each in the folder `imports`, hidden under a key (see `part-mask`). What a row
 * says was received is on disk; what lies beyond it after a crash is cut off, since nobody was told that it arrived.
 */
import { constants } from 'node:fs'
import * as disk from 'node:fs/promises'
import { join } from 'node:path'
import { inWords } from '../publish/disk-fault.ts'
import { SharedSync } from '../vault/shared-sync.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import { ImportFault } from './import-fault.ts'
import { MEDIA_BYTES_MAX } from './media-facts.ts'
import type { MediaFile } from './media-protocol.ts'
import { FileMedia } from './media-source.ts'
import { type PartMask, partMask } from './part-mask.ts'

/** Bytes after which what came is put on disk and noted: what a kill of the process costs at most. */
export const SYNC_BYTES: number = 32 * 1_024 * 1_024

const SUFFIX = '.part'

/** What an upload brings. */
export interface Upload {
  readonly offset: number
  readonly bytes: AsyncIterable<Uint8Array>
  /** Announced size of the whole; more is refused. */
  readonly sizeBytes?: number | undefined
}

/** The parts of imports. */
export class ImportParts {
  readonly #folder: string
  readonly #quarantine: string
  readonly #secret: Uint8Array | undefined
  readonly #folders = new SharedSync(syncFolder)

  private constructor(folder: string, quarantine: string, secret: Uint8Array | undefined) {
    this.#folder = folder
    this.#quarantine = quarantine
    this.#secret = secret
  }

  /** Makes the folders where they are missing. Without a secret parts lie open. */
  static async open(options: {
    readonly folder: string
    readonly quarantine: string
    readonly secret?: Uint8Array | undefined
  }): Promise<ImportParts> {
    for (const folder of [options.folder, options.quarantine]) {
      await disk.mkdir(folder, { recursive: true, mode: 0o700 })
      await syncFolder(join(folder, '..'))
    }
    return new ImportParts(options.folder, options.quarantine, options.secret)
  }

  /** The part as the media thread opens it. */
  file(id: string): MediaFile {
    const path = this.#path(id)
    return this.#secret === undefined ? { path } : { path, mask: { secret: this.#secret, partId: id } }
  }

  /** Opens a part that was received. */
  media(id: string): Promise<FileMedia> {
    return FileMedia.open(this.#path(id), this.#mask(id))
  }

  /** Bytes that lie there; 0 when there is no part, or none under this key. */
  async size(id: string): Promise<number> {
    const found = await disk.stat(this.#path(id)).catch(absent)
    return found?.size ?? 0
  }

  /**
   * Appends what comes, and tells `received` each time that some of it is on disk; at the end too, also when the sender
   * breaks off. `false`: it broke off. Throws an `ImportFault` for too much, a `StorageFault` for our disk.
   */
  async append(id: string, upload: Upload, received: (bytes: number) => Promise<void>): Promise<boolean> {
    const file = await this.#opened(id).catch(ours)
    const mask = this.#mask(id)
    let at = upload.offset
    let synced = at
    let isWhole = true
    const sync = async (): Promise<void> => {
      await file.sync().catch(ours)
      synced = at
      await received(at)
    }
    try {
      await file.truncate(at).catch(ours)
      const pieces = upload.bytes[Symbol.asyncIterator]()
      for (;;) {
        const piece = await pieces.next().catch(() => undefined)
        if (piece === undefined) isWhole = false
        if (piece === undefined || piece.done === true) break
        checkSize(at + piece.value.length, upload.sizeBytes)
        await writeAll(file, mask === undefined ? piece.value : mask.apply(piece.value, at), at).catch(ours)
        at += piece.value.length
        if (at - synced >= SYNC_BYTES) await sync()
      }
      await sync()
    } finally {
      await file.close()
    }
    return isWhole
  }

  /** Removes a part, without a sync: one that comes back after a power cut is put away at the next start. */
  async remove(id: string): Promise<void> {
    await disk.unlink(this.#path(id)).catch(absent)
  }

  /** Puts a part out of the way with a note of why; the part stays hidden as it was. */
  async quarantine(id: string, note: Readonly<Record<string, unknown>>): Promise<void> {
    const name = this.#name(id)
    await this.note(id, { ...note, file: name, hidden: this.#secret !== undefined })
    await disk.rename(join(this.#folder, name), join(this.#quarantine, name)).catch(absent)
    await this.#folders.sync(this.#quarantine)
    await this.#folders.sync(this.#folder)
  }

  /** Writes a note into quarantine, of a file that stays where it is. */
  async note(id: string, note: Readonly<Record<string, unknown>>): Promise<void> {
    await disk.writeFile(join(this.#quarantine, `${id}.json`), `${JSON.stringify(note, undefined, 2)}\n`, {
      mode: 0o600,
      flush: true,
    })
  }

  /** Ids of the parts that lie there, under whatever key. */
  async ids(): Promise<readonly string[]> {
    const names = await disk.readdir(this.#folder)
    return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, name.indexOf('.')))
  }

  async #opened(id: string): Promise<disk.FileHandle> {
    const file = await disk.open(this.#path(id), constants.O_RDWR | constants.O_CREAT, 0o600)
    await this.#folders.sync(this.#folder)
    return file
  }

  #path(id: string): string {
    return join(this.#folder, this.#name(id))
  }

  #name(id: string): string {
    return `${id}.${this.#mask(id)?.fingerprint ?? 'open'}${SUFFIX}`
  }

  #mask(id: string): PartMask | undefined {
    return this.#secret === undefined ? undefined : partMask(this.#secret, id)
  }
}

function checkSize(bytes: number, announced: number | undefined): void {
  if (bytes > MEDIA_BYTES_MAX)
    throw new ImportFault('too-large', `The file has more than ${MEDIA_BYTES_MAX} bytes, the limit.`)
  if (announced !== undefined && bytes > announced)
    throw new ImportFault('mismatch', `More bytes came than the ${announced} that were announced.`)
}

async function writeAll(file: disk.FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    if (bytesWritten === 0) throw Object.assign(new Error('short write'), { code: 'EIO' })
    done += bytesWritten
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await disk.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  await folder.sync().finally(() => folder.close())
}

function ours(error: unknown): never {
  throw new StorageFault('unreachable', inWords(error), { cause: error })
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
