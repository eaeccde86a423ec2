/**
 * PostgreSQL behind `Database`: a pool for reads and transactions, one connection with group commit for writes, the
 * checks of storage rule R6 before anything is written. `pg` is loaded with this file and not before (decision 0008).
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from '@tandem/base'
import type { Dialect } from 'kysely'
import pg from 'pg'
import type { AttachedSchema, Engine } from '../engine.ts'
import { StoreError } from '../error.ts'
import type { Statement, StatementResult } from '../statement.ts'
import { TRANSACTION_MS_MAX, type TransactionLimit } from '../transaction-limit.ts'
import { type PostgresAddress, postgresAddress } from './address.ts'
import { LOCK_CLASS, MIGRATION_LOCK } from './advisory-locks.ts'
import { StorePostgresDialect } from './dialect.ts'
import { GroupWriter } from './group-writer.ts'
import { isStalePlan, postgresFault } from './postgres-fault.ts'
import { ServerLock } from './server-lock.ts'
import { refuseUnsafe, SETTINGS_ASKED } from './server-settings.ts'
import { queryOf, resultOf } from './statements.ts'
import { VALUE_TYPES } from './value-types.ts'

/** Connections for reads and transactions, of each process; a server's default is 100 for all. */
export const POOL_CONNECTIONS_MAX = 10
/** How long a connection may take to be made before the database counts as unreachable. */
export const CONNECT_MS_MAX = 5_000
/** How long a server may be silent before we ask whether it is there; finds a vanished host. */
const KEEP_ALIVE_MS = 10_000

/** How to open it. */
export interface PostgresOptions {
  readonly url: string
  readonly logger: Logger
  readonly exclusive: boolean
  readonly attach: readonly AttachedSchema[]
  onLost(error: StoreError): void
}

/** Connects, checks the server and takes what `options` ask for; fails with a `StoreError` and leaves nothing open. */
export async function openPostgres(options: PostgresOptions): Promise<Engine> {
  const engine = new PostgresEngine(options)
  try {
    await engine.open()
  } catch (error) {
    await engine.close()
    throw engine.faultOf(error)
  }
  return engine
}

class PostgresEngine implements Engine {
  readonly dialect: Dialect
  readonly limit: TransactionLimit = { ms: TRANSACTION_MS_MAX }
  readonly #options: PostgresOptions
  readonly #address: PostgresAddress
  readonly #config: pg.ClientConfig
  readonly #pool: pg.Pool
  readonly #writer: GroupWriter
  #lock: ServerLock | undefined
  #closing: Promise<void> | undefined

  constructor(options: PostgresOptions) {
    this.#options = options
    this.#address = postgresAddress(options.url)
    this.#config = {
      connectionString: this.#address.url,
      application_name: 'tandem',
      types: VALUE_TYPES as pg.CustomTypesConfig, // Its declaration knows only the binary and text forms of `pg-types`.
      connectionTimeoutMillis: CONNECT_MS_MAX,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    }
    // Reads are prepared for their parsing alone: the plan is made for the values at hand.
    const planning = { options: '-c plan_cache_mode=force_custom_plan' }
    this.#pool = new pg.Pool({ ...this.#config, ...planning, max: POOL_CONNECTIONS_MAX })
    // An idle connection that broke is replaced at the next read, which says so if it cannot be.
    this.#pool.on('error', () => undefined)
    this.#writer = new GroupWriter({
      connect: () => this.#client({ pipeline: true }),
      faultOf: (error) => this.faultOf(error),
    })
    this.dialect = new StorePostgresDialect({
      limit: this.limit,
      read: (statement) => this.#read(statement),
      commit: (statements) => this.commit(statements),
      connect: () => this.#transactionClient(),
      faultOf: (error) => this.faultOf(error),
      close: () => this.close(),
    })
  }

  get place(): string {
    return this.#address.place
  }

  async open(): Promise<void> {
    const { exclusive, logger, attach, onLost } = this.#options
    const { rows } = await this.#pool.query('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [
      SETTINGS_ASKED,
    ])
    refuseUnsafe(Object.fromEntries(rows.map((row) => [row.name, row.setting])), this.place)
    if (exclusive)
      this.#lock = await ServerLock.take({
        place: this.place,
        logger,
        connect: () => this.#client({}),
        faultOf: (error) => this.faultOf(error),
        onLost,
      })
    for (const schema of attach) await this.#attach(schema)
  }

  async commit(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    this.#refuseUnlocked()
    return this.#writer.commit(statements)
  }

  async whileMigrating<Result>(work: () => Promise<Result>): Promise<Result> {
    const client = await this.#client({})
    this.limit.ms = Number.POSITIVE_INFINITY
    try {
      await client.query(`SELECT pg_advisory_lock(${LOCK_CLASS}, ${MIGRATION_LOCK})`)
      return await work()
    } finally {
      this.limit.ms = TRANSACTION_MS_MAX
      await client.end()
    }
  }

  /** The server writes over old pages by itself; what its log and its backups keep is the operator's (README). */
  async checkpoint(): Promise<boolean> {
    return true
  }

  async backup(): Promise<void> {
    throw new StoreError(
      'backup',
      `The database ${this.place} is copied by its own tools: use pg_dump --exclude-schema=keys, and copy the schema keys apart.`,
    )
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#writer.close()
      await this.#lock?.close()
      await this.#pool.end()
    })()
    return this.#closing
  }

  faultOf(error: unknown): StoreError {
    return postgresFault(error, this.#address)
  }

  async #read(statement: Statement): Promise<StatementResult> {
    if (this.#closing !== undefined) throw new StoreError('closed', 'The database is closed.')
    try {
      return resultOf(await this.#pool.query(queryOf(statement)))
    } catch (error) {
      if (!isStalePlan(error)) throw this.faultOf(error)
    }
    try {
      const { text, values } = queryOf(statement)
      return resultOf(await this.#pool.query(text, values))
    } catch (error) {
      throw this.faultOf(error)
    }
  }

  async #transactionClient(): Promise<pg.PoolClient> {
    this.#refuseUnlocked()
    if (this.#closing !== undefined) throw new StoreError('closed', 'The database is closed.')
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw this.faultOf(error)
    }
  }

  #refuseUnlocked(): void {
    const fault = this.#lock?.fault
    if (fault !== undefined) throw fault
  }

  async #client(more: pg.ClientConfig): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#config, ...more })
    client.on('error', () => undefined) // Whoever uses it hears of it; without this the process would end.
    try {
      await client.connect()
      return client
    } catch (error) {
      void client.end().catch(() => undefined) // It never came to be.
      throw this.faultOf(error)
    }
  }

  /** Makes the schema at first start, and refuses to go on without it or with another one's from then on. */
  async #attach(schema: AttachedSchema): Promise<void> {
    const ask = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
      (await this.#pool.query(sql, values)).rows
    const [known] = await ask("SELECT to_regclass('attached_place') IS NOT NULL AS here")
    const [ours] =
      known?.['here'] === 1 ? await ask('SELECT id FROM attached_place WHERE name = $1', [schema]) : []
    const [there] = await ask('SELECT to_regclass($1) IS NOT NULL AS here', [`${schema}.place`])
    if (there?.['here'] === 1) {
      const [theirs] = await ask(`SELECT id FROM ${schema}.place`)
      if (ours === undefined || theirs?.['id'] === ours['id']) return
      throw new StoreError(
        'missing',
        `The schema ${schema} of the database ${this.place} belongs to another one: restore the right copy of it.`,
      )
    }
    if (ours !== undefined)
      throw new StoreError(
        'missing',
        `The schema ${schema} of the database ${this.place} is gone: restore it from its own copy.`,
      )
    const client = await this.#client({})
    try {
      await client.query(
        `BEGIN; SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${MIGRATION_LOCK});
         CREATE SCHEMA IF NOT EXISTS ${schema};
         CREATE TABLE IF NOT EXISTS ${schema}.place (id text COLLATE "C" PRIMARY KEY);
         INSERT INTO ${schema}.place SELECT '${randomUUID()}' WHERE NOT EXISTS (SELECT FROM ${schema}.place);
         COMMIT`,
      )
    } finally {
      await client.end()
    }
  }
}
