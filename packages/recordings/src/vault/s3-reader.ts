/** Reads a stretch of an object through one request, cut into the pieces that the reader of chunks asks for. */
import type { Readable } from 'node:stream'
import type { RawReader } from './raw-store.ts'
import type { StorageFault } from './storage-fault.ts'

/** How it gets at the bytes. `range` is that of HTTP. */
export interface S3Source {
  readonly get: (range: string) => Promise<{ readonly Body?: unknown }>
  readonly fault: (error: unknown) => StorageFault
}

/** See the head of this file. The request is made when the first byte is asked for. */
export class S3Reader implements RawReader {
  readonly #stretch: { readonly start: number; readonly end: number }
  readonly #source: S3Source
  #body: Readable | undefined
  #bytes: AsyncIterator<Buffer> | undefined
  #rest: Buffer = Buffer.alloc(0)

  constructor(stretch: { readonly start: number; readonly end: number }, source: S3Source) {
    this.#stretch = stretch
    this.#source = source
  }

  async next(bytes: number): Promise<Uint8Array> {
    const { start, end } = this.#stretch
    if (end <= start) return new Uint8Array(0) // HTTP has no word for an empty range.
    try {
      this.#bytes ??= await this.#begin()
      const pieces: Buffer[] = []
      let gathered = 0
      while (gathered < bytes) {
        if (this.#rest.length === 0) {
          const { done, value } = await this.#bytes.next()
          if (done === true) break
          this.#rest = value
        }
        const piece = this.#rest.subarray(0, bytes - gathered)
        this.#rest = this.#rest.subarray(piece.length)
        pieces.push(piece)
        gathered += piece.length
      }
      return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    } catch (error) {
      throw this.#source.fault(error)
    }
  }

  async close(): Promise<void> {
    this.#body?.destroy()
  }

  async #begin(): Promise<AsyncIterator<Buffer>> {
    const { Body: body } = await this.#source.get(`bytes=${this.#stretch.start}-${this.#stretch.end - 1}`)
    this.#body = body as Readable // On Node the SDK gives Node's streams.
    return this.#body[Symbol.asyncIterator]() as AsyncIterator<Buffer> // Without an encoding, chunks are bytes.
  }
}
