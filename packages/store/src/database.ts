/**
 * The database of one node behind Kysely: SQLite in a thread of its own, or a PostgreSQL server. What `commit` or a
 * single write acknowledges is on disk (storage rules R1, R6, R7); a batch that failed has changed nothing. Whoever uses
 * it sees no difference, but for what `dialectOf` is there to ask.
 */
import type { Logger } from '@tandem/base'
import { type Compilable, Kysely, type Transaction } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { AttachedSchema, Engine } from './engine.ts'
import type { StoreError } from './error.ts'
import { migrate } from './migrate.ts'
import { isOutboxEvent } from './outbox.ts'
import { openSqlite } from './sqlite/sqlite-engine.ts'
import { type StatementResult, statementOf } from './statement.ts'
import type { StoreTables } from './tables.ts'

/** What one statement of a batch did: its rows and how many it changed. */
export type CommitResult = StatementResult

/** Migrations by key, carried out in the order of the keys. */
export type Migrations = Readonly<Record<string, Migration>>

/** Where the database is: a file, whose folder is made when absent, or a server. */
export type DatabasePlace =
  | { readonly file: string; readonly url?: never }
  /** `postgres://user:password@host:port/database` */
  | { readonly url: string; readonly file?: never }

/** How to open a database. */
export type DatabaseOptions = DatabasePlace & {
  /**
   * Migrations of the packages above, by key; the store adds its own. As a promise they may still be loading while the
   * thread starts and opens the file.
   */
  readonly migrations: Migrations | Promise<Migrations>
  readonly logger: Logger
  /** Keep every other process out, as a server must; a command beside a running server leaves it false, the default. */
  readonly exclusive?: boolean
  /**
   * What is kept apart and reached with `withSchema`: on SQLite a file of its own by this path, on PostgreSQL a schema,
   * the path counting for nothing. A commit over both files is atomic in each of them, not in both.
   */
  readonly attach?: Readonly<Record<AttachedSchema, string>>
  /**
   * Called once when an `exclusive` PostgreSQL database was lost to another server: nothing can be written any more, and
   * the process should stop. A connection that merely broke is made again without a word.
   */
  readonly onLost?: (error: StoreError) => void
}

/** Opens the database and brings its schema up to date; fails with a `StoreError` that says what to do. */
export async function openDatabase<Tables>(options: DatabaseOptions): Promise<Database<Tables>> {
  const engine = await openEngine(options)
  const kysely = new Kysely<Tables & StoreTables>({ dialect: engine.dialect })
  try {
    const attached = Object.keys(options.attach ?? {}) as AttachedSchema[] // By its type.
    const migrations = await options.migrations
    await engine.whileMigrating(() =>
      migrate(kysely, { migrations, attached, place: engine.place, logger: options.logger }),
    )
  } catch (error) {
    await engine.close()
    throw error
  }
  return new Database(engine, kysely)
}

/** An open database. */
export class Database<Tables> {
  readonly #engine: Engine
  readonly #listeners = new Set<() => void>()
  /** For queries and single writes. */
  readonly kysely: Kysely<Tables & StoreTables>

  constructor(engine: Engine, kysely: Kysely<Tables & StoreTables>) {
    this.#engine = engine
    this.kysely = kysely
  }

  /**
   * Carries out all of `queries` or none, and resolves after the COMMIT returned. Batches that are asked for at the same
   * time share one COMMIT; one that fails does not touch the others.
   */
  async commit(queries: readonly Compilable[]): Promise<readonly CommitResult[]> {
    const statements = queries.map((query) => statementOf(query.compile()))
    const results = await this.#engine.commit(statements)
    if (queries.some(isOutboxEvent)) for (const listener of this.#listeners) listener()
    return results
  }

  /**
   * Runs `work` with the writer to itself, in this process and all others: for the rare read-modify-write. Everything
   * else that writes waits meanwhile, ten seconds at most; then the transaction is undone and fails as `expired`. A
   * statement that fails ends it on PostgreSQL, so `work` must not go on after one.
   */
  transaction<Result>(work: (tx: Transaction<Tables & StoreTables>) => Promise<Result>): Promise<Result> {
    return this.kysely.transaction().execute(work)
  }

  /** Calls `listener` after each commit that held an outbox event; returns how to stop. A wake-up, never the truth. */
  onOutbox(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Makes what was deleted unreadable on disk: SQLite's logs are written into their files, where what is deleted has been
   * overwritten with zeros, and emptied. False when another process was reading; then ask again later.
   *
   * Overwriting misses a copy now and then: pages that SQLite split or merged may keep one in their gaps. Measured with
   * 18,000 deleted rows each: none of rows as the keys of recordings are (appended, of one size), 76 of rows of varying
   * size with a unique text. `rewrite` writes every page anew and leaves none; it holds all writers up for as long as that
   * takes, so it belongs into a quiet hour. PostgreSQL is left to itself.
   */
  checkpoint(options: { readonly rewrite?: boolean } = {}): Promise<boolean> {
    return this.#engine.checkpoint({ rewrite: options.rewrite ?? false })
  }

  /**
   * Copies the main file, or one attached, to a path where nothing is, as of one moment and while others write. The main
   * copy never holds the attached keys. SQLite only: for PostgreSQL it fails as `backup` and names the tool.
   */
  backup(toFile: string, options: { readonly schema?: AttachedSchema } = {}): Promise<void> {
    return this.#engine.backup(toFile, options.schema)
  }

  /** Finishes what was asked and closes the file or the connections. Safe to call twice. */
  close(): Promise<void> {
    return this.#engine.close()
  }
}

async function openEngine(options: DatabaseOptions): Promise<Engine> {
  const { logger, exclusive = false, attach } = options
  if (options.url === undefined)
    return openSqlite({ file: options.file, logger, exclusive, attach: attach ?? {} })
  const { openPostgres } = await import('./postgres/postgres-engine.ts') // `pg` is loaded only where it is used.
  return openPostgres({
    url: options.url,
    logger,
    exclusive,
    attach: Object.keys(attach ?? {}) as AttachedSchema[], // By its type.
    onLost: options.onLost ?? (() => undefined),
  })
}
