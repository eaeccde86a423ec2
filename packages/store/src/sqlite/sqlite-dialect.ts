/**
 * Kysely over the database thread. Selects go to the reading connection; everything else is a batch of one and shares
 * its COMMIT with whatever else is written at that moment. A Kysely transaction holds the writer for itself.
 */
import {
  type CompiledQuery,
  createQueryId,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { StoreError } from '../error.ts'
import { savepointNode } from '../savepoint.ts'
import { type StatementResult, statementOf } from '../statement.ts'
import { expiredError, type TransactionLimit } from '../transaction-limit.ts'
import type { SqliteThread } from './sqlite-thread.ts'

/** The dialect; its adapter knows that our thread takes many connections and rolls back DDL. */
export class SqliteThreadDialect implements Dialect {
  readonly #thread: SqliteThread
  readonly #limit: TransactionLimit

  constructor(thread: SqliteThread, limit: TransactionLimit) {
    this.#thread = thread
    this.#limit = limit
  }

  createDriver(): Driver {
    return new ThreadDriver(this.#thread, this.#limit)
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): SqliteAdapter {
    return new ThreadAdapter()
  }

  // biome-ignore lint/suspicious/noExplicitAny: Kysely's interface is declared so.
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

class ThreadAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }

  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class ThreadDriver implements Driver {
  readonly #thread: SqliteThread
  readonly #limit: TransactionLimit
  /** Transactions of this process queue here, so that the thread sees one at a time. */
  #lastTransaction: Promise<void> = Promise.resolve()

  constructor(thread: SqliteThread, limit: TransactionLimit) {
    this.#thread = thread
    this.#limit = limit
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new ThreadConnection(this.#thread, this.#limit)
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
    await this.#thread.close()
  }
}

function own(connection: DatabaseConnection): ThreadConnection {
  return connection as ThreadConnection // `acquireConnection` makes no other kind.
}

interface OpenTransaction {
  readonly done: () => void
  readonly timer: NodeJS.Timeout | undefined
  expired: boolean
}

class ThreadConnection implements DatabaseConnection {
  readonly #thread: SqliteThread
  readonly #limit: TransactionLimit
  #transaction: OpenTransaction | undefined

  constructor(thread: SqliteThread, limit: TransactionLimit) {
    this.#thread = thread
    this.#limit = limit
  }

  async begin(done: () => void): Promise<void> {
    await this.#thread.ask({ kind: 'begin' })
    const { ms } = this.#limit
    const transaction: OpenTransaction = {
      done,
      expired: false,
      timer: Number.isFinite(ms) ? setTimeout(() => this.#expire(transaction), ms) : undefined,
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
    try {
      await this.#thread.ask({ kind: 'end', commit: how.commit })
    } finally {
      transaction.done()
    }
  }

  /** Whoever still works in it meets `expired` at its next statement. */
  #expire(transaction: OpenTransaction): void {
    transaction.expired = true
    void this.#thread.ask({ kind: 'end', commit: false }).then(transaction.done, transaction.done)
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#transaction?.expired) throw expiredError()
    const statement = statementOf(query)
    const [result] = await this.#thread.ask(
      this.#transaction !== undefined
        ? { kind: 'run', statement }
        : query.query.kind === 'SelectQueryNode'
          ? { kind: 'read', statement }
          : { kind: 'commit', statements: [statement] },
    )
    return queryResult(query, result as StatementResult) // One statement, one result.
  }

  // biome-ignore lint/correctness/useYield: pages are read by key; nothing in the house streams rows.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new StoreError('query', 'The store does not stream rows: read pages by key.')
  }
}

function queryResult<R>(query: CompiledQuery, result: StatementResult): QueryResult<R> {
  const rows = result.rows as R[] // The query's own type says what its rows are.
  if (query.query.kind === 'SelectQueryNode') return { rows }
  const numAffectedRows = BigInt(result.changes)
  if (query.query.kind !== 'InsertQueryNode' || result.insertId === undefined)
    return { rows, numAffectedRows }
  return { rows, numAffectedRows, insertId: BigInt(result.insertId) }
}
