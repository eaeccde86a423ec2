/**
 * Checked content as a stream for an answer: one chunk is read, checked and handed over at a time, so that a slow reader
 * costs two chunks of memory and no more. A fault destroys it; what was not checked never leaves (promise P5).
 */
import { Readable } from 'node:stream'

/** Streams what a generator gives; `done` is called once, at the end or when nobody wants the rest. */
export class CheckedStream extends Readable {
  readonly #chunks: AsyncGenerator<Uint8Array, void>
  readonly #done: () => Promise<void>
  #first: IteratorResult<Uint8Array, void> | undefined

  private constructor(
    chunks: AsyncGenerator<Uint8Array, void>,
    first: IteratorResult<Uint8Array, void>,
    done: () => Promise<void>,
  ) {
    super({ highWaterMark: 1 }) // The next chunk is asked for when the last one was taken.
    this.#chunks = chunks
    this.#first = first
    this.#done = done
  }

  /** Resolves when the first chunk is checked, so that damage there is an answer and not a broken connection. */
  static async open(
    chunks: AsyncGenerator<Uint8Array, void>,
    done: () => Promise<void>,
  ): Promise<CheckedStream> {
    return new CheckedStream(chunks, await chunks.next(), done)
  }

  override _read(): void {
    this.#next().then(
      ({ done, value }) => this.push(done === true ? null : value),
      (error: unknown) => this.destroy(error as Error), // Readers throw errors alone.
    )
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#chunks
      .return()
      .then(() => this.#done())
      .then(
        () => callback(error),
        (cause: unknown) => callback(error ?? (cause as Error)), // As above.
      )
  }

  /** Passes empty chunks over: a stream takes them for a pause. */
  async #next(): Promise<IteratorResult<Uint8Array, void>> {
    let result = this.#first ?? (await this.#chunks.next())
    this.#first = undefined
    while (result.done !== true && result.value.length === 0) result = await this.#chunks.next()
    return result
  }
}
