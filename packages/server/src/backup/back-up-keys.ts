/**
 * `tandem backup --keys`: copies the wrapped keys of recordings and the list of the erased, alone and apart from every
 * backup. Only the newest copy counts: it knows of every erasure so far, which a restore applies first.
 */
import * as disk from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SILENT } from '@tandem/base'
import { LIBRARY_MIGRATIONS } from '@tandem/recordings'
import { dialectOf, StoreError } from '@tandem/store'
import { openServerDatabase } from '../data/open-data.ts'
import { StartFailure } from '../start-failure.ts'
import type { BackupConfig } from './back-up.ts'
import { BACKUP_FILE } from './backup-format.ts'
import { hashFile, putText, reasonOf, syncFolder } from './disk.ts'
import { overlap } from './places.ts'

/** The name of the copy. */
export const KEYS_FILE = 'recordings.keys'
/** Beside it: what its hash may be. Two while one copy takes the place of another. */
const HASHES_SUFFIX = '.sha256'

/** Copies the keys into a folder. Throws `StartFailure`, the copy there being whole still. */
export async function backUpKeys(config: BackupConfig, folder: string): Promise<void> {
  await refusePlaces(config, folder)
  const db = await openServerDatabase(
    { ...config, key: undefined },
    { logger: SILENT, exclusive: false, migrations: LIBRARY_MIGRATIONS },
  )
  try {
    if (dialectOf(db.kysely) === 'postgres')
      throw new StartFailure(
        'The keys of recordings are in PostgreSQL: copy them with pg_dump --schema=keys, to another place than the rest.',
      )
    await disk.mkdir(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, KEYS_FILE)
    const fresh = `${file}.new`
    await disk.rm(fresh, { force: true }) // Of a run that was cut off.
    await db.backup(fresh, { schema: 'keys' })
    await disk.chmod(fresh, 0o600)
    const hashes = [await hashFile(fresh), await hashFile(file)].flatMap((hash) => hash?.sha256 ?? [])
    await putText(`${file}${HASHES_SUFFIX}`, `${hashes.join('\n')}\n`)
    await disk.rename(fresh, file)
    await syncFolder(folder)
  } catch (error) {
    if (error instanceof StartFailure) throw error
    if (error instanceof StoreError) throw new StartFailure(error.message, { cause: error })
    throw new StartFailure(
      `The keys could not be copied to ${folder} (${reasonOf(error)}): make it writable for this user.`,
      { cause: error },
    )
  } finally {
    await db.close()
  }
}

/** Throws `StartFailure` when a copy of the keys is not what was written; one without hashes beside it is taken as it is. */
export async function checkKeysCopy(file: string): Promise<void> {
  const found = await hashFile(file)
  if (found === undefined)
    throw new StartFailure(
      `There is no copy of the keys at ${file}: name the file that tandem backup --keys made.`,
    )
  const text = await disk.readFile(`${file}${HASHES_SUFFIX}`, 'utf8').catch(() => undefined)
  if (text === undefined || text.split('\n').includes(found.sha256)) return
  throw new StartFailure(`The copy of the keys ${file} is damaged: take another copy of it.`)
}

async function refusePlaces(config: BackupConfig, folder: string): Promise<void> {
  const there = (path: string): Promise<boolean> =>
    disk.stat(path).then(
      () => true,
      () => false,
    )
  if (!(await there(config.dataFolder)))
    throw new StartFailure(`There is no data folder ${config.dataFolder}: name it with --data-folder.`)
  if (overlap(config.dataFolder, folder))
    throw new StartFailure(
      'A copy of the keys inside of the data folder, or around it, is none: name a folder elsewhere.',
    )
  for (const near of [folder, dirname(folder)])
    if (await there(join(near, BACKUP_FILE)))
      throw new StartFailure(
        `The folder ${folder} is that of a backup: keep the keys in another, so that whoever has one has not both.`,
      )
}
