/**
 * `tandem backup`: copies a data folder beside a running server or without one, or the keys of recordings alone. Exit code 1
 * also when something that should be in the backup is not there to be copied: it is named.
 */
import { existsSync, readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { CommandFailure, EXIT } from '../failure.ts'
import { loadServer } from '../load.ts'
import { clean } from '../output.ts'
import { Progress } from '../progress.ts'

interface Flags {
  readonly keys?: string
  readonly dataFolder?: string
  readonly vaultUrl?: string
  readonly config?: string
}

/** Adds the command. `ended` takes the exit code. */
export function addBackup(program: Command, ended: (code: number) => void): void {
  program
    .command('backup')
    .description('copy the data folder, only what the last backup lacks; or with --keys the keys alone')
    .argument('[FOLDER]', 'where the backup goes; made when absent')
    .option('--keys <FOLDER>', 'copy the wrapped keys of recordings there, to another place than any backup')
    .option('--data, --data-folder <DIR>', 'data folder of the server (TANDEM_DATA_FOLDER)')
    .option('--vault-url <URL>', 'where the files of recordings live (TANDEM_VAULT_URL)')
    .option('--config <FILE>', 'YAML file of settings (TANDEM_CONFIG)')
    .action(async (folder: string | undefined, flags: Flags) => ended(await backup(folder, flags)))
}

async function backup(folder: string | undefined, flags: Flags): Promise<number> {
  if (folder === undefined && flags.keys === undefined)
    throw new CommandFailure('Name the folder of the backup, or with --keys the one for the keys.')
  if (folder !== undefined && flags.keys !== undefined)
    throw new CommandFailure(
      'Make the backup and the copy of the keys with a command each, the backup first.',
    )
  const { backUp, backUpKeys, readConfig } = await loadServer()
  const { dataFolder, vaultUrl, config: file } = flags
  const config = readConfig({ flags: { dataFolder, vaultUrl, config: file }, env: process.env })
  if (flags.keys !== undefined) {
    await backUpKeys(config, flags.keys)
    console.log(
      `The keys of recordings are in ${flags.keys}. The master key is not: keep a copy of it elsewhere.`,
    )
    return EXIT.done
  }
  const progress = new Progress('files looked at')
  const done = await backUp(config, folder ?? '', {
    release: release(),
    onProgress: (files) => progress.show(files),
  }).finally(() => progress.end())
  const { backup: made, copied, copiedBytes, removed, erased, problems } = done
  console.log(
    `The backup is whole: ${made.files} files, ${made.bytes} bytes; ${copied} copied now (${copiedBytes} bytes), ${removed} removed.`,
  )
  if (erased > 0) console.log(`${erased} recordings were erased meanwhile and are not in it.`)
  if (made.database === null)
    console.log(
      'The database is PostgreSQL: copy it with pg_dump --exclude-schema=keys, and before this command.',
    )
  if (!made.holdsVault)
    console.log('The files of recordings are in an object store: have it replicate or version its bucket.')
  for (const problem of problems) console.error(clean(problem))
  return problems.length === 0 ? EXIT.done : EXIT.failed
}

/** Of this program, as its package says. */
function release(): string {
  const file = new URL('../../package.json', import.meta.url)
  if (!existsSync(file)) return ''
  return String((JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown }).version) // Ours.
}
