/**
 * `tandem recordings hold`, `release`, `holds`: legal holds, for compliance officers. The id of a new hold is all that goes
 * to stdout: `HOLD=$(tandem recordings hold --reason "Case 4711" "$RECORDING")`.
 */
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { clean, printJson, printTable } from '../../output.ts'
import { type LimitFlags, pageSize, shownOf, withLimit } from './rows.ts'

type ReasonFlags = ApiFlags & { readonly reason: string }

interface HoldsFlags extends ApiFlags, LimitFlags {
  readonly recording?: string
  readonly released: boolean
}

/** Adds the commands. */
export function addHold(recordings: Command): void {
  addApiCommand(recordings, 'hold', 'place recordings under legal hold; prints the id of the hold')
    .argument('<RECORDINGS...>', 'their ids, up to 100: all of them or none')
    .requiredOption('--reason <TEXT>', 'why')
    .action(hold)
  addApiCommand(recordings, 'release', 'end a legal hold')
    .argument('<HOLD>', 'its id')
    .requiredOption('--reason <TEXT>', 'why')
    .action((id: string, { reason }: ReasonFlags, command: Command) =>
      withClient(command, (client) => client.tandem.holds.release(id, reason)),
    )
  withLimit(addApiCommand(recordings, 'holds', 'legal holds in force, newest first'))
    .option('--recording <ID>', 'only on this recording')
    .option('--released', 'those that have ended too', false)
    .action(holds)
}

async function hold(recordingIds: string[], { reason, json }: ReasonFlags, command: Command): Promise<void> {
  const placed = await withClient(command, (client) => client.tandem.holds.place({ recordingIds, reason }))
  if (json) printJson(placed)
  else console.log(clean(placed.id))
}

async function holds(flags: HoldsFlags, command: Command): Promise<void> {
  const { recording: recordingId, released } = flags
  const query = { recordingId, active: released ? undefined : true, max: pageSize(flags) }
  const items = await withClient(command, (client) => shownOf(client.tandem.holds.list(query), flags))
  if (flags.json) return printJson(items)
  const rows = items.map((item) => [
    item.placed,
    item.released ?? '',
    String(item.recordingIds.length),
    item.reason,
    item.id,
  ])
  printTable(['PLACED', 'RELEASED', 'RECORDINGS', 'REASON', 'HOLD'], rows, 'No holds.')
}
