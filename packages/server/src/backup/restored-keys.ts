/**
 * The master keys of a restore. The copy of the database and that of the keys may be of different times, and between them
 * the key may have been rotated: then both master keys are needed, and the one that the newer copy is under stays.
 */
import { keyIdOf } from '@tandem/recordings'
import { type Kysely, sql } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import { derive, type Keys } from '../keys/keys.ts'
import { findMasterKey, type KeyConfig, readMasterKey, replaceMasterKey } from '../keys/master-key.ts'
import { resealing } from '../keys/reseal.ts'
import { readFingerprint } from '../keys/settle-keys.ts'
import { StartFailure } from '../start-failure.ts'

/** The keys that a restored folder is to be under, and those that open what is in it. */
export interface RestoredKeys extends Keys {
  /** Of the copy of the database. */
  readonly databaseKek: Uint8Array
  /** Writes the key file where the key came from a file that the operator named. */
  keepIn(dataFolder: string): void
}

/** Finds them among the configured key and the files named. Throws `StartFailure`. */
export async function findKeys(
  db: ServerDatabase,
  config: KeyConfig,
  files: readonly string[],
): Promise<RestoredKeys> {
  const configured = findMasterKey(config)
  const masters = [
    ...files.map((file) => ({ bytes: readMasterKey(file), isNamed: true })),
    ...(configured === undefined ? [] : [{ bytes: configured.bytes, isNamed: false }]),
  ].map((master) => ({ ...master, keys: derive(master.bytes) }))
  const fingerprint = await readFingerprint(db)
  const ofDatabase = masters.find(({ keys }) => keys.fingerprint === fingerprint)
  if (ofDatabase === undefined)
    throw new StartFailure(
      masters.length === 0
        ? 'Give the master key of the backup with --master-key FILE, or as the settings key or keyCommand say.'
        : 'The backup was made with another master key: give the one of that time with --master-key FILE.',
    )
  const kekIds = await wrappedUnder(db)
  const newer = masters.find(({ keys }) => keys !== ofDatabase.keys && kekIds.has(keyIdOf(keys.kek)))
  const present = newer ?? ofDatabase
  const { bytes, isNamed, keys } = present
  return {
    ...keys,
    others: masters.filter((master) => master !== present).map((master) => master.keys.kek),
    databaseKek: ofDatabase.keys.kek,
    keepIn(dataFolder) {
      if (isNamed) replaceMasterKey(dataFolder, bytes)
    },
  }
}

/** Brings the database's own secrets under the key that stays. */
export async function adoptKey(db: ServerDatabase, keys: RestoredKeys): Promise<void> {
  const { statements } = await resealing(db, { from: keys.databaseKek, to: keys.kek })
  const fingerprint = db.kysely.updateTable('server_state').set({ value: keys.fingerprint })
  await db.commit([...statements, fingerprint.where('name', '=', 'key')])
}

/** Ids of the keys under which data keys are wrapped. */
async function wrappedUnder(db: ServerDatabase): Promise<ReadonlySet<string>> {
  const kysely = db.kysely as unknown as Kysely<{ sqlite_master: { name: string } }> // Of the file attached.
  const table = await sql`select 1 from keys.sqlite_master where name = 'data_key'`.execute(kysely)
  if (table.rows.length === 0) return new Set()
  const { rows } = await sql<{ kek_id: string }>`select distinct kek_id from keys.data_key`.execute(kysely)
  return new Set(rows.map((row) => row.kek_id))
}
