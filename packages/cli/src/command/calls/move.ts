/**
 * `tandem calls divert`, `transfer`, `park`: commands by which a call goes to somebody else.
 */
import type { AttendedTransfer, DivertTarget, MuteTransfer } from '@tandem/sdk'
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { clean, printJson } from '../../output.ts'
import { type LineFlags, lineOf, withLine } from './line.ts'
import { printCallInfo } from './place.ts'

type Flags = ApiFlags & LineFlags

/** Adds the commands. */
export function addMove(calls: Command): void {
  withLine(addApiCommand(calls, 'divert', 'send a call on, ringing or answered'))
    .argument('<CALL>', 'id of the call')
    .argument('[DESTINATION]', 'where to, or whose voicemail')
    .option('--voicemail', 'to voicemail: your own when no destination is named', false)
    .action(divert)
  withLine(addApiCommand(calls, 'transfer', 'join two calls, or move one to a destination once it answers'))
    .argument('[CALL]', 'id of a call; your only two calls are joined when absent')
    .argument('[OTHER]', 'id of the call that it is joined with')
    .option('--to <DESTINATION>', 'ring this, and move the call when it answers')
    .action(transfer)
  withLine(addApiCommand(calls, 'park', 'park a call; prints the number to retrieve it from'))
    .argument('<CALL>', 'id of the call')
    .argument('[DESTINATION]', 'against whom; against you when absent')
    .option('--group', 'against a free member of your park group', false)
    .action(park)
}

async function divert(
  callId: string,
  destination: string | undefined,
  flags: Flags & { readonly voicemail: boolean },
  command: Command,
): Promise<void> {
  const target = flags.voicemail ? { toVoicemail: true, destination } : { destination }
  await withClient(
    command,
    (client) => client.calls.divert(callId, target as DivertTarget, lineOf(flags)), // The client refuses what goes nowhere.
  )
}

async function transfer(
  callId1: string | undefined,
  callId2: string | undefined,
  flags: Flags & { readonly to?: string },
  command: Command,
): Promise<void> {
  const request = { callId1, callId2, destination: flags.to } as AttendedTransfer | MuteTransfer // Other mixtures too: the client refuses them.
  const info = await withClient(command, (client) => client.calls.transfer(request, lineOf(flags)))
  if (info !== undefined) printCallInfo(info, flags)
}

async function park(
  callId: string,
  destination: string | undefined,
  flags: Flags & { readonly group: boolean },
  command: Command,
): Promise<void> {
  if (flags.group && destination !== undefined)
    command.error('error: give a destination or --group, not both')
  const target = flags.group ? { isGroupPark: true as const } : { destination }
  const party = await withClient(command, (client) => client.calls.park(callId, target, lineOf(flags)))
  if (flags.json) printJson(party)
  else console.log(clean(party.number ?? ''))
}
