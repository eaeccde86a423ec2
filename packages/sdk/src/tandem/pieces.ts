/**
 * Media that is uploaded, a piece at a time from any offset, so that an upload can go on where a broken one ended. A Blob
 * and a function are read anew from wherever that is; a stream can only go on, and keeps the piece that was read last.
 */
import { InvalidArgument, WebexError } from '../error/webex-error.ts'

/**
 * Where media is read from: a Blob (in Node `await openAsBlob(path)`, which reads the file as it is sent), bytes, a
 * stream, or a function that gives a stream of what follows an offset.
 */
export type MediaSource =
  | Blob
  | Uint8Array<ArrayBuffer>
  | AsyncIterable<Uint8Array>
  | ((offset: number) => AsyncIterable<Uint8Array>)

/** A piece as `fetch` takes it. */
export type Piece = Blob | Uint8Array<ArrayBuffer>

/** Gives pieces of a source. */
export interface Pieces {
  /** Length of the whole, where the source knows it. */
  readonly sizeBytes: number | undefined
  /** What follows `offset`, at most `bytesMax`; empty at the end. */
  read(offset: number, bytesMax: number): Promise<Piece>
  /** Lets go of the source. */
  close(): Promise<void>
}

/** How long a piece is. */
export function lengthOf(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.byteLength : piece.size
}

/** Opens a source. */
export function piecesOf(source: MediaSource): Pieces {
  if (source instanceof Uint8Array)
    return {
      sizeBytes: source.byteLength,
      read: async (offset, bytesMax) => source.subarray(offset, offset + bytesMax),
      close: async () => {},
    }
  if (typeof Blob !== 'undefined' && source instanceof Blob)
    return {
      sizeBytes: source.size,
      read: async (offset, bytesMax) => source.slice(offset, offset + bytesMax),
      close: async () => {},
    }
  if (typeof source === 'function') return new StreamPieces(source)
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source)
    return new StreamPieces(source)
  throw new InvalidArgument('media is a Blob, bytes, a stream, or a function that gives one from an offset')
}

type StreamSource = Exclude<MediaSource, Blob | Uint8Array>

class StreamPieces implements Pieces {
  readonly sizeBytes = undefined
  readonly #source: StreamSource
  #stream: AsyncIterator<Uint8Array> | undefined
  /** What was read last, and where it begins. */
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  #heldAt = 0
  #isOver = false

  constructor(source: StreamSource) {
    this.#source = source
  }

  async read(offset: number, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.#goTo(offset)
    const pieces: Uint8Array[] = [this.#held.subarray(offset - this.#heldAt)]
    let bytes = pieces[0]?.byteLength ?? 0
    while (bytes < bytesMax && !this.#isOver) {
      const next = await this.#next()
      pieces.push(next)
      bytes += next.byteLength
    }
    this.#held = joined(pieces, bytes)
    this.#heldAt = offset
    return this.#held.subarray(0, bytesMax)
  }

  async close(): Promise<void> {
    await this.#stream?.return?.()
    this.#stream = undefined
    this.#isOver = true
  }

  /** Makes sure that `offset` lies in what is held, or right behind it. */
  async #goTo(offset: number): Promise<void> {
    const end = this.#heldAt + this.#held.byteLength
    if (offset >= this.#heldAt && offset <= end) return
    if (typeof this.#source === 'function') {
      await this.close()
      this.#isOver = false
      this.#held = new Uint8Array(0)
      this.#heldAt = offset
      return
    }
    if (offset < this.#heldAt)
      throw new WebexError(
        `the server has lost what follows byte ${offset}, and a stream cannot go back: upload it again from a Blob or a function`,
      )
    this.#heldAt = end
    this.#held = new Uint8Array(0)
    while (this.#heldAt + this.#held.byteLength < offset && !this.#isOver) {
      this.#heldAt += this.#held.byteLength
      this.#held = Uint8Array.from(await this.#next())
    }
    if (this.#heldAt + this.#held.byteLength < offset)
      throw new InvalidArgument(
        `the media ends at byte ${this.#heldAt + this.#held.byteLength}, before what the server has of it`,
      )
  }

  async #next(): Promise<Uint8Array> {
    if (this.#stream === undefined) {
      const stream = typeof this.#source === 'function' ? this.#source(this.#heldAt) : this.#source
      this.#stream = stream[Symbol.asyncIterator]()
    }
    const { done, value } = await this.#stream.next()
    if (done !== true) return value
    this.#isOver = true
    return new Uint8Array(0)
  }
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}
