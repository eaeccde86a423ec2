/**
 * Opens a data folder: its keys and its database with every migration. The server does it at start; a command of the
 * operator does it beside a running server.
 */
import { join } from 'node:path'
import type { Logger } from '@tandem/base'
import { type Database, type DatabasePlace, type Migrations, openDatabase, StoreError } from '@tandem/store'
import type { Config } from '../config/settings.ts'
import { type Keys, openKeys } from '../keys/keys.ts'
import { StartFailure } from '../start-failure.ts'
import { SERVER_MIGRATIONS } from './migrations.ts'
import type { ServerTables } from './tables.ts'

/** The database as this package sees it. */
export type ServerDatabase = Database<ServerTables>

/** An open data folder. */
export interface ServerData {
  readonly db: ServerDatabase
  readonly keys: Keys
  close(): Promise<void>
}

/** What of the configuration says where the data are. */
export type DataConfig = Pick<Config, 'dataFolder' | 'key'> & Partial<Pick<Config, 'databaseUrl'>>

/** How to open it. */
export interface OpenDataOptions {
  readonly logger: Logger
  /** True for the server itself: keeps a second server out of the folder. */
  readonly exclusive: boolean
  /** Migrations of other packages. */
  readonly migrations: Migrations | Promise<Migrations>
  /** Called once when another server has taken the database over (PostgreSQL): nothing can be written any more. */
  readonly onLost?: (why: string) => void
}

/** Opens the folder that the configuration names. Throws `StartFailure`. */
export async function openData(config: DataConfig, options: OpenDataOptions): Promise<ServerData> {
  const keys = openKeys(config.dataFolder, config.key)
  let db: ServerDatabase
  try {
    db = await openDatabase<ServerTables>({
      ...placeOf(config),
      // The wrapped keys of recordings and the list of the erased lie apart, so that no backup of rows holds them (P16).
      attach: { keys: join(config.dataFolder, 'keys', 'recordings.keys') },
      migrations: withOurs(options.migrations),
      logger: options.logger,
      exclusive: options.exclusive,
      onLost: (error) => options.onLost?.(error.message),
    })
  } catch (error) {
    if (error instanceof StoreError) throw new StartFailure(error.message, { cause: error })
    throw error
  }
  try {
    await checkKey(db, keys, config.dataFolder)
  } catch (error) {
    await db.close()
    throw error
  }
  return { db, keys, close: () => db.close() }
}

function placeOf(config: DataConfig): DatabasePlace {
  const url = config.databaseUrl?.reveal()
  return url === undefined ? { file: join(config.dataFolder, 'tandem.db') } : { url }
}

/** The first start leaves the fingerprint of the key with the data; any other key is refused from then on. */
async function checkKey(db: ServerDatabase, keys: Keys, dataFolder: string): Promise<void> {
  await db.commit([
    db.kysely
      .insertInto('server_state')
      .values({ name: 'key', value: keys.fingerprint })
      .onConflict((conflict) => conflict.doNothing()),
  ])
  const row = await db.kysely
    .selectFrom('server_state')
    .select('value')
    .where('name', '=', 'key')
    .executeTakeFirst()
  if (row?.value === keys.fingerprint) return
  throw new StartFailure(
    `The data folder ${dataFolder} was made with another master key: restore keys/master.key, or give the right one with TANDEM_KEY_FILE.`,
  )
}

async function withOurs(others: Migrations | Promise<Migrations>): Promise<Migrations> {
  return { ...SERVER_MIGRATIONS, ...(await others) }
}
