/**
 * `tandem restore`: makes a data folder of a backup, or with `--check` proves the backup and keeps nothing. Every byte is
 * compared; what differs is named, and the exit code is 1.
 */
import type { Command } from 'commander'
import { CommandFailure, EXIT } from '../failure.ts'
import { loadServer } from '../load.ts'
import { clean } from '../output.ts'
import { Progress } from '../progress.ts'

interface Flags {
  readonly keys?: string
  readonly masterKey: readonly string[]
  readonly check: boolean
  readonly dataFolder?: string
  readonly vaultUrl?: string
  readonly config?: string
}

/** Adds the command. `ended` takes the exit code. */
export function addRestore(program: Command, ended: (code: number) => void): void {
  program
    .command('restore')
    .description('make a data folder of a backup, every file compared; with --check only prove it')
    .argument('<FOLDER>', 'the folder of the backup')
    .option('--keys <FILE>', 'the newest copy of recordings.keys, as tandem backup --keys made it')
    .option(
      '--master-key <FILE>',
      'the master key, when the settings do not give it; may be repeated after a rotation',
      (file: string, files: readonly string[]) => [...files, file],
      [],
    )
    .option(
      '--check',
      'prove the backup and keep nothing; without --keys that every byte is as it was copied',
      false,
    )
    .option('--data, --data-folder <DIR>', 'the new data folder (TANDEM_DATA_FOLDER)')
    .option('--vault-url <URL>', 'where the files of recordings are to live (TANDEM_VAULT_URL)')
    .option('--config <FILE>', 'YAML file of settings (TANDEM_CONFIG)')
    .action(async (folder: string, flags: Flags) => ended(await restoreFrom(folder, flags)))
}

async function restoreFrom(folder: string, flags: Flags): Promise<number> {
  const { checkBackup, readConfig, restore } = await loadServer()
  const { check, config: file, dataFolder, keys, masterKey, vaultUrl } = flags
  if (!check && keys === undefined)
    throw new CommandFailure(
      'Name the copy of the keys with --keys FILE: without it recordings cannot be opened.',
    )
  const config = readConfig({ flags: { dataFolder, vaultUrl, config: file }, env: process.env })
  const progress = new Progress('files compared')
  const run = check ? checkBackup : restore
  const done = await run(config, {
    folder,
    masterKeyFiles: masterKey,
    onProgress: (files) => progress.show(files),
    ...(keys === undefined ? {} : { keysFile: keys }),
  }).finally(() => progress.end())
  for (const difference of done.differences) console.error(clean(difference))
  const files = `${done.files} files are as they were copied at ${done.backup.startedAt}`
  const contents = done.opened
    ? `${done.contents} are what their recordings say; ${done.erased} recordings of it were erased since`
    : 'their contents were not looked at, for which --keys is needed'
  console.log(`${files}; ${contents}.`)
  if (done.differences.length > 0) return EXIT.failed
  console.log(
    check ? 'The backup is whole.' : `The data folder ${config.dataFolder} is ready: start the server on it.`,
  )
  return EXIT.done
}
