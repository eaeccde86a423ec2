/**
 * Which keys the data of this folder are under. The first start leaves the fingerprint of its key with the data; from then
 * on another key is refused, and a key file that is gone is never made anew beside data that it has sealed. A rotation
 * that was cut off is either not yet (the data bear the former fingerprint) or already (the next one's) in force.
 */
import type { ServerDatabase } from '../data/open-data.ts'
import { StartFailure } from '../start-failure.ts'
import { chooseKeys, derive, type Keys } from './keys.ts'
import {
  type KeyConfig,
  type MasterKey,
  makeMasterKey,
  masterKeyFile,
  readNextKey,
  removeNextKey,
  replaceMasterKey,
} from './master-key.ts'

/** What is known when the database is open. */
export interface SettleOptions {
  /** Undefined when the configuration names none and the key file is not there. */
  readonly master: MasterKey | undefined
  /** Whether the server's lock is held, so that the end of a rotation may be carried out. */
  readonly exclusive: boolean
}

/** Finds the keys, or makes them for new data. Throws `StartFailure`. */
export async function settleKeys(
  db: ServerDatabase,
  config: KeyConfig,
  { master, exclusive }: SettleOptions,
): Promise<Keys> {
  const { dataFolder } = config
  const before = await readFingerprint(db)
  if (master === undefined && before !== undefined)
    throw new StartFailure(
      `The key file ${masterKeyFile(dataFolder)} is gone, and the data are sealed with it: put it back from its copy, or give the key with TANDEM_KEY_FILE.`,
    )
  const present = master ?? makeMasterKey(dataFolder)
  const own = derive(present.bytes)
  const fingerprint = before ?? (await leaveFingerprint(db, own.fingerprint))
  const next = readNextKey(dataFolder, own.kek)
  const masters = next?.bytes === undefined ? [present.bytes] : [present.bytes, next.bytes]
  const keys = chooseKeys(masters, fingerprint)
  if (keys === undefined)
    throw new StartFailure(
      `The data folder ${dataFolder} was made with another master key: restore keys/master.key, or give the right one with TANDEM_KEY_FILE.`,
    )
  if (!exclusive || next?.fingerprint !== fingerprint) return keys
  // The rotation is over but for its end: the key file follows; a key from elsewhere the operator replaces.
  if (present.source === 'file' && next.bytes !== undefined) replaceMasterKey(dataFolder, next.bytes)
  if (present.source === 'file' || own.fingerprint === fingerprint) removeNextKey(dataFolder)
  return own.fingerprint === fingerprint || present.source === 'file' ? { ...keys, others: [] } : keys
}

/** The fingerprint that the data bear; undefined before the first start. */
export async function readFingerprint(db: ServerDatabase): Promise<string | undefined> {
  const row = await db.kysely
    .selectFrom('server_state')
    .select('value')
    .where('name', '=', 'key')
    .executeTakeFirst()
  return row?.value
}

async function leaveFingerprint(db: ServerDatabase, fingerprint: string): Promise<string> {
  await db.commit([
    db.kysely
      .insertInto('server_state')
      .values({ name: 'key', value: fingerprint })
      .onConflict((conflict) => conflict.doNothing()),
  ])
  return (await readFingerprint(db)) ?? fingerprint
}
