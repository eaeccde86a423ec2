/**
 * The list of a backup's files, one JSON line each, written and read a line at a time: it may name millions. Recordings
 * come in the order of their keys, so that the list of the last backup can be read beside the rows of this one.
 */
import { createHash, type Hash } from 'node:crypto'
import * as disk from 'node:fs/promises'
import type { ListedFile, NamedFile } from './backup-format.ts'
import { syncFolder } from './disk.ts'

/** Bytes kept before they are written. */
const BUFFER_BYTES = 262_144

/** Writes a list. `end` it, or `drop` it. */
export class ListWriter {
  readonly #folder: string
  readonly #name: string
  readonly #file: disk.FileHandle
  readonly #hash: Hash = createHash('sha256')
  #waiting = ''
  #sizeBytes = 0

  private constructor(folder: string, name: string, file: disk.FileHandle) {
    this.#folder = folder
    this.#name = name
    this.#file = file
  }

  /** Begins one under a name that nobody reads yet. */
  static async open(folder: string, name: string): Promise<ListWriter> {
    return new ListWriter(folder, name, await disk.open(`${folder}/${name}.part`, 'w', 0o600))
  }

  async add(file: ListedFile): Promise<void> {
    this.#waiting += `${JSON.stringify(file)}\n`
    if (this.#waiting.length >= BUFFER_BYTES) await this.#flush()
  }

  /** The list is whole under its name and on disk when it resolves. */
  async end(): Promise<NamedFile> {
    await this.#flush()
    await this.#file.sync()
    await this.#file.close()
    await disk.rename(`${this.#folder}/${this.#name}.part`, `${this.#folder}/${this.#name}`)
    await syncFolder(this.#folder)
    return { name: this.#name, sha256: this.#hash.digest('hex'), sizeBytes: this.#sizeBytes }
  }

  async drop(): Promise<void> {
    await this.#file.close().catch(() => {}) // It may be closed already.
    await disk.rm(`${this.#folder}/${this.#name}.part`, { force: true })
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#waiting)
    this.#waiting = ''
    this.#hash.update(bytes)
    this.#sizeBytes += bytes.length
    await this.#file.writeFile(bytes)
  }
}

/** The lines of a list; it was held against its hash before. */
export async function* readList(file: string): AsyncGenerator<ListedFile, void> {
  const handle = await disk.open(file, 'r')
  try {
    for await (const line of handle.readLines()) yield JSON.parse(line) as ListedFile // Written by `ListWriter`.
  } finally {
    await handle.close()
  }
}

/** The lists of the backup before, recording by recording: what it says of one whose key is asked for in order. */
export class FormerFiles {
  readonly #lines: AsyncIterator<ListedFile> | undefined
  #line: ListedFile | undefined
  #begun = false

  /** `file`: a list that was held against its hash; absent when there is none. */
  constructor(file: string | undefined) {
    this.#lines = file === undefined ? undefined : readList(file)[Symbol.asyncIterator]()
  }

  /** What it says of this recording, by path. Keys must come in the order of the list. */
  async of(id: string): Promise<ReadonlyMap<string, ListedFile>> {
    if (!this.#begun) await this.#next()
    this.#begun = true
    while (this.#line !== undefined && this.#line.id < id) await this.#next()
    const found = new Map<string, ListedFile>()
    for (; this.#line !== undefined && this.#line.id === id; await this.#next())
      if (this.#line.absent === undefined) found.set(this.#line.path, this.#line)
    return found
  }

  async close(): Promise<void> {
    await this.#lines?.return?.()
  }

  async #next(): Promise<void> {
    const step = await this.#lines?.next()
    this.#line = step === undefined || step.done === true ? undefined : step.value
  }
}
