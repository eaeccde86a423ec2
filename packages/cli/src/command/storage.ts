/**
 * `tandem storage show`, `accept-clock`: whether everything in the store of recordings is whole, and whether its clock is
 * believed. `show` ends with exit code 1 when something is damaged, for monitoring.
 */
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../api-command.ts'
import { CommandFailure } from '../failure.ts'
import { printFacts, printJson, printTable } from '../output.ts'

/** Adds the commands. */
export function addStorage(program: Command): void {
  const storage = program.command('storage').description('the store of recordings')
  addApiCommand(storage, 'show', 'its state; fails when a file of it is damaged').action(show)
  addApiCommand(storage, 'accept-clock', 'confirm that the clock is right after a jump').action(
    (_: ApiFlags, command: Command) => withClient(command, (client) => client.tandem.storage.acceptClock()),
  )
}

async function show({ json }: ApiFlags, command: Command): Promise<void> {
  const report = await withClient(command, (client) => client.tandem.storage.get())
  const { scrub } = report
  if (json) printJson(report)
  else {
    printFacts({
      store: report.vault,
      sealed: report.encrypted ? 'yes' : 'no',
      'read whole at last': scrub.lastCompleted ?? 'not yet',
      'reading since': scrub.since,
      'read since then': `${scrub.checkedFiles} files, ${scrub.checkedBytes} bytes`,
      quarantined: String(report.quarantinedFiles),
      'retention believes': report.keptTime,
      clock: report.clockDoubted
        ? 'has jumped: nothing is purged until it is confirmed (accept-clock)'
        : 'fine',
    })
    const rows = scrub.damaged.map(({ found, file, recordingId }) => [found, file, recordingId])
    if (rows.length > 0) printTable(['FOUND', 'DAMAGED FILE', 'RECORDING'], rows, '')
  }
  if (scrub.damaged.length > 0)
    throw new CommandFailure(
      `${scrub.damaged.length} files are damaged: restore them from a backup; they are not served until then.`,
    )
}
