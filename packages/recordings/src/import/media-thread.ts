/**
 * The main thread's end of the media thread. It starts with the first file that needs it and ends when none does; one
 * file has it at a time. A file that takes too much of its memory, or keeps it silent for too long, is refused, and
 * the next gets a new thread.
 */
import { Worker } from 'node:worker_threads'
import { ImportFault } from './import-fault.ts'
import type { MediaFile, MediaReply, MediaRequest } from './media-protocol.ts'
import type { Mp4Facts } from './mp4-sound.ts'
import type { WavFacts } from './wav-file.ts'

/** Heap of the thread: the tables of a video of ten hours take a third of it. */
export const MEDIA_HEAP_MB_MAX = 1_024
/** Longest silence of the thread: two passes over the sound of a large video from a slow disk take minutes. */
export const MEDIA_ANSWER_MS_MAX: number = 10 * 60_000
/** How long a thread without work stays: files come in batches. */
const IDLE_MS = 10_000

/** Reads and converts media outside of the main thread. */
export class MediaThread {
  readonly #answerMsMax: number
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(options: { readonly answerMsMax?: number } = {}) {
    this.#answerMsMax = options.answerMsMax ?? MEDIA_ANSWER_MS_MAX
  }

  /** What an MP4 is. Rejects with `ImportFault`. */
  async readMp4(file: MediaFile, now: number): Promise<Mp4Facts> {
    const release = await this.#turn()
    try {
      const reply = await this.#ask({ kind: 'readMp4', file, now })
      if (reply.kind !== 'facts')
        throw new Error(`the media thread answered ${reply.kind} to another question`)
      return reply.facts
    } finally {
      release()
    }
  }

  /** The sound of an MP4 as a file of its own, in order. */
  mp4Sound(file: MediaFile, as: 'mp4' | 'mp3'): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#pieces({ kind: 'mp4Sound', file, as })
  }

  /** A WAV as MP3, in order. */
  wavToMp3(file: MediaFile, facts: WavFacts): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#pieces({ kind: 'wavToMp3', file, facts })
  }

  /** Ends the thread; what it was doing fails. */
  async close(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  async *#pieces(request: MediaRequest): AsyncGenerator<Uint8Array, void, undefined> {
    const release = await this.#turn()
    let isOver = false
    try {
      this.#started().postMessage(request)
      for (;;) {
        const reply = await this.#ask({ kind: 'next' })
        if (reply.kind !== 'piece') break
        yield reply.bytes
      }
      isOver = true
    } catch (error) {
      isOver = this.#worker === undefined
      throw error
    } finally {
      if (!isOver) this.#worker?.postMessage({ kind: 'stop' } satisfies MediaRequest)
      release()
    }
  }

  /** Waits until the thread is free; the returned function gives it up. */
  async #turn(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = this.#last
    this.#last = promise
    await before
    clearTimeout(this.#idle)
    return () => {
      this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref()
      resolve()
    }
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(new URL('./media-worker.ts', import.meta.url), {
      name: 'media',
      execArgv: [], // Flags of the main program, such as `--input-type`, are its own.
      resourceLimits: { maxOldGenerationSizeMb: MEDIA_HEAP_MB_MAX },
      stderr: true, // Out of memory, the engine writes pages there; our fault says it in a sentence.
    })
    worker.stderr.resume() // Nobody reads it: it shall not pile up.
    worker.on('error', () => {}) // Its end is what counts: whoever asks is told by `exit`.
    worker.on('exit', () => this.#forget(worker))
    this.#worker = worker
    return worker
  }

  async #ask(request: MediaRequest): Promise<MediaReply> {
    const worker = this.#started()
    const answered = Promise.withResolvers<MediaReply>()
    const ended = (): void => answered.reject(new ImportFault('damaged', TOO_MUCH))
    const timer = setTimeout(() => {
      answered.reject(new ImportFault('damaged', 'The file could not be read in time; it may be damaged.'))
      this.#forget(worker)
      void worker.terminate()
    }, this.#answerMsMax)
    worker.once('message', answered.resolve)
    worker.once('exit', ended)
    worker.postMessage(request)
    try {
      return orThrow(await answered.promise)
    } finally {
      clearTimeout(timer)
      worker.off('message', answered.resolve)
      worker.off('exit', ended)
    }
  }

  #forget(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined
  }
}

const TOO_MUCH = 'The file could not be read: it takes too much memory, and may be damaged.'

function orThrow(reply: MediaReply): MediaReply {
  if (reply.kind === 'fault') throw new ImportFault(reply.fault, reply.message)
  if (reply.kind === 'failed')
    throw Object.assign(new Error(reply.message), reply.code === undefined ? {} : { code: reply.code })
  return reply
}
