/** `tandem key rotate`: gives a data folder another master key while the server is stopped. */
import type { Command } from 'commander'
import { loadServer } from '../load.ts'

interface Flags {
  readonly newKeyFile?: string
  readonly dataFolder?: string
  readonly config?: string
}

/** Adds the command. */
export function addKey(program: Command): void {
  const key = program.command('key').description('the master key of a data folder')
  key
    .command('rotate')
    .description('take another master key; recordings are not written anew, only the keys that open them')
    .option('--new-key-file <FILE>', 'the new master key, 32 bytes in base64; absent: one is made')
    .option('--data, --data-folder <DIR>', 'data folder of the server (TANDEM_DATA_FOLDER)')
    .option('--config <FILE>', 'YAML file of settings (TANDEM_CONFIG)')
    .action(rotate)
}

async function rotate(flags: Flags): Promise<void> {
  const { readConfig, rotateKey } = await loadServer()
  const { config: file, dataFolder, newKeyFile } = flags
  const config = readConfig({ flags: { dataFolder, config: file }, env: process.env })
  const { dataKeys, devices, mailboxes, source, webhooks } = await rotateKey(
    config,
    newKeyFile === undefined ? {} : { newKeyFile },
  )
  console.log(
    `The master key is another one: ${dataKeys} data keys, ${devices} phones, ${mailboxes} mailboxes and ${webhooks} webhooks are under it.`,
  )
  if (source !== 'file')
    console.log(`Put the new key where the setting ${source} takes it from before the next start but one.`)
  console.log(
    'Download links that were given out do not work any more. Copy the new key, and make new backups.',
  )
}
