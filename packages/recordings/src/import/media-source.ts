/**
 * A file of media that is read in places, a bounded piece at a time: whatever its headers claim, no more memory is
 * taken than a caller asks for here. A part that was received may be masked (see `part-mask`); its reader unmasks it.
 */
import { type FileHandle, open } from 'node:fs/promises'
import type { PartMask } from './part-mask.ts'

/** Most bytes of one read: what is handled at once stays small, however large the file. */
export const READ_BYTES_MAX: number = 1 << 20

/** Bytes of one piece when a file is read from end to end. */
export const PIECE_BYTES: number = 256 * 1_024

/** Media to be read in places. */
export interface MediaSource {
  readonly sizeBytes: number
  /** Up to `length` bytes from `offset` on; fewer only at the end. At most `READ_BYTES_MAX` are given. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** All of it, when it is in memory already. */
  readonly whole?: Uint8Array
}

/** Media in a file of this machine. Close it when done. */
export class FileMedia implements MediaSource {
  readonly #file: FileHandle
  readonly #mask: PartMask | undefined
  readonly sizeBytes: number
  /** Last change as the file system knows it, to notice one while it is read. */
  readonly changedMs: number

  private constructor(file: FileHandle, stat: { size: number; mtimeMs: number }, mask: PartMask | undefined) {
    this.#file = file
    this.#mask = mask
    this.sizeBytes = stat.size
    this.changedMs = stat.mtimeMs
  }

  /** Opens a file; fails with the system's own error, also when it is no plain file (`EISDIR`, `EINVAL`). */
  static async open(path: string, mask?: PartMask): Promise<FileMedia> {
    const file = await open(path, 'r')
    const stat = await file.stat()
    if (stat.isFile()) return new FileMedia(file, stat, mask)
    await file.close()
    throw Object.assign(new Error(`${path} is no plain file`), { code: 'EINVAL' })
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, READ_BYTES_MAX, this.sizeBytes - offset))
    const buffer = Buffer.allocUnsafe(wanted)
    let filled = 0
    while (filled < wanted) {
      const { bytesRead } = await this.#file.read(buffer, filled, wanted - filled, offset + filled)
      if (bytesRead === 0) break // Somebody made the file shorter.
      filled += bytesRead
    }
    const bytes = buffer.subarray(0, filled)
    return this.#mask === undefined ? bytes : this.#mask.apply(bytes, offset)
  }

  /** Whether size or time of the file are no longer what they were when it was opened. */
  async hasChanged(): Promise<boolean> {
    const { size, mtimeMs } = await this.#file.stat()
    return size !== this.sizeBytes || mtimeMs !== this.changedMs
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** Media in memory: small files, and tests. */
export class BytesMedia implements MediaSource {
  readonly whole: Uint8Array

  constructor(bytes: Uint8Array) {
    this.whole = bytes
  }

  get sizeBytes(): number {
    return this.whole.length
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.whole.subarray(offset, offset + Math.min(length, READ_BYTES_MAX))
  }
}

/** All bytes of a source in order, a piece at a time. */
export async function* piecesOf(source: MediaSource): AsyncGenerator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < source.sizeBytes; ) {
    const piece = await source.read(offset, PIECE_BYTES)
    if (piece.length === 0) return
    offset += piece.length
    yield piece
  }
}
