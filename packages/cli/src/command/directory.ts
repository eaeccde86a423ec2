/**
 * `tandem directory apply`: brings the directory to what a YAML file says, all of it or nothing. A running server notices
 * within a second.
 */
import type { Command } from 'commander'
import { CommandFailure } from '../failure.ts'
import { loadServer } from '../load.ts'

interface Flags {
  readonly dryRun: boolean
  readonly prune: boolean
  readonly dataFolder?: string
  readonly config?: string
}

/** Adds the command. */
export function addDirectory(program: Command): void {
  const directory = program.command('directory').description('organisations, people and devices')
  directory
    .command('apply')
    .description('apply a directory file, all of it or nothing')
    .argument('<FILE>', 'the YAML file')
    .option('--dry-run', 'only say what would change', false)
    .option('--prune', 'remove what the file made once and names no longer', false)
    .option('--data, --data-folder <DIR>', 'data folder of the server (TANDEM_DATA_FOLDER)')
    .option('--config <FILE>', 'YAML file of settings (TANDEM_CONFIG)')
    .action(apply)
}

async function apply(file: string, flags: Flags): Promise<void> {
  const { applyDirectoryFile, openOperatorData, readConfig } = await loadServer()
  const { dryRun, prune, dataFolder, config } = flags
  const data = await openOperatorData(readConfig({ flags: { dataFolder, config }, env: process.env }))
  try {
    const { errors, changes, left } = await applyDirectoryFile(data, file, { dryRun, prune })
    if (errors.length > 0) {
      for (const error of errors) console.error(error)
      throw new CommandFailure(
        `Nothing was changed: correct ${errors.length === 1 ? 'this line' : 'these lines'} of the file and apply it again.`,
      )
    }
    for (const { action, kind, name } of changes) console.log(`${action} ${kind} ${name}`)
    for (const { kind, name } of left)
      console.log(`kept ${kind} ${name}, which the file names no longer (--prune removes it)`)
    const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`
    console.log(
      dryRun
        ? `${count} would be made; nothing was changed.`
        : changes.length === 0
          ? 'The directory is already so.'
          : `${count} made.`,
    )
  } finally {
    await data.close()
  }
}
