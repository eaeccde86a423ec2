/**
 * The threads of the media workers: started together with rings between each two of them, ended together.
 */
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import type { Logger } from '@tandem/base'
import { StartError } from '../start-error.ts'
import { startThread } from '../thread.ts'
import { newRing } from './ring.ts'
import type { MediaWorkerData, WorkerOrder, WorkerReport } from './worker-message.ts'

/** More workers than this are no use before the calls thread is the limit. */
export const WORKERS_MAX = 2

/** Where media is bound and what it is called outside. */
export interface MediaAddressing {
  readonly host: string
  readonly advertisedHost?: string
  /** A second address of the other family, for phones that speak it. */
  readonly otherHost?: string
  readonly otherAdvertisedHost?: string
  readonly portMin: number
  readonly portMax: number
}

/** What the workers are started with. */
export interface MediaWorkersOptions {
  readonly media: MediaAddressing & {
    /** One less than the processors, at least 1 and at most `WORKERS_MAX`, unless given. */
    readonly workers?: number
  }
  readonly journalFolder: string
  /** Where uploaded announcements, music and voicemail lie, as `<name>.ulaw`; absent: there are none. */
  readonly clipsFolder?: string
  readonly wallOffsetMs: number
  readonly logger: Logger
}

/** One started worker, as the media port sees it. */
export interface WorkerLink {
  post(orders: readonly WorkerOrder[]): void
  onReport(listener: (report: WorkerReport) => void): void
}

/** All of them. */
export interface MediaWorkers {
  readonly links: readonly WorkerLink[]
  /** Called once when a thread ends that was not told to. */
  onDied(listener: (why: string) => void): void
  /** Ends the threads at once; tell them to `finish` before. */
  terminate(): Promise<void>
}

/** Starts the threads and waits until each has bound its first ports; throws a `StartError` if one cannot. */
export async function startMediaWorkers(options: MediaWorkersOptions): Promise<MediaWorkers> {
  const count = options.media.workers ?? Math.min(WORKERS_MAX, Math.max(1, availableParallelism() - 1))
  const rings = Array.from({ length: count }, () => Array.from({ length: count }, () => newRing()))
  const threads: Worker[] = []
  let diedListener: ((why: string) => void) | undefined
  let ending = false

  const links = Array.from({ length: count }, (_, worker): WorkerLink => {
    const thread = startThread(new URL('./media-worker-thread.ts', import.meta.url), {
      name: `media-${worker}`,
      workerData: workerDataOf(options, { worker, count, rings }),
      resourceLimits: { maxYoungGenerationSizeMb: 32 },
    })
    threads.push(thread)
    const died = (why: string): void => {
      if (!ending) diedListener?.(why)
    }
    thread.on('error', (error) =>
      died(`a media worker failed: ${error instanceof Error ? error.name : 'unknown'}`),
    )
    thread.on('exit', (code) => died(`a media worker ended with code ${code}`))
    return {
      post: (orders) => thread.postMessage(orders),
      onReport: (listener) => thread.on('message', listener),
    }
  })

  async function terminate(): Promise<void> {
    ending = true
    await Promise.all(threads.map((thread) => thread.terminate()))
  }

  try {
    await Promise.all(threads.map((thread) => ready(thread)))
  } catch (error) {
    await terminate()
    throw error
  }
  return {
    links,
    onDied(listener) {
      diedListener = listener
    },
    terminate,
  }
}

function workerDataOf(
  options: MediaWorkersOptions,
  at: { worker: number; count: number; rings: readonly (readonly SharedArrayBuffer[])[] },
): MediaWorkerData {
  const { media } = options
  const first = media.portMin + (media.portMin % 2) + 2 * at.worker
  const hosts = [{ bind: media.host, advertised: media.advertisedHost ?? media.host }]
  if (media.otherHost !== undefined) {
    hosts.push({ bind: media.otherHost, advertised: media.otherAdvertisedHost ?? media.otherHost })
  }
  const peers = Array.from({ length: at.count }, (_, peer) => peer).filter((peer) => peer !== at.worker)
  return {
    worker: at.worker,
    range: { hosts, min: first, max: media.portMax, step: 2 * at.count },
    journalFolder: options.journalFolder,
    ...(options.clipsFolder === undefined ? {} : { clipsFolder: options.clipsFolder }),
    wallOffsetMs: options.wallOffsetMs,
    rings: peers.map((peer) => ({
      peer,
      outgoing: at.rings[at.worker]?.[peer] as SharedArrayBuffer, // A full table of count x count.
      incoming: at.rings[peer]?.[at.worker] as SharedArrayBuffer,
    })),
  }
}

function ready(thread: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    function settle(report: WorkerReport): void {
      if (report.kind === 'ready') done()
      else if (report.kind === 'unable') done(new StartError(report.why))
    }
    function done(error?: Error): void {
      thread.off('message', settle)
      thread.off('error', done)
      if (error === undefined) resolve()
      else reject(error)
    }
    thread.on('message', settle)
    thread.on('error', done)
    thread.once('exit', () => done(new StartError('A media worker ended before it was ready.')))
  })
}
