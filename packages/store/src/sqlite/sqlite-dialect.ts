/**
 * Kysely over the database thread. Selects go to the reading connection; everything else is a batch of one and shares
 * its COMMIT with whatever else is written at that moment. A Kysely transaction holds the writer for itself.
 */
import {
  type CompiledQuery,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { type StatementResult, statementOf } from '../statement.ts'
import { EngineConnection, TransactionDriver } from '../transaction-driver.ts'
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
    return new TransactionDriver({
      connect: () => new ThreadConnection(this.#thread, this.#limit),
      close: () => this.#thread.close(),
    })
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

interface OpenTransaction {
  readonly done: () => void
  readonly timer: NodeJS.Timeout | undefined
  expired: boolean
}

class ThreadConnection extends EngineConnection {
  readonly #thread: SqliteThread
  readonly #limit: TransactionLimit
  #transaction: OpenTransaction | undefined

  constructor(thread: SqliteThread, limit: TransactionLimit) {
    super()
    this.#thread = thread
    this.#limit = limit
  }

  override async begin(done: () => void): Promise<void> {
    await this.#thread.ask({ kind: 'begin' })
    const { ms } = this.#limit
    const transaction: OpenTransaction = {
      done,
      expired: false,
      timer: Number.isFinite(ms) ? setTimeout(() => this.#expire(transaction), ms) : undefined,
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

  protected override async run(query: CompiledQuery): Promise<StatementResult> {
    if (this.#transaction?.expired) throw expiredError()
    const statement = statementOf(query)
    const [result] = await this.#thread.ask(
      this.#transaction !== undefined
        ? { kind: 'run', statement }
        : query.query.kind === 'SelectQueryNode'
          ? { kind: 'read', statement }
          : { kind: 'commit', statements: [statement] },
    )
    return result as StatementResult // One statement, one result.
  }
}
