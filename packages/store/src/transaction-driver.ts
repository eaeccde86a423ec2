/**
 * The driver that Kysely asks for connections, the same over both engines: transactions of this process queue here, so
 * that an engine sees one at a time, and savepoints are statements like others.
 */
import {
  type CompiledQuery,
  createQueryId,
  type DatabaseConnection,
  type Driver,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import { StoreError } from './error.ts'
import { savepointNode } from './savepoint.ts'
import type { StatementResult } from './statement.ts'

/** One connection of an engine. What it runs outside of a transaction is on its own. */
export abstract class EngineConnection implements DatabaseConnection {
  /** Begins a transaction, and calls `done` when it is over, however it ends; when this fails it never does. */
  abstract begin(done: () => void): Promise<void>

  /** Ends it; does nothing without one. */
  abstract end(how: { readonly commit: boolean }): Promise<void>

  protected abstract run(query: CompiledQuery): Promise<StatementResult>

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return queryResult(query, await this.run(query))
  }

  // biome-ignore lint/correctness/useYield: pages are read by key; nothing in the house streams rows.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new StoreError('query', 'The store does not stream rows: read pages by key.')
  }
}

/** What the driver needs of an engine. */
export interface DriverPort {
  connect(): EngineConnection
  close(): Promise<void>
}

/** See the head of this file. */
export class TransactionDriver implements Driver {
  readonly #port: DriverPort
  #lastTransaction: Promise<void> = Promise.resolve()

  constructor(port: DriverPort) {
    this.#port = port
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#port.connect()
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

function own(connection: DatabaseConnection): EngineConnection {
  return connection as EngineConnection // `acquireConnection` makes no other kind.
}

function queryResult<R>(query: CompiledQuery, result: StatementResult): QueryResult<R> {
  const rows = result.rows as R[] // The query's own type says what its rows are.
  if (query.query.kind === 'SelectQueryNode') return { rows }
  const numAffectedRows = BigInt(result.changes)
  if (query.query.kind !== 'InsertQueryNode' || result.insertId === undefined)
    return { rows, numAffectedRows }
  return { rows, numAffectedRows, insertId: BigInt(result.insertId) }
}
