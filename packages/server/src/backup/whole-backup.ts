/** A backup as a restore takes it: whole, and of the kind of database that this server is to have. */
import { join } from 'node:path'
import type { Config } from '../config/settings.ts'
import { StartFailure } from '../start-failure.ts'
import { type Backup, readBackup } from './backup-format.ts'
import { hashFile, reasonOf } from './disk.ts'

/** The backup in a folder, its database and its list held against their hashes. Throws `StartFailure`. */
export async function wholeBackup(folder: string): Promise<Backup> {
  const backup = await readBackup(folder)
  if (backup === undefined)
    throw new StartFailure(
      `The folder ${folder} holds no whole backup: there is no backup.json; name the right folder, or make the backup again.`,
    )
  for (const file of [backup.list, ...(backup.database === null ? [] : [backup.database])]) {
    const found = await hashFile(join(folder, file.name)).catch((error: unknown) => {
      throw new StartFailure(
        `The backup file ${join(folder, file.name)} cannot be read (${reasonOf(error)}).`,
      )
    })
    if (found?.sha256 === file.sha256) continue
    const what = found === undefined ? 'is not there' : 'is damaged'
    throw new StartFailure(
      `The backup file ${join(folder, file.name)} ${what}: nothing was restored; take another backup.`,
    )
  }
  return backup
}

/** Refuses a backup without a database, or one for a server that has another. Throws `StartFailure`. */
export function refuseOtherDatabase(config: Pick<Config, 'databaseUrl'>, { database }: Backup): void {
  if (database === null)
    throw new StartFailure(
      'The backup holds no database, since that was PostgreSQL: restore it with pg_restore, copy the folders vault and clips of the backup into the data folder, and let tandem restore --check prove the files.',
    )
  if (config.databaseUrl !== undefined)
    throw new StartFailure(
      'The backup holds an embedded database, and databaseUrl names another: restore without databaseUrl.',
    )
}
