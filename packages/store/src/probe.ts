/**
 * A look at a database that changes nothing: no migration, no lock, no table. For a command that tells an operator
 * whether the server could work with it, beside a running server or without one.
 */
import { DatabaseSync } from 'node:sqlite'
import { SILENT } from '@tandem/base'
import { Kysely, sql } from 'kysely'
import type { DatabasePlace } from './database.ts'
import { StoreError, sqliteFault } from './error.ts'

/** A row as the database gave it. */
export type ProbedRow = Readonly<Record<string, unknown>>

/** A database that is looked at. */
export interface DatabaseProbe {
  /** e.g. `SQLite 3.50.1` or `PostgreSQL 17.2`. */
  readonly product: string
  /** The rows of a fixed query of ours; rejects when there is no such table. */
  read(query: string): Promise<readonly ProbedRow[]>
  close(): Promise<void>
}

/** Connects, or opens the file, which must be there; fails with a `StoreError` that says what to do. */
export async function probeDatabase(place: DatabasePlace): Promise<DatabaseProbe> {
  return place.url === undefined ? probeSqlite(place.file) : await probePostgres(place.url)
}

function probeSqlite(file: string): DatabaseProbe {
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    const read = (query: string): readonly ProbedRow[] => database.prepare(query).all() as ProbedRow[] // Plain values.
    read('SELECT count(*) FROM sqlite_master')
    return {
      product: `SQLite ${read('SELECT sqlite_version() AS version')[0]?.['version']}`,
      read: async (query) => read(query),
      close: async () => database.close(),
    }
  } catch (error) {
    const { code, message } = sqliteFault(error, file)
    throw new StoreError(code, message, { cause: error })
  }
}

async function probePostgres(url: string): Promise<DatabaseProbe> {
  const { openPostgres } = await import('./postgres/postgres-engine.ts')
  const engine = await openPostgres({ url, logger: SILENT, exclusive: false, attach: [], onLost() {} })
  const kysely = new Kysely<unknown>({ dialect: engine.dialect })
  const read = async (query: string): Promise<readonly ProbedRow[]> =>
    (await sql.raw<ProbedRow>(query).execute(kysely)).rows
  const [row] = await read('SHOW server_version')
  return { product: `PostgreSQL ${row?.['server_version']}`, read, close: () => engine.close() }
}
