/**
 * Kysely over PostgreSQL. Selects take any connection of the pool; other single statements are batches of one in the
 * group writer. A Kysely transaction has a connection of its own and holds the writer alone, in this process and in all
 * others (`WRITER_LOCK`), so that a read-modify-write is as safe as on SQLite.
 */
import {
  type CompiledQuery,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  type QueryCompiler,
} from 'kysely'
import type { PoolClient } from 'pg'
import type { StoreError } from '../error.ts'
import { type Statement, type StatementResult, statementOf } from '../statement.ts'
import { EngineConnection, TransactionDriver } from '../transaction-driver.ts'
import { expiredError, type TransactionLimit } from '../transaction-limit.ts'
import { LOCK_CLASS, WRITER_LOCK } from './advisory-locks.ts'
import { StoreQueryCompiler } from './compiler.ts'
import { queryOf, resultOf } from './statements.ts'

/** What the dialect needs from the engine. */
export interface PostgresPort {
  readonly limit: TransactionLimit
  read(statement: Statement): Promise<StatementResult>
  commit(statements: readonly Statement[]): Promise<readonly StatementResult[]>
  /** A connection for one transaction. */
  connect(): Promise<PoolClient>
  faultOf(error: unknown): StoreError
  close(): Promise<void>
}

/** See the head of this file. */
export class StorePostgresDialect implements Dialect {
  readonly #port: PostgresPort

  constructor(port: PostgresPort) {
    this.#port = port
  }

  createDriver(): Driver {
    return new TransactionDriver({
      connect: () => new PortConnection(this.#port),
      close: () => this.#port.close(),
    })
  }

  createQueryCompiler(): QueryCompiler {
    return new StoreQueryCompiler()
  }

  createAdapter(): PostgresAdapter {
    return new StoreAdapter()
  }

  // biome-ignore lint/suspicious/noExplicitAny: Kysely's interface is declared so.
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return new PostgresIntrospector(db)
  }
}

class StoreAdapter extends PostgresAdapter {
  /** The engine holds `MIGRATION_LOCK` around the whole; Kysely's own would need a connection to itself. */
  override async acquireMigrationLock(): Promise<void> {}

  override async releaseMigrationLock(): Promise<void> {}
}

interface OpenTransaction {
  readonly client: PoolClient
  readonly done: () => void
  readonly timer: NodeJS.Timeout | undefined
  expired: boolean
}

class PortConnection extends EngineConnection {
  readonly #port: PostgresPort
  #transaction: OpenTransaction | undefined

  constructor(port: PostgresPort) {
    super()
    this.#port = port
  }

  override async begin(done: () => void): Promise<void> {
    const client = await this.#port.connect()
    try {
      await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${WRITER_LOCK})`)
    } catch (error) {
      client.release(true)
      throw this.#port.faultOf(error)
    }
    const { ms } = this.#port.limit
    const transaction: OpenTransaction = {
      client,
      done,
      expired: false,
      timer: Number.isFinite(ms) ? setTimeout(() => expire(transaction), ms) : undefined,
    }
    this.#transaction = transaction
  }

  override async end(how: { readonly commit: boolean }): Promise<void> {
    const transaction = this.#transaction
    this.#transaction = undefined
    if (transaction === undefined) return
    clearTimeout(transaction.timer)
    if (transaction.expired) {
      if (how.commit) throw expiredError()
      return
    }
    let clean = false
    try {
      const { command } = await transaction.client.query(how.commit ? 'COMMIT' : 'ROLLBACK')
      clean = true
      // The server answers ROLLBACK to a COMMIT behind a failed statement.
      if (how.commit && command !== 'COMMIT') throw expiredError()
    } catch (error) {
      throw this.#port.faultOf(error)
    } finally {
      transaction.client.release(!clean)
      transaction.done()
    }
  }

  protected override async run(query: CompiledQuery): Promise<StatementResult> {
    const statement = statementOf(query)
    const transaction = this.#transaction
    if (transaction === undefined) {
      if (isRead(query)) return this.#port.read(statement)
      const [result] = await this.#port.commit([statement])
      return result as StatementResult // One statement, one result.
    }
    if (transaction.expired) throw expiredError()
    try {
      return resultOf(await transaction.client.query(queryOf(statement)))
    } catch (error) {
      throw transaction.expired ? expiredError() : this.#port.faultOf(error)
    }
  }
}

/** Cutting the connection is the one way that also stops a statement which is still running. */
function expire(transaction: OpenTransaction): void {
  transaction.expired = true
  transaction.client.release(true)
  transaction.done()
}

/** A select written by hand counts too; a `with` may hold a change, so it does not. */
function isRead(query: CompiledQuery): boolean {
  return query.query.kind === 'SelectQueryNode' || /^\s*select\b/i.test(query.sql)
}
