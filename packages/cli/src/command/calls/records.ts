/**
 * `tandem calls records`: call detail records as the server makes them, straight to stdout, for administrators. A month of
 * them passes through without being kept.
 */
import { type Command, Option } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { pour } from '../../pour.ts'

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
  await pour(stream, 'The records broke off: what was printed is not all of them. Ask again.')
}
