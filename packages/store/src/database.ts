/**
 * The database of one node: SQLite in a thread of its own behind Kysely. What `commit` or a single write acknowledged
 * is on disk (storage rules R1, R6, R7); a batch that failed has changed nothing.
 */
import type { Logger } from '@tandem/base'
import { type Compilable, Kysely, type Transaction } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { StoreError } from './error.ts'
import { isOutboxEvent } from './outbox.ts'
import type { StatementResult } from './sqlite/protocol.ts'
import { SqliteThreadDialect, statementOf } from './sqlite/sqlite-dialect.ts'
import { SqliteThread } from './sqlite/sqlite-thread.ts'
import { STORE_MIGRATIONS, type StoreTables } from './tables.ts'

/** What one statement of a batch did: its rows, how many it changed, the key of a row it inserted. */
export type CommitResult = StatementResult

/** Migrations by key, carried out in the order of the keys. */
export type Migrations = Readonly<Record<string, Migration>>

/** How to open a database. */
export interface DatabaseOptions {
  /** Path of the file; its folder is made when absent. */
  readonly file: string
  /**
   * Migrations of the packages above, by key; the store adds its own. As a promise they may still be loading while the
   * thread starts and opens the file.
   */
  readonly migrations: Migrations | Promise<Migrations>
  readonly logger: Logger
  /** Keep every other process out, as a server must; a command beside a running server leaves it false, the default. */
  readonly exclusive?: boolean
}

/** Opens the database and brings its schema up to date; fails with a `StoreError` that says what to do. */
export async function openDatabase<Tables>(options: DatabaseOptions): Promise<Database<Tables>> {
  const { file, logger, exclusive = false } = options
  const thread = await SqliteThread.start({ file, exclusive }, logger)
  const kysely = new Kysely<Tables & StoreTables>({ dialect: new SqliteThreadDialect(thread) })
  try {
    await migrate(kysely, { ...STORE_MIGRATIONS, ...(await options.migrations) }, options)
  } catch (error) {
    await thread.close()
    throw error
  }
  return new Database(thread, kysely)
}

/** An open database. */
export class Database<Tables> {
  readonly #thread: SqliteThread
  readonly #listeners = new Set<() => void>()
  /** For queries and single writes. */
  readonly kysely: Kysely<Tables & StoreTables>

  constructor(thread: SqliteThread, kysely: Kysely<Tables & StoreTables>) {
    this.#thread = thread
    this.kysely = kysely
  }

  /**
   * Carries out all of `queries` or none, and resolves after the COMMIT returned. Batches that are asked for at the same
   * time share one COMMIT; one that fails does not touch the others.
   */
  async commit(queries: readonly Compilable[]): Promise<readonly CommitResult[]> {
    const statements = queries.map((query) => statementOf(query.compile()))
    const results = await this.#thread.ask({ kind: 'commit', statements })
    if (queries.some(isOutboxEvent)) for (const listener of this.#listeners) listener()
    return results
  }

  /**
   * Runs `work` with the writer to itself: for the rare read-modify-write. Everything else that writes waits meanwhile,
   * ten seconds at most; then the transaction is undone and fails as `expired`.
   */
  transaction<Result>(work: (tx: Transaction<Tables & StoreTables>) => Promise<Result>): Promise<Result> {
    return this.kysely.transaction().execute(work)
  }

  /** Calls `listener` after each commit that held an outbox event; returns how to stop. A wake-up, never the truth. */
  onOutbox(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Finishes what was asked and closes the file. Safe to call twice. */
  close(): Promise<void> {
    return this.#thread.close()
  }
}

async function migrate<Tables>(
  kysely: Kysely<Tables>,
  migrations: Migrations,
  options: DatabaseOptions,
): Promise<void> {
  const migrator = new Migrator({
    db: kysely,
    provider: { getMigrations: async () => ({ ...migrations }) },
    allowUnorderedMigrations: true, // Each package numbers its own hundred.
  })
  await refuseNewer(kysely, migrations, options.file)
  const { error, results } = await migrator.migrateToLatest()
  const failed = results?.find((result) => result.status === 'Error')
  if (error !== undefined) {
    if (error instanceof StoreError && error.code !== 'query') throw error
    const which = failed === undefined ? 'its schema' : `migration ${failed.migrationName}`
    const why = error instanceof Error ? error.message : String(error)
    throw new StoreError(
      'query',
      `The database ${options.file} could not be brought up to date at ${which}: ${why}`,
      {
        cause: error,
      },
    )
  }
  for (const { migrationName } of results ?? [])
    options.logger.info('Migrated the database', { migrationName })
}

async function refuseNewer<Tables>(
  kysely: Kysely<Tables>,
  migrations: Migrations,
  file: string,
): Promise<void> {
  const untyped = kysely as unknown as Kysely<MigrationTables> // Kysely's own tables are in nobody's schema.
  const tables = await untyped
    .selectFrom('sqlite_master')
    .select('name')
    .where('name', '=', 'kysely_migration')
    .execute()
  if (tables.length === 0) return
  const executed = await untyped.selectFrom('kysely_migration').select('name').execute()
  const unknown = executed.map((row) => row.name).filter((name) => !(name in migrations))
  if (unknown.length === 0) return
  throw new StoreError(
    'newer-schema',
    `The database ${file} was made by a newer release (it has ${unknown.join(', ')}): start that release, or restore a backup.`,
  )
}

interface MigrationTables {
  sqlite_master: { name: string }
  kysely_migration: { name: string }
}
