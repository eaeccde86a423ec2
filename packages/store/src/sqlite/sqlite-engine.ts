/** SQLite behind `Database`: one file, and those attached to it, in a thread of their own. */
import type { Logger } from '@tandem/base'
import type { Dialect } from 'kysely'
import type { AttachedSchema, Engine } from '../engine.ts'
import { StoreError } from '../error.ts'
import type { Statement, StatementResult } from '../statement.ts'
import { TRANSACTION_MS_MAX, type TransactionLimit } from '../transaction-limit.ts'
import { copyFile } from './copy-file.ts'
import { SqliteThreadDialect } from './sqlite-dialect.ts'
import { SqliteThread } from './sqlite-thread.ts'

/** How to open it. */
export interface SqliteOptions {
  readonly file: string
  readonly logger: Logger
  readonly exclusive: boolean
  readonly attach: Readonly<Partial<Record<AttachedSchema, string>>>
}

/** Opens the file and what is attached to it; fails with a `StoreError`. */
export async function openSqlite(options: SqliteOptions): Promise<Engine> {
  const { file, exclusive, attach, logger } = options
  const thread = await SqliteThread.start({ file, exclusive, attach }, logger)
  return new SqliteEngine(thread, options)
}

class SqliteEngine implements Engine {
  readonly dialect: Dialect
  readonly place: string
  readonly #thread: SqliteThread
  readonly #files: SqliteOptions['attach']
  readonly #limit: TransactionLimit = { ms: TRANSACTION_MS_MAX }

  constructor(thread: SqliteThread, options: Pick<SqliteOptions, 'file' | 'attach'>) {
    this.#thread = thread
    this.#files = options.attach
    this.place = options.file
    this.dialect = new SqliteThreadDialect(thread, this.#limit)
  }

  commit(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    return this.#thread.ask({ kind: 'commit', statements })
  }

  /** The migrations' own transaction keeps other processes out. */
  async whileMigrating<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#limit.ms = Number.POSITIVE_INFINITY
    try {
      return await work()
    } finally {
      this.#limit.ms = TRANSACTION_MS_MAX
    }
  }

  async checkpoint(options: { readonly rewrite: boolean }): Promise<boolean> {
    const [result] = await this.#thread.ask({ kind: 'checkpoint', ...options })
    return result?.rows[0]?.['busy'] === 0
  }

  async backup(toFile: string, schema: AttachedSchema | undefined): Promise<void> {
    const file = schema === undefined ? this.place : this.#files[schema]
    if (file === undefined)
      throw new StoreError('backup', `The database ${this.place} has no ${schema} attached to it.`)
    await copyFile(file, toFile)
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}
