/**
 * The main thread's end of the database thread: sends requests, pairs answers, and fails everything that waits with one
 * clear error when the thread ends.
 */
import { Worker } from 'node:worker_threads'
import type { Logger } from '@tandem/base'
import { StoreError } from '../error.ts'
import type { StatementResult } from '../statement.ts'
import type { DatabaseMessage, DatabaseRequest, DatabaseThreadData } from './protocol.ts'

type Waiting = {
  readonly resolve: (results: readonly StatementResult[]) => void
  readonly reject: (error: StoreError) => void
}

/** A request without its number. */
export type Ask<Request = DatabaseRequest> = Request extends DatabaseRequest ? Omit<Request, 'id'> : never

/** One running database thread. */
export class SqliteThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #gone: Promise<void>
  #lastId = 0
  /** Asked for in this turn of the event loop, not yet sent. */
  #asked: DatabaseRequest[] = []
  #ended: StoreError | undefined

  private constructor(worker: Worker, logger: Logger) {
    this.#worker = worker
    worker.on('message', (message: DatabaseMessage) => this.#receive(message))
    this.#gone = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#end(new StoreError('closed', 'The database thread has ended: restart the server.'))
        resolve()
      })
    })
    worker.on('error', (error) => {
      logger.error('The database thread failed; restart the server', { error: String(error) })
      this.#end(new StoreError('closed', `The database thread failed: ${error}`, { cause: error }))
    })
  }

  /** Starts the thread; fails with a `StoreError` when the file cannot be used. */
  static async start(data: DatabaseThreadData, logger: Logger): Promise<SqliteThread> {
    const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), {
      workerData: data,
      name: 'database',
      execArgv: [], // Flags such as `--input-type` are the main program's own.
    })
    const first = await new Promise<DatabaseMessage>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    if (first.kind === 'refused') throw new StoreError(first.fault.code, first.fault.message)
    return new SqliteThread(worker, logger)
  }

  /**
   * Sends one request; resolves with the results of its statements. All that is asked for in one turn goes as one message:
   * batches that belong together then share a COMMIT, where the first of them alone would have woken the thread.
   */
  ask(request: Ask): Promise<readonly StatementResult[]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#asked.push({ ...request, id })
      // After the promises of this turn, not after the first of them: each may ask for something more.
      if (this.#asked.length === 1) process.nextTick(() => this.#send())
    })
  }

  #send(): void {
    const requests = this.#asked
    this.#asked = []
    this.#worker.postMessage(requests)
  }

  /** Finishes what was asked, closes the file and ends the thread. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#ended === undefined) await this.ask({ kind: 'close' })
    this.#ended ??= new StoreError('closed', 'The database is closed.')
    await this.#gone
  }

  #receive(message: DatabaseMessage): void {
    if (message.kind !== 'replies') return
    for (const reply of message.replies) {
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if (reply.ok) waiting?.resolve(reply.results)
      else waiting?.reject(new StoreError(reply.fault.code, reply.fault.message))
    }
  }

  #end(error: StoreError): void {
    this.#ended ??= error
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const each of waiting) each.reject(this.#ended)
  }
}
