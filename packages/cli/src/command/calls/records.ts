/**
 * `tandem calls records`: call detail records as the server makes them, straight to stdout, for administrators. A month of
 * them passes through without being kept.
 */
import { once } from 'node:events'
import { type Command, Option } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { CommandFailure } from '../../failure.ts'

interface Flags extends ApiFlags {
  readonly from?: string
  readonly to?: string
  readonly format: string
}

/** Adds the command. */
export function addRecords(calls: Command): void {
  addApiCommand(calls, 'records', 'call detail records, to stdout; --json is --format ndjson')
    .option('--from <TIME>', 'from then on, such as 2026-02-01 or 2026-02-01T09:00:00Z')
    .option('--to <TIME>', 'before then; the last seven days when neither is given')
    .addOption(new Option('--format <NAME>', 'form of the records').choices(['csv', 'ndjson']).default('csv'))
    .action(records)
}

async function records({ from, to, format, json }: Flags, command: Command): Promise<void> {
  const wanted = json ? 'ndjson' : format
  const { stream } = await withClient(command, (client) =>
    client.tandem.callRecords.export({ from, to, format: wanted }),
  )
  let reading = true // Whoever reads it may stop, as head does: then so do we.
  const stop = (): void => {
    reading = false
    process.stdout.emit('drain')
  }
  process.stdout.once('error', stop)
  try {
    for await (const chunk of stream) {
      if (reading && !process.stdout.write(chunk)) await once(process.stdout, 'drain')
      if (!reading) return
    }
  } catch (cause) {
    throw new CommandFailure('The records broke off: what was printed is not all of them. Ask again.', {
      cause,
    })
  }
}
