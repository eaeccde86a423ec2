/**
 * The library as the harness opens it: database with attached keys, vault in a folder, everything that `openRecordings`
 * puts together, recovered and with its jobs running; and a second vault over the same folder to look into it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase } from '@tandem/store'
import { DataKeys } from '../../../packages/recordings/src/keys/data-keys.ts'
import { keyIdOf } from '../../../packages/recordings/src/keys/key-ring.ts'
import { LIBRARY_MIGRATIONS, type LibraryTables } from '../../../packages/recordings/src/migrations.ts'
import type { RecordingsOptions } from '../../../packages/recordings/src/options.ts'
import { openRecordings, type Recordings } from '../../../packages/recordings/src/recordings.ts'
import { openVault } from '../../../packages/recordings/src/vault/open-vault.ts'
import type { Vault } from '../../../packages/recordings/src/vault/vault.ts'
import { Media } from './media.ts'
import { ORG } from './protocol.ts'
import { plantInDatabase, plantInDisk } from './seed-bug.ts'

/** The key-encryption key of every house: what is destroyed must be unreadable although this is known. */
export const KEK: Uint8Array = new Uint8Array(32).fill(7)
/** Signs its links. */
export const LINK_KEY: Uint8Array = new Uint8Array(32).fill(9)

/** An open library. */
export interface House {
  readonly db: Database<LibraryTables>
  /** Beside those of the library, over the same files. */
  readonly vault: Vault
  readonly keys: DataKeys
  readonly recordings: Recordings
  readonly dataFolder: string
  /** Where files to be imported are written. */
  readonly scratch: string
  readonly media: Media
  readonly alarms: readonly string[]
  close(): Promise<void>
}

/** What may be chosen. */
export type HouseOptions = Pick<RecordingsOptions, 'encryption' | 'now' | 'scrubRates'> & {
  /** Whether its jobs run by themselves; true by default. */
  readonly jobs?: boolean
}

/** Opens one, recovers what was left, and starts its jobs. */
export async function openHouse(
  dataFolder: string,
  scratch: string,
  { jobs = true, ...chosen }: HouseOptions = {},
): Promise<House> {
  mkdirSync(dataFolder, { recursive: true })
  mkdirSync(scratch, { recursive: true })
  const db = plantInDatabase(
    await openDatabase<LibraryTables>({
      file: join(dataFolder, 'tandem.db'),
      attach: { keys: join(dataFolder, 'keys', 'recordings.keys') },
      migrations: LIBRARY_MIGRATIONS,
      logger: SILENT,
    }),
  )
  const alarms: string[] = []
  const options: RecordingsOptions<LibraryTables> = {
    db,
    dataFolder,
    kek: KEK,
    linkKey: LINK_KEY,
    logger: SILENT,
    onAlarm: ({ what, recordingId }) => alarms.push(`${what} ${recordingId}`),
    storageRegion: 'DE',
    publicUrl: 'https://pbx.example.com',
    organizations: async () => [ORG],
    encoderThreads: 1,
    disk: plantInDisk(),
    ...chosen,
  }
  const recordings = await openRecordings(options)
  await recordings.recover()
  if (jobs) recordings.start()
  const keys = await DataKeys.open({
    db,
    ring: { current: { id: keyIdOf(KEK), key: KEK }, others: [] },
    now: Date.now,
  })
  const form = chosen.encryption === false ? 'hashed' : 'sealed'
  const vault = await openVault('file:vault', { dataFolder, form, keys })
  return {
    ...{ db, vault, keys, recordings, dataFolder, scratch, alarms },
    media: await Media.load(),
    async close() {
      await vault.close()
      await recordings.close()
      await db.close()
    },
  }
}
