/**
 * Kysely over PostgreSQL. Selects take any connection of the pool; other single statements are batches of one in the
 * group writer. A Kysely transaction has a connection of its own and holds the writer alone, in this process and in all
 * others (`WRITER_LOCK`), so that a read-modify-write is as safe as on SQLite.
 */
import {
  type CompiledQuery,
  createQueryId,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import type { PoolClient } from 'pg'
import { StoreError } from '../error.ts'
import { savepointNode } from '../savepoint.ts'
import { type Statement, type StatementResult, statementOf } from '../statement.ts'
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
    return new PortDriver(this.#port)
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

class PortDriver implements Driver {
  readonly #port: PostgresPort
  /** Transactions of this process queue here, so that they do not hold the pool's connections while they wait. */
  #lastTransaction: Promise<void> = Promise.resolve()

  constructor(port: PostgresPort) {
    this.#port = port
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new PortConnection(this.#port)
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const before = this.#lastTransaction
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#lastTransaction = promise
    await before
    try {
      await own(connection).begin(resolve)
    } catch (error) {
      resolve()
      throw error
    }
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).end({ commit: true })
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).end({ commit: false })
  }

  async savepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(compile(savepointNode('savepoint', name), createQueryId()))
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(compile(savepointNode('rollback to', name), createQueryId()))
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(compile(savepointNode('release', name), createQueryId()))
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    await this.#port.close()
  }
}

function own(connection: DatabaseConnection): PortConnection {
  return connection as PortConnection // `acquireConnection` makes no other kind.
}

interface OpenTransaction {
  readonly client: PoolClient
  readonly done: () => void
  readonly timer: NodeJS.Timeout | undefined
  expired: boolean
}

class PortConnection implements DatabaseConnection {
  readonly #port: PostgresPort
  #transaction: OpenTransaction | undefined

  constructor(port: PostgresPort) {
    this.#port = port
  }

  async begin(done: () => void): Promise<void> {
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

  async end(how: { readonly commit: boolean }): Promise<void> {
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

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return queryResult(query, await this.#run(query))
  }

  // biome-ignore lint/correctness/useYield: pages are read by key; nothing in the house streams rows.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new StoreError('query', 'The store does not stream rows: read pages by key.')
  }

  async #run(query: CompiledQuery): Promise<StatementResult> {
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

function queryResult<R>(query: CompiledQuery, result: StatementResult): QueryResult<R> {
  const rows = result.rows as R[] // The query's own type says what its rows are.
  if (query.query.kind === 'SelectQueryNode') return { rows }
  return { rows, numAffectedRows: BigInt(result.changes) }
}
