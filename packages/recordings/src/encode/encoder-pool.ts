/**
 * The main thread's end of the encoding threads. A thread starts with the first recording, so that an idle server has
 * none; each recording belongs to one thread by its id; a thread that dies is started again and asked again.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Logger } from '@tandem/base'
import type { PartForm } from '../vault/part-builder.ts'
import type { Assembled } from './assembly.ts'
import type {
  EncoderReply,
  EncoderRequest,
  EncoderThreadData,
  EncodingFault,
  SegmentContents,
} from './protocol.ts'

/** Most encoding threads: one encodes some six hundred live calls. */
export const ENCODER_THREADS_MAX = 4
/** How often one request may cost a thread its life before it fails for good. */
export const THREAD_DEATHS_MAX = 2

/** How long a thread without work stays: calls come in bursts. */
const IDLE_MS = 10_000
/** How long a dead thread stays dead when nothing was asked of it: it may die again at once. */
const RESTART_MS = 1_000

/** A part could not be made; `again` says whether another try may work. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError'
  readonly again: boolean

  constructor(fault: EncodingFault) {
    super(fault.message)
    this.again = fault.again
  }
}

type Numbered = Extract<EncoderRequest, { ask: number }>
type Question = Numbered extends infer Each ? (Each extends Numbered ? Omit<Each, 'ask'> : never) : never
type Waiting = {
  readonly request: Numbered
  deaths: number
  readonly resolve: (reply: EncoderReply) => void
  readonly reject: (error: EncodingError) => void
}
type Thread = {
  worker: Worker | undefined
  idle: NodeJS.Timeout | undefined
  readonly waiting: Map<number, Waiting>
  /** Recordings that are being made, with the keys that are known. */
  readonly open: Map<string, Uint8Array | undefined>
}

/** How a pool is made. */
export interface EncoderPoolOptions {
  readonly data: Omit<EncoderThreadData, 'done' | 'form'>
  /** How files are made and where their keys come from; a `Vault` is the real one. Without it they are bare. */
  readonly vault?: {
    readonly form: PartForm['kind']
    /** On disk when it resolves. */
    keyFor(id: string): Promise<Uint8Array | undefined>
  }
  /** Recordings that a new thread shall pass over. */
  readonly done: () => readonly string[]
  readonly logger: Logger
  /** Threads at most; by default one core is left to the calls. */
  readonly threads?: number
}

/** The encoding threads. */
export class EncoderPool {
  readonly #options: EncoderPoolOptions
  readonly #threads: readonly Thread[]
  #lastAsk = 0
  #closing = false

  constructor(options: EncoderPoolOptions) {
    const spare = Math.max(1, availableParallelism() - 1)
    const count = Math.min(options.threads ?? spare, ENCODER_THREADS_MAX)
    this.#options = options
    this.#threads = Array.from({ length: count }, () => ({
      worker: undefined,
      idle: undefined,
      waiting: new Map(),
      open: new Map(),
    }))
  }

  /** How many threads run. */
  get threadCount(): number {
    return this.#threads.filter((thread) => thread.worker !== undefined).length
  }

  /** A recording is being made: follow its journal. */
  follow(id: string): void {
    const thread = this.#threadOf(id)
    thread.open.set(id, undefined)
    this.#post(thread, { kind: 'follow' })
    this.#handKey(thread, id).catch(() => {
      // Nobody is misled: without its key nothing of the recording is encoded, and `finish` asks for it again.
    })
  }

  /** Makes the part of a recording that has ended, or was cut off for this reason. Fails with an `EncodingError`. */
  async finish(id: string, cut: string): Promise<Assembled> {
    const dataKey = await this.#options.vault?.keyFor(id)
    const sealing = dataKey === undefined ? {} : { dataKey }
    const reply = await this.#ask(this.#threadOf(id), { kind: 'finish', id, cut, ...sealing })
    if (reply.kind !== 'finished') throw unexpected(reply)
    return reply.assembled
  }

  /**
   * Which recordings of one call half are in the making. What a thread that fails had to say is missing: the answer
   * tells what is worth waiting for, no more.
   */
  async ofCall(callId: string): Promise<readonly string[]> {
    const running = this.#threads.filter((thread) => thread.worker !== undefined)
    const replies = await Promise.allSettled(
      running.map((thread) => this.#ask(thread, { kind: 'ofCall', callId })),
    )
    return replies.flatMap((reply) =>
      reply.status === 'fulfilled' && reply.value.kind === 'making' ? reply.value.ids : [],
    )
  }

  /** The recording has its row, or will never have one. */
  forget(id: string): void {
    const thread = this.#threadOf(id)
    thread.open.delete(id)
    if (thread.worker !== undefined) this.#post(thread, { kind: 'forget', id })
    this.#restWhenIdle(thread)
  }

  /** Which recordings a segment holds. */
  async inspect(path: string): Promise<SegmentContents> {
    const reply = await this.#ask(this.#first(), { kind: 'inspect', path })
    if (reply.kind !== 'contents') throw unexpected(reply)
    return reply.contents
  }

  /** Ends the threads; what they were asked fails, and may be asked again after the next start. */
  async close(): Promise<void> {
    this.#closing = true
    for (const thread of this.#threads) clearTimeout(thread.idle)
    await Promise.all(this.#threads.map((thread) => thread.worker?.terminate()))
  }

  /**
   * Gives the thread the key of a recording. It is made here and not there, since it must be on disk before its first
   * use and the database is asked from here; and made when the recording begins, so that nobody waits for it at its end.
   */
  async #handKey(thread: Thread, id: string): Promise<void> {
    const dataKey = await this.#options.vault?.keyFor(id)
    if (dataKey === undefined || !thread.open.has(id) || this.#closing) return
    thread.open.set(id, dataKey)
    if (thread.worker !== undefined)
      thread.worker.postMessage({ kind: 'key', id, dataKey } satisfies EncoderRequest)
  }

  #first(): Thread {
    return this.#threads[0] as Thread // There is at least one.
  }

  #threadOf(id: string): Thread {
    let hash = 0
    for (let at = 0; at < id.length; at++) hash = (hash * 31 + id.charCodeAt(at)) >>> 0
    return this.#threads[hash % this.#threads.length] as Thread // Inside the list.
  }

  #ask(thread: Thread, question: Question): Promise<EncoderReply> {
    if (this.#closing)
      return Promise.reject(new EncodingError({ message: 'Encoding has ended', again: true }))
    const request: Numbered = { ...question, ask: ++this.#lastAsk }
    return new Promise((resolve, reject) => {
      thread.waiting.set(request.ask, { request, deaths: 0, resolve, reject })
      this.#post(thread, request)
    })
  }

  #post(thread: Thread, request: EncoderRequest): void {
    if (this.#closing) return
    thread.worker ??= this.#start(thread)
    thread.worker.postMessage(request)
  }

  #start(thread: Thread): Worker {
    const worker = new Worker(new URL('./encoder-worker.ts', import.meta.url), {
      workerData: {
        ...this.#options.data,
        form: this.#options.vault?.form ?? 'bare',
        done: this.#options.done(),
      } satisfies EncoderThreadData,
      name: 'encoder',
      execArgv: [], // Flags of the main program, such as `--input-type`, are its own.
    })
    for (const [id, dataKey] of thread.open) {
      if (dataKey !== undefined) worker.postMessage({ kind: 'key', id, dataKey } satisfies EncoderRequest)
    }
    worker.on('message', (reply: EncoderReply) => this.#receive(thread, reply))
    worker.on('error', (error) => {
      this.#options.logger.error('An encoding thread failed; it is started again', { error: String(error) })
    })
    worker.on('exit', () => {
      if (thread.worker === worker) this.#gone(thread)
    })
    return worker
  }

  #receive(thread: Thread, reply: EncoderReply): void {
    const waiting = thread.waiting.get(reply.ask)
    thread.waiting.delete(reply.ask)
    if (reply.kind === 'failed') waiting?.reject(new EncodingError(reply.fault))
    else waiting?.resolve(reply)
    this.#restWhenIdle(thread)
  }

  /** Ends a thread that had nothing to do for a while: an idle server has none. */
  #restWhenIdle(thread: Thread): void {
    clearTimeout(thread.idle)
    thread.idle = setTimeout(() => {
      if (thread.waiting.size > 0 || thread.open.size > 0) return
      const worker = thread.worker
      thread.worker = undefined
      void worker?.terminate()
    }, IDLE_MS).unref()
  }

  /** Asks a new thread what the dead one still owed; what killed two of them is given up for now. */
  #gone(thread: Thread): void {
    thread.worker = undefined
    const owed = [...thread.waiting.values()]
    for (const waiting of owed) {
      waiting.deaths += 1
      const ended = this.#closing || waiting.deaths >= THREAD_DEATHS_MAX
      if (!ended) {
        this.#post(thread, waiting.request)
        continue
      }
      thread.waiting.delete(waiting.request.ask)
      waiting.reject(new EncodingError({ message: 'The encoding thread ended', again: true }))
    }
    if (thread.open.size > 0) setTimeout(() => this.#post(thread, { kind: 'follow' }), RESTART_MS).unref()
  }
}

function unexpected(reply: EncoderReply): Error {
  return new Error(`an encoding thread answered ${reply.kind} to another question`)
}
