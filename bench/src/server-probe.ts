/**
 * Looks into a running server from outside: the heap of each of its threads after a forced collection and the timers that
 * they hold, by the inspector protocol on loopback; open descriptors and leftover files by the file system.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Office } from './office.ts'

/** Makes the server open its inspector on a free port of loopback. */
export const INSPECTED: Readonly<Record<string, string>> = { NODE_OPTIONS: '--inspect=127.0.0.1:0' }

const ANSWER_MS_MAX = 20_000
/** Collecting once leaves what finalizers and weak references hold. */
const COLLECTIONS = 2

/** One thread after a collection. */
export interface ThreadState {
  readonly name: string
  readonly heapBytes: number
  readonly timers: number
}

type Answers = Map<number, (result: Record<string, unknown>) => void>

/** A session with the inspector of the server. Close it when done. */
export class ServerProbe {
  readonly #socket: WebSocket
  readonly #answers: Answers = new Map()
  /** Session of each thread, with its name. */
  readonly #threads = new Map<string, string>()
  #id = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', (event) => this.#take(String(event.data)))
  }

  /** Connects; the server must have been started with `INSPECTED`. */
  static async connect(office: Office): Promise<ServerProbe> {
    const [url = ''] = await office.stage.server.waitFor(/ws:\/\/127\.0\.0\.1:\d+\/\S+/, ANSWER_MS_MAX)
    const socket = new WebSocket(url)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true })
      socket.addEventListener('error', () => reject(new Error('the inspector cannot be reached')), {
        once: true,
      })
    })
    const probe = new ServerProbe(socket)
    await probe.#ask('NodeWorker.enable', { waitForDebuggerOnStart: false })
    return probe
  }

  /** Every thread that lasts as long as the server; encoders come and go. */
  async threads(): Promise<ThreadState[]> {
    const states = [await this.#state('main', undefined)]
    for (const [session, name] of this.#threads)
      if (!name.includes('encoder')) states.push(await this.#state(name, session))
    return states
  }

  close(): void {
    this.#socket.close()
  }

  async #state(name: string, session: string | undefined): Promise<ThreadState> {
    for (let turn = 0; turn < COLLECTIONS; turn++) await this.#ask('HeapProfiler.collectGarbage', {}, session)
    const usage = await this.#ask('Runtime.getHeapUsage', {}, session)
    const expression = "process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length"
    const { result } = await this.#ask('Runtime.evaluate', { expression }, session)
    const timers = Number((result as { value?: unknown }).value ?? Number.NaN)
    const bytes = Number(usage['usedSize']) + Number(usage['backingStorageSize'] ?? 0)
    return { name, heapBytes: bytes, timers }
  }

  /** Asks the main thread, or through it another one. */
  #ask(method: string, params: object, session?: string): Promise<Record<string, unknown>> {
    this.#id += 1
    const id = this.#id
    const message = { id, method, params }
    const answered = new Promise<Record<string, unknown>>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server did not answer ${method}`)), ANSWER_MS_MAX)
      this.#answers.set(id, (result) => {
        clearTimeout(timer)
        resolve(result)
      })
    })
    const outer =
      session === undefined
        ? message
        : {
            id: 0,
            method: 'NodeWorker.sendMessageToWorker',
            params: { sessionId: session, message: JSON.stringify(message) },
          }
    this.#socket.send(JSON.stringify(outer))
    return answered
  }

  #take(text: string): void {
    const message = JSON.parse(text) as {
      id?: number
      method?: string
      result?: Record<string, unknown>
      params?: { sessionId: string; message?: string; workerInfo?: { title: string } }
    } // The inspector protocol, domain NodeWorker.
    const { params } = message
    if (message.method === 'NodeWorker.attachedToWorker' && params !== undefined)
      this.#threads.set(params.sessionId, params.workerInfo?.title ?? '')
    else if (message.method === 'NodeWorker.detachedFromWorker' && params !== undefined)
      this.#threads.delete(params.sessionId)
    else if (message.method === 'NodeWorker.receivedMessageFromWorker') this.#take(params?.message ?? '{}')
    if (message.id === undefined || message.id === 0) return
    const answer = this.#answers.get(message.id)
    this.#answers.delete(message.id)
    answer?.(message.result ?? {})
  }
}

/** Descriptors that the server has open: sockets, files, pipes. */
export function openDescriptors(office: Office): number {
  return readdirSync(`/proc/${office.serverPid}/fd`).length
}

/** Journal segments and unfinished files of the server. */
export function leftoverFiles(office: Office): string[] {
  return ['journal', join('vault', 'tmp')].flatMap((folder) => {
    const entries = readdirSync(join(office.stage.dataFolder, folder), { withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(folder, entry.name))
  })
}
