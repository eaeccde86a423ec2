/**
 * `tandem key rotate`: gives a data folder another master key. Media is not touched: the data keys of recordings are
 * wrapped anew, and the few secrets of the database sealed anew (docs/decisions/0018).
 *
 * The order survives a kill at any point: the next key is written down, sealed under the present one; data keys are
 * wrapped under it in batches, both keys opening them meanwhile; the database's own secrets and the fingerprint change in
 * one commit, which is the moment of the rotation; then the key file is replaced. A start or a second rotation goes on
 * from wherever it was cut off.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import { DataKeys, LIBRARY_MIGRATIONS, StorageFault } from '@tandem/recordings'
import type { CommitResult, Compilable } from '@tandem/store'
import { type DataConfig, openData, type ServerData, type ServerDatabase } from '../data/open-data.ts'
import { StartFailure } from '../start-failure.ts'
import { ringOf } from './key-ring.ts'
import { derive } from './keys.ts'
import {
  findMasterKey,
  KEY_BYTES,
  type MasterKey,
  readMasterKey,
  readNextKey,
  removeNextKey,
  replaceMasterKey,
  writeNextKey,
} from './master-key.ts'
import { resealing } from './reseal.ts'

/** Where a rotation stands, for tests that break it off there. */
export type RotationStep =
  | 'next-written'
  | 'batch-rewrapped'
  | 'rewrapped'
  | 'committed'
  | 'replaced'
  | 'done'

/** How to rotate. */
export interface RotateOptions {
  /** A file with the new master key; absent: one is made, where the key lies in the data folder. */
  readonly newKeyFile?: string
  /** Told after each step. */
  readonly onStep?: (step: RotationStep) => void
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** What a rotation did. */
export interface Rotation {
  /** Keys of recordings, and the library's own, that were wrapped anew. */
  readonly dataKeys: number
  readonly devices: number
  readonly mailboxes: number
  /** Webhooks with a secret. */
  readonly webhooks: number
  /** Where the key comes from: other than `file`, the operator puts the new one there. */
  readonly source: MasterKey['source']
}

/** Rotates the key; the server must not run. Throws `StartFailure`, having changed nothing that a start does not know. */
export async function rotateKey(config: DataConfig, options: RotateOptions = {}): Promise<Rotation> {
  const given = options.newKeyFile === undefined ? undefined : readMasterKey(options.newKeyFile)
  if (findMasterKey(config) === undefined)
    throw new StartFailure(
      `The data folder ${config.dataFolder} has no key to rotate: check --data-folder, or put keys/master.key back from its copy.`,
    )
  const data = await openData(config, {
    logger: SILENT,
    exclusive: true,
    migrations: LIBRARY_MIGRATIONS,
  })
  try {
    return await rotate(config, data, { ...options, given })
  } catch (error) {
    if (error instanceof StorageFault) throw new StartFailure(error.message, { cause: error })
    throw error
  } finally {
    await data.close()
  }
}

async function rotate(
  config: DataConfig,
  { db, keys }: ServerData,
  options: RotateOptions & { readonly given: Uint8Array | undefined },
): Promise<Rotation> {
  const { dataFolder } = config
  const { onStep = () => {} } = options
  const source = findMasterKey(config)?.source ?? 'file'
  refuseJournals(dataFolder)
  const next = nextKey({
    dataFolder,
    source,
    given: options.given,
    kek: keys.kek,
    fingerprint: keys.fingerprint,
  })
  const to = derive(next)
  const change = { from: keys.kek, to: to.kek }
  await resealing(db, change) // Says what cannot be opened before anything has changed.

  writeNextKey(dataFolder, keys.kek, { fingerprint: to.fingerprint, bytes: next })
  onStep('next-written')
  const dataKeys = await DataKeys.open({
    db: watched(db, () => onStep('batch-rewrapped')),
    ring: ringOf({ kek: to.kek, others: [keys.kek, ...keys.others] }),
    now: options.now ?? Date.now,
  })
  const rewrapped = await dataKeys.rewrap()
  onStep('rewrapped')
  const { statements, devices, mailboxes, webhooks } = await resealing(db, change)
  const fingerprint = db.kysely.updateTable('server_state').set({ value: to.fingerprint })
  await db.commit([...statements, fingerprint.where('name', '=', 'key')])
  // What an operator's command sealed with the former key meanwhile.
  for (let late = await resealing(db, change); late.statements.length > 0; late = await resealing(db, change))
    await db.commit(late.statements)
  await db.checkpoint() // What was sealed under the former key leaves the disk.
  onStep('committed')
  if (source === 'file') {
    replaceMasterKey(dataFolder, next)
    onStep('replaced')
    removeNextKey(dataFolder)
  }
  onStep('done')
  return { dataKeys: rewrapped, devices, mailboxes, webhooks, source }
}

/** The key to change to: the one of a rotation that was cut off, the one given, or a new one. */
function nextKey(about: {
  readonly dataFolder: string
  readonly source: MasterKey['source']
  readonly given: Uint8Array | undefined
  readonly kek: Uint8Array
  readonly fingerprint: string
}): Uint8Array {
  const { dataFolder, source, given, kek, fingerprint } = about
  if (given !== undefined && derive(given).fingerprint === fingerprint)
    throw new StartFailure('The new key is the one that the data are under already: nothing was changed.')
  const begun = readNextKey(dataFolder, kek)
  if (begun?.bytes !== undefined && begun.fingerprint !== fingerprint) {
    if (given === undefined || derive(given).fingerprint === begun.fingerprint) return begun.bytes
    throw new StartFailure(
      'A rotation to another key was begun and cut off: finish it with tandem key rotate without --new-key-file, then rotate again.',
    )
  }
  if (begun !== undefined && source !== 'file')
    throw new StartFailure(
      `The last rotation waits for its new key: put it where the setting ${source} takes it from and start the server once, then rotate again.`,
    )
  if (given !== undefined) return given
  if (source === 'file') return new Uint8Array(randomBytes(KEY_BYTES))
  throw new StartFailure(
    `The key comes from the setting ${source}: give the new one with --new-key-file FILE, and put it there afterwards.`,
  )
}

/** What a crash left is under the present key, and only the server finishes it. */
function refuseJournals(dataFolder: string): void {
  let names: string[]
  try {
    names = readdirSync(join(dataFolder, 'journal'))
  } catch {
    return // No server has run here: there is no journal.
  }
  if (names.length === 0) return
  throw new StartFailure(
    `The folder ${join(dataFolder, 'journal')} holds recordings that are not finished: start the server once and stop it, then rotate.`,
  )
}

/** The same database, telling of each commit. */
function watched(db: ServerDatabase, committed: () => void): ServerDatabase {
  const watching = {
    kysely: db.kysely,
    async commit(queries: readonly Compilable[]): Promise<readonly CommitResult[]> {
      const results = await db.commit(queries)
      committed()
      return results
    },
    checkpoint: () => db.checkpoint(),
  }
  return watching as unknown as ServerDatabase // What `DataKeys` uses of it.
}
