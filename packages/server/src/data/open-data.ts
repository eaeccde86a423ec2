/**
 * Opens a data folder: its keys and its database with every migration. The server does it at start; a command of the
 * operator does it beside a running server.
 */
import { join } from 'node:path'
import type { Logger } from '@tandem/base'
import { type Database, type DatabasePlace, type Migrations, openDatabase, StoreError } from '@tandem/store'
import type { Config } from '../config/settings.ts'
import type { Keys } from '../keys/keys.ts'
import { findMasterKey, type KeyConfig } from '../keys/master-key.ts'
import { settleKeys } from '../keys/settle-keys.ts'
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
export type DataConfig = KeyConfig & Partial<Pick<Config, 'databaseUrl'>>

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
  const master = findMasterKey(config)
  const db = await openServerDatabase(config, options)
  try {
    const keys = await settleKeys(db, config, { master, exclusive: options.exclusive })
    return { db, keys, close: () => db.close() }
  } catch (error) {
    await db.close()
    throw error
  }
}

/** Opens the database alone, for who needs no key. Throws `StartFailure`. */
export async function openServerDatabase(
  config: DataConfig,
  options: OpenDataOptions,
): Promise<ServerDatabase> {
  try {
    return await openDatabase<ServerTables>({
      ...placeOf(config),
      // The wrapped keys of recordings and the list of the erased lie apart, so that no backup of rows holds them (P16).
      attach: { keys: recordingKeysFile(config.dataFolder) },
      migrations: withOurs(options.migrations),
      logger: options.logger,
      exclusive: options.exclusive,
      onLost: (error) => options.onLost?.(error.message),
    })
  } catch (error) {
    if (error instanceof StoreError) throw new StartFailure(error.message, { cause: error })
    throw error
  }
}

/** Where the wrapped keys of recordings lie, in a file of their own. */
export function recordingKeysFile(dataFolder: string): string {
  return join(dataFolder, 'keys', 'recordings.keys')
}

function placeOf(config: DataConfig): DatabasePlace {
  const url = config.databaseUrl?.reveal()
  return url === undefined ? { file: join(config.dataFolder, 'tandem.db') } : { url }
}

async function withOurs(others: Migrations | Promise<Migrations>): Promise<Migrations> {
  return { ...SERVER_MIGRATIONS, ...(await others) }
}
