/**
 * Where finished files live, whole or not at all (promise P2), and never served without having been checked (P5). A file
 * is written as a part, which nobody serves, and published under its key by one step of its store (storage rule R2). The
 * order is always key, file, row; and at erasure row, key, file (R3).
 */
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { CheckedStream } from './checked-stream.ts'
import { LIST_SUFFIX } from './hashed-form.ts'
import type { PartForm } from './part-builder.ts'
import type { PartFolder } from './part-folder.ts'
import {
  isSafeName,
  listPath,
  objectName,
  type Part,
  type PartFormat,
  SEALED_SUFFIX,
  type VaultFile,
  vaultKey,
} from './part-name.ts'
import { type WholeContent, writePart } from './part-stream.ts'
import type { RawEntry, RawStore } from './raw-store.ts'
import { damaged, type StoredFile, StoredReader } from './stored-reader.ts'

/** A stretch of a file in bytes, both ends included, as HTTP names it. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** A file opened for reading. `stream` must be read to its end or destroyed. */
export interface OpenFile {
  readonly stream: Readable
  /** Of the whole file. */
  readonly sizeBytes: number
}

/** The keys of recordings; `DataKeys` are the real ones. */
export interface VaultKeys {
  /** The key of a recording, made and on disk when it resolves. Fails for a recording that was erased. */
  create(id: string): Promise<Uint8Array>
  /** Undefined when there is none (any more). */
  get(id: string): Promise<Uint8Array | undefined>
  isErased(id: string): Promise<boolean>
  /** Throws the key of a recording away that never came to be. */
  discard(id: string): Promise<void>
}

/** What a vault is made of. */
export interface VaultOptions {
  readonly store: RawStore
  readonly parts: PartFolder
  /** How new files are stored; those that are there are read in whatever form they have. */
  readonly form: PartForm['kind']
  /** Needed for `sealed` files, old or new. */
  readonly keys?: VaultKeys
}

/** A file that is in the vault now and has no row yet. */
export interface WrittenFile {
  readonly key: string
  readonly storage: StoredFile['storage']
  /** Of the content, lower-case hex. */
  readonly sha256: string
  /** Of the content. */
  readonly sizeBytes: number
}

/** Whose file it is and when its recording began, from which its key follows. */
export interface Place {
  readonly orgId: string
  /** Unix milliseconds. */
  readonly startedAt: number
}

/** A store of recordings' files. */
export class Vault {
  /** How new files are stored. */
  readonly form: PartForm['kind']
  /** `folder` or `s3`. */
  readonly kind: RawStore['kind']
  readonly #store: RawStore
  readonly #parts: PartFolder
  readonly #keys: VaultKeys | undefined

  constructor(options: VaultOptions) {
    if (options.form === 'sealed' && options.keys === undefined)
      throw new TypeError('a vault that seals needs keys')
    this.form = options.form
    this.kind = options.store.kind
    this.#store = options.store
    this.#parts = options.parts
    this.#keys = options.keys
  }

  /** The folder in which parts are written. */
  get partFolder(): string {
    return this.#parts.path
  }

  /**
   * The key under which a new recording's files are to be sealed, on disk when it resolves; undefined when this vault
   * does not seal.
   */
  async keyFor(recordingId: string): Promise<Uint8Array | undefined> {
    return this.form === 'sealed' ? await this.#keys?.create(recordingId) : undefined
  }

  /** Whether a recording was erased: nothing of it may be made again. */
  async isErased(recordingId: string): Promise<boolean> {
    return (await this.#keys?.isErased(recordingId)) ?? false
  }

  /** A recording will have no file: its key may go. */
  async discard(recordingId: string): Promise<void> {
    await this.#keys?.discard(recordingId)
  }

  /** The key that a recording of a call gets. */
  callKey(orgId: string, startedAt: number, id: string): string {
    return vaultKey(orgId, startedAt, id, this.#extension('mp3'))
  }

  /** Where the part of a recording is written before it is published or handed over. */
  partPath(id: string, format: PartFormat): string {
    return this.#parts.pathOf(id, format)
  }

  /** Makes the part the file of this key, durable with its name when it resolves. Replaces an earlier file of the key. */
  async publish(id: string, key: string): Promise<void> {
    await this.#put(this.partPath(id, 'mp3'), key)
  }

  /**
   * Stores a file of a recording from a stream or from memory, durable when it resolves: its row may be committed then. A transcript
   * written again gets a key of its own, since the earlier one stays valid until the row has changed.
   */
  async write(
    recordingId: string,
    file: VaultFile,
    source: AsyncIterable<Uint8Array> | WholeContent,
    place: Place,
  ): Promise<WrittenFile> {
    if (!isSafeName(recordingId) || !isSafeName(place.orgId))
      throw new TypeError('this id names no recording of ours')
    const attempt = `${file}-${randomBytes(4).toString('hex')}`
    const form = await this.#formFor(recordingId, file)
    const path = this.#parts.pathOf(recordingId, attempt)
    try {
      const { sha256, sizeBytes } = await writePart(path, form, source)
      const name = file === 'transcript' ? attempt : file
      const key = vaultKey(place.orgId, place.startedAt, recordingId, this.#extension(name))
      await this.#put(path, key)
      return { key, storage: form.kind, sha256, sizeBytes }
    } catch (error) {
      // Nobody will come back to this attempt: it has a name of its own.
      await this.#parts.remove(recordingId, attempt).catch(() => {})
      await this.#parts.remove(recordingId, `${attempt}${LIST_SUFFIX}`).catch(() => {})
      throw error
    }
  }

  /** Opens a file or a stretch of it, checked while it is read; undefined when it is not there. */
  async open(file: StoredFile, range?: ByteRange): Promise<OpenFile | undefined> {
    const reader = await this.#reader(file)
    if (reader === undefined) return undefined
    const { sizeBytes } = reader
    const stretch = range === undefined ? undefined : { start: range.start, end: range.end + 1 }
    try {
      const stream = await CheckedStream.open(reader.read(stretch), () => reader.close())
      return { stream, sizeBytes }
    } catch (error) {
      await reader.close()
      throw error
    }
  }

  /** Everything of a file, checked chunk by chunk; throws `StorageFault` when it is damaged or not there. */
  async *read(file: StoredFile): AsyncGenerator<Uint8Array, void> {
    const reader = await this.#reader(file)
    if (reader === undefined) throw damaged(file, 'is not there')
    try {
      yield* reader.read()
    } finally {
      await reader.close()
    }
  }

  /** Reads all of a file and compares the hash of the whole; throws `StorageFault` when it differs or is not there. */
  async verify(file: StoredFile): Promise<void> {
    const reader = await this.#reader(file)
    if (reader === undefined) throw damaged(file, 'is not there')
    await reader.verify().finally(() => reader.close())
  }

  /** Size of a file in the store; undefined when it is not there. */
  stat(key: string): Promise<{ readonly sizeBytes: number } | undefined> {
    return this.#store.stat(key)
  }

  /** Removes a file and what belongs to it, durable when it resolves; nothing happens when it is not there. */
  async remove(key: string): Promise<void> {
    await this.#store.remove(key)
    if (!key.endsWith(SEALED_SUFFIX)) await this.#store.remove(`${key}${LIST_SUFFIX}`)
  }

  /** Everything in the store after a key, in its own unchanging order. */
  list(after?: string): AsyncIterable<RawEntry> {
    return this.#store.list(after)
  }

  /** Moves a file out of the way, never deleting it (storage rule R5). */
  async quarantine(key: string): Promise<void> {
    await this.#store.quarantine(key)
  }

  /** Puts a part on disk, for whoever will move it away. */
  syncPart(id: string, format: PartFormat): Promise<void> {
    return this.#parts.sync(id, format)
  }

  /** Removes a part that nobody needs; nothing happens when it is not there. */
  async removePart(id: string, format: PartFormat): Promise<void> {
    await this.#parts.remove(id, format)
    if (this.form === 'hashed') await this.#parts.remove(id, `${format}${LIST_SUFFIX}`)
  }

  /** Parts that are there. */
  parts(): Promise<readonly Part[]> {
    return this.#parts.list()
  }

  /** Moves a part out of the way, never deleting it (storage rule R5). */
  quarantinePart(part: Part): Promise<void> {
    return this.#parts.quarantine(part)
  }

  /** How many files were put out of the way on this machine. */
  quarantinedFiles(): Promise<number> {
    return this.#parts.quarantined()
  }

  /** Lets go of connections. */
  close(): Promise<void> {
    return this.#store.close()
  }

  async #formFor(recordingId: string, file: VaultFile): Promise<PartForm> {
    const dataKey = await this.keyFor(recordingId)
    if (dataKey !== undefined) return { kind: 'sealed', objectName: objectName(recordingId, file), dataKey }
    if (this.form === 'hashed') return { kind: 'hashed', objectName: objectName(recordingId, file) }
    return { kind: 'bare' }
  }

  /** The list first: a file that is there always has its own. */
  async #put(partPath: string, key: string): Promise<void> {
    if (this.form === 'hashed') await this.#store.put(listPath(partPath), `${key}${LIST_SUFFIX}`)
    await this.#store.put(partPath, key)
  }

  async #reader(file: StoredFile): Promise<StoredReader | undefined> {
    const dataKey = file.storage === 'sealed' ? await this.#keys?.get(file.recordingId) : undefined
    return StoredReader.open(this.#store, file, dataKey)
  }

  #extension(name: string): string {
    return this.form === 'sealed' ? `${name}${SEALED_SUFFIX}` : name
  }
}
