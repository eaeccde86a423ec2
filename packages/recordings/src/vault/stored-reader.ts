/**
 * Reads a stored file chunk by chunk, each checked as a whole before a byte of it goes out (promise P5). What is damaged
 * throws `StorageFault('damaged')`, at the opening if the first chunk asked for is; nothing that was not checked leaves.
 */
import { createHash } from 'node:crypto'
import type { Recording } from '../catalogue/recording.ts'
import { CHUNK_BYTES, ChunkPlan } from './chunk-plan.ts'
import { ChunkList, LIST_SUFFIX } from './hashed-form.ts'
import { objectName, type VaultFile } from './part-name.ts'
import type { RawFile, RawReader, RawStore } from './raw-store.ts'
import { SEALED_HEADER_BYTES, SealedForm, sealedSpan, TAG_BYTES } from './sealed-form.ts'
import { StorageFault } from './storage-fault.ts'

/** What the catalogue knows of a file that is in the vault. */
export interface StoredFile {
  readonly recordingId: string
  readonly file: VaultFile
  readonly vaultKey: string
  readonly storage: 'sealed' | 'hashed' | 'bare'
  /** Of the content, lower-case hex. */
  readonly sha256: string
  /** Of the content. */
  readonly sizeBytes: number
}

/** The media file of a recording. */
export function mediaOf(recording: Recording): StoredFile {
  const { id, vaultKey, storage, sha256, sizeBytes } = recording
  return { recordingId: id, file: 'media', vaultKey, storage, sha256, sizeBytes }
}

/** How the chunks of one opened file are found and checked. */
interface Opener {
  readonly plan: ChunkPlan
  span(index: number): { readonly start: number; readonly bytes: number }
  /** The content of a chunk; undefined when it is not what was written. */
  open(index: number, stored: Uint8Array): Uint8Array | undefined
  /** Whether what `open` gives lies in other memory than what it took, which may be used again at once. */
  readonly copies: boolean
}

/** Content from `start` up to `end`, which is not part of it. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** A stored file opened for reading. Close it. */
export class StoredReader {
  readonly #raw: RawFile
  readonly #opener: Opener
  readonly #file: StoredFile

  private constructor(raw: RawFile, opener: Opener, file: StoredFile) {
    this.#raw = raw
    this.#opener = opener
    this.#file = file
  }

  /** Undefined when it is not in the store. `dataKey` opens what is sealed. */
  static async open(
    store: RawStore,
    file: StoredFile,
    dataKey: Uint8Array | undefined,
  ): Promise<StoredReader | undefined> {
    const raw = await store.open(file.vaultKey)
    if (raw === undefined) return undefined
    try {
      const opener = await openerOf({ store, raw, file, dataKey })
      if (opener.plan.sizeBytes !== file.sizeBytes) throw damaged(file, 'has another length')
      return new StoredReader(raw, opener, file)
    } catch (error) {
      await raw.close()
      throw error
    }
  }

  /** Of the content. */
  get sizeBytes(): number {
    return this.#opener.plan.sizeBytes
  }

  /** The content in order, cut to a stretch; every chunk that it touches is checked. */
  async *read(stretch: Stretch = { start: 0, end: this.sizeBytes }): AsyncGenerator<Uint8Array, void> {
    const { plan } = this.#opener
    if (stretch.end <= stretch.start && plan.sizeBytes > 0) return
    const first = plan.indexAt(stretch.start)
    const last = plan.sizeBytes === 0 ? 0 : plan.indexAt(stretch.end - 1)
    const begin = this.#opener.span(first).start
    const lastSpan = this.#opener.span(last)
    const reader = this.#raw.from(begin, lastSpan.start + lastSpan.bytes)
    const memory = this.#opener.copies ? Buffer.allocUnsafeSlow(CHUNK_BYTES + TAG_BYTES) : undefined
    // The next chunk is on its way while this one is being sent.
    let coming = this.#ask(reader, first, memory)
    try {
      for (let index = first; index <= last; index++) {
        const plain = this.#check(await coming, index)
        if (index < last) coming = this.#ask(reader, index + 1, memory)
        const start = plan.startOf(index)
        yield plain.subarray(Math.max(0, stretch.start - start), Math.min(plain.length, stretch.end - start))
      }
    } finally {
      await reader.close()
      await coming.catch(() => {}) // Nobody wants it any more; a fault that matters was thrown by the loop.
    }
  }

  /** Reads everything and compares the hash of the whole: what scrub, read-back and export do. */
  async verify(): Promise<void> {
    const whole = createHash('sha256')
    for await (const bytes of this.read()) whole.update(bytes)
    if (whole.digest('hex') !== this.#file.sha256) throw damaged(this.#file, 'has another content')
  }

  close(): Promise<void> {
    return this.#raw.close()
  }

  #ask(reader: RawReader, index: number, memory: Buffer | undefined): Promise<Uint8Array> {
    const { bytes } = this.#opener.span(index)
    const coming = reader.next(bytes, memory?.subarray(0, bytes))
    coming.catch(() => {}) // Whoever awaits it hears of it, perhaps later.
    return coming
  }

  #check(stored: Uint8Array, index: number): Uint8Array {
    const isWhole = stored.length === this.#opener.span(index).bytes
    const plain = isWhole ? this.#opener.open(index, stored) : undefined
    if (plain === undefined) throw damaged(this.#file, `is damaged in chunk ${index}`)
    return plain
  }
}

/** The error for a file that is not what was written. */
export function damaged(file: StoredFile, what: string): StorageFault {
  const message = `The file ${file.vaultKey} of recording ${file.recordingId} ${what}: restore it from a backup.`
  return new StorageFault('damaged', message)
}

type Opening = {
  readonly store: RawStore
  readonly raw: RawFile
  readonly file: StoredFile
  readonly dataKey: Uint8Array | undefined
}

async function openerOf(opening: Opening): Promise<Opener> {
  switch (opening.file.storage) {
    case 'sealed':
      return sealedOpener(opening)
    case 'hashed':
      return hashedOpener(opening)
    case 'bare':
      return bareOpener(opening)
  }
}

async function sealedOpener({ raw, file, dataKey }: Opening): Promise<Opener> {
  if (dataKey === undefined) throw damaged(file, 'is sealed under a key that is not there')
  const reader = raw.from(0, SEALED_HEADER_BYTES)
  const header = await reader.next(SEALED_HEADER_BYTES).finally(() => reader.close())
  const form = SealedForm.read(header, dataKey, objectName(file.recordingId, file.file))
  const plan = form?.planOf(raw.sizeBytes)
  if (form === undefined || plan === undefined) throw damaged(file, 'has a damaged header or length')
  return {
    plan,
    span: (index) => sealedSpan(plan, index),
    open: (index, stored) => form.open(index, stored, plan.isLast(index)),
    copies: true,
  }
}

async function hashedOpener({ store, raw, file }: Opening): Promise<Opener> {
  const list = await readList(store, file)
  if (list === undefined) throw damaged(file, 'has a damaged list of chunks, or none')
  if (list.sha256 !== file.sha256 || list.plan.sizeBytes !== raw.sizeBytes)
    throw damaged(file, 'is not the one of its list of chunks')
  const { plan } = list
  return {
    plan,
    span: (index) => plainSpan(plan, index),
    open: (index, stored) => (list.matches(index, stored) ? stored : undefined),
    copies: false,
  }
}

async function readList(store: RawStore, file: StoredFile): Promise<ChunkList | undefined> {
  const raw = await store.open(`${file.vaultKey}${LIST_SUFFIX}`)
  if (raw === undefined) return undefined
  const reader = raw.from(0, raw.sizeBytes)
  try {
    const bytes = await reader.next(raw.sizeBytes)
    return ChunkList.read(Buffer.from(bytes), objectName(file.recordingId, file.file))
  } finally {
    await reader.close()
    await raw.close()
  }
}

/** A file of earlier releases has one hash alone: all of it is read and checked before its first byte goes out. */
async function bareOpener({ raw, file }: Opening): Promise<Opener> {
  const whole = createHash('sha256')
  const reader = raw.from(0, raw.sizeBytes)
  try {
    for (;;) {
      const bytes = await reader.next(CHUNK_BYTES)
      if (bytes.length === 0) break
      whole.update(bytes)
    }
  } finally {
    await reader.close()
  }
  if (whole.digest('hex') !== file.sha256) throw damaged(file, 'has another content')
  return plainOpener(raw.sizeBytes)
}

function plainOpener(sizeBytes: number): Opener {
  const plan = new ChunkPlan(sizeBytes, 0)
  return { plan, span: (index) => plainSpan(plan, index), open: (_, stored) => stored, copies: false }
}

function plainSpan(plan: ChunkPlan, index: number): { readonly start: number; readonly bytes: number } {
  const start = plan.startOf(index)
  return { start, bytes: plan.endOf(index) - start }
}
