/**
 * Brings a schema up to date, forwards only: refuses a database of a newer release before anything is changed, and undoes
 * a migration that fails half-way. Written once for both engines.
 */
import type { Logger } from '@tandem/base'
import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { dialectOf } from './dialect.ts'
import type { AttachedSchema } from './engine.ts'
import { StoreError } from './error.ts'
import { STORE_MIGRATIONS, type StoreTables } from './tables.ts'

/** What is to be done, and where it is done, for messages. */
export interface MigrateOptions {
  readonly migrations: Readonly<Record<string, Migration>>
  readonly attached: readonly AttachedSchema[]
  readonly place: string
  readonly logger: Logger
}

/** Carries out what is missing; fails with a `StoreError`. */
export async function migrate<Tables>(
  db: Kysely<Tables & StoreTables>,
  options: MigrateOptions,
): Promise<void> {
  const { place, logger } = options
  const migrations = { ...STORE_MIGRATIONS, ...options.migrations }
  await refuseNewer(db, migrations, place)
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    allowUnorderedMigrations: true, // Each package numbers its own hundred.
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error !== undefined) {
    if (error instanceof StoreError && error.code !== 'query') throw error
    const failed = results?.find((result) => result.status === 'Error')
    const which = failed === undefined ? 'its schema' : `migration ${failed.migrationName}`
    const why = error instanceof Error ? error.message : String(error)
    throw new StoreError(
      'query',
      `The database ${place} could not be brought up to date at ${which}: ${why}`,
      {
        cause: error,
      },
    )
  }
  for (const { migrationName } of results ?? []) logger.info('Migrated the database', { migrationName })
  await rememberAttached(db as unknown as Kysely<PlaceTables>, options.attached) // Every database has the store's tables.
}

async function refuseNewer<Tables>(
  db: Kysely<Tables>,
  migrations: MigrateOptions['migrations'],
  place: string,
): Promise<void> {
  const untyped = db as unknown as Kysely<MigrationTables> // Kysely's own tables are in nobody's schema.
  if (!(await hasMigrations(untyped))) return
  const executed = await untyped.selectFrom('kysely_migration').select('name').execute()
  const unknown = executed.map((row) => row.name).filter((name) => !(name in migrations))
  if (unknown.length === 0) return
  throw new StoreError(
    'newer-schema',
    `The database ${place} was made by a newer release (it has ${unknown.join(', ')}): start that release, or restore a backup.`,
  )
}

async function hasMigrations(db: Kysely<MigrationTables>): Promise<boolean> {
  const tables =
    dialectOf(db) === 'postgres'
      ? db.selectFrom('pg_tables').select('tablename').where('tablename', '=', 'kysely_migration')
      : db.selectFrom('sqlite_master').select('name').where('name', '=', 'kysely_migration')
  return (await tables.execute()).length > 0
}

/** From now on the database is not opened without what is attached to it, nor with another one's. */
async function rememberAttached(db: Kysely<PlaceTables>, attached: readonly AttachedSchema[]): Promise<void> {
  for (const name of attached) {
    const known = db.selectFrom('attached_place').select('id').where('name', '=', name)
    if ((await known.executeTakeFirst()) !== undefined) continue
    const { id } = await db.withSchema(name).selectFrom('place').select('id').executeTakeFirstOrThrow()
    await db
      .insertInto('attached_place')
      .values({ name, id })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

interface PlaceTables extends StoreTables {
  place: { id: string }
}

interface MigrationTables {
  sqlite_master: { name: string }
  pg_tables: { tablename: string }
  kysely_migration: { name: string }
}
