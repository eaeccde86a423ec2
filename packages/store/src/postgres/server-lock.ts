/**
 * Keeps a second server out of the database: a session lock on a connection of its own (`SERVER_LOCK`). The server lets
 * go of it when the connection breaks; then it is taken again as soon as there is a connection, and until then nothing
 * is written. If another server was faster, that is final and is reported.
 */
import type { Logger } from '@tandem/base'
import type { Client } from 'pg'
import { StoreError } from '../error.ts'
import { LOCK_CLASS, SERVER_LOCK } from './advisory-locks.ts'

/** Pause between two attempts to take a lost lock again; short, since nothing is written meanwhile. */
export const RETAKE_MS = 500

/** What the lock needs from outside. */
export interface ServerLockOptions {
  readonly place: string
  readonly logger: Logger
  /** A connected client. */
  connect(): Promise<Client>
  faultOf(error: unknown): StoreError
  /** Another server has the database now: this one must stop. Called once. */
  onLost(error: StoreError): void
}

/** The lock of one server. */
export class ServerLock {
  readonly #options: ServerLockOptions
  #client: Client | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #lost: StoreError | undefined

  private constructor(options: ServerLockOptions) {
    this.#options = options
  }

  /** Takes the lock; fails as `locked` when another server has it. */
  static async take(options: ServerLockOptions): Promise<ServerLock> {
    const lock = new ServerLock(options)
    await lock.#take()
    return lock
  }

  /** Why nothing may be written now; undefined while the lock is held. */
  get fault(): StoreError | undefined {
    if (this.#lost !== undefined || this.#client !== undefined) return this.#lost
    return new StoreError(
      'unreachable',
      `The database ${this.#options.place} was lost, and with it the right to write: it is being taken again.`,
    )
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const client = this.#client
    this.#client = undefined
    await client?.end()
  }

  async #take(): Promise<void> {
    const client = await this.#options.connect()
    try {
      const { rows } = await client.query(
        `SELECT pg_try_advisory_lock(${LOCK_CLASS}, ${SERVER_LOCK}) AS taken`,
      )
      if (rows[0]?.taken !== 1)
        throw new StoreError(
          'locked',
          `The database ${this.#options.place} is in use by another process: stop it, or choose another database.`,
        )
    } catch (error) {
      void client.end().catch(() => undefined) // The first error is the one to tell.
      throw this.#options.faultOf(error)
    }
    client.on('error', () => this.#gone(client))
    client.on('end', () => this.#gone(client))
    this.#client = client
    if (this.#closed) await this.close()
  }

  #gone(client: Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    this.#options.logger.warn('The connection that keeps other servers out was lost; taking it again')
    void this.#retake()
  }

  async #retake(): Promise<void> {
    if (this.#closed) return
    try {
      await this.#take()
      this.#options.logger.info('The database is ours again')
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'locked') {
        this.#timer = setTimeout(() => void this.#retake(), RETAKE_MS)
        return
      }
      this.#lost = error
      this.#options.onLost(error)
    }
  }
}
