/**
 * `tandem calls dial`, `retrieve`, `pickup`, `barge-in`, `pull`: commands that ring an own phone and make a call. The id
 * of the new call is all that goes to stdout: `CALL=$(tandem calls dial 102)`.
 */
import type { CallInfo, WebexClient } from '@tandem/sdk'
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { clean, printJson } from '../../output.ts'
import { lineOf, type MemberFlags, type PhoneFlags, phoneOf, withLine, withPhone } from './line.ts'

type Flags = ApiFlags & PhoneFlags

/** Adds the commands. */
export function addPlace(calls: Command): void {
  withPhone(addApiCommand(calls, 'dial', 'ring your phones, then call a destination'))
    .argument('<DESTINATION>', 'extension, number, feature code or SIP address')
    .option('--member <ID>', 'whose phones, as an administrator')
    .action((destination: string, flags: Flags & MemberFlags, command: Command) =>
      place(flags, command, (client) => {
        const request = { destination, ...phoneOf(flags) }
        return flags.member === undefined
          ? client.calls.dial(request, lineOf(flags))
          : client.callMembers.dial(flags.member, request, lineOf(flags))
      }),
    )
  withPhone(addApiCommand(calls, 'retrieve', 'fetch a parked call to your phones'))
    .argument('[NUMBER]', 'where it is parked; against you when absent')
    .action((destination: string | undefined, flags: Flags, command: Command) =>
      place(flags, command, (client) =>
        client.calls.retrieve({ destination, ...phoneOf(flags) }, lineOf(flags)),
      ),
    )
  withPhone(addApiCommand(calls, 'pickup', 'take a call that rings for somebody else'))
    .argument('[TARGET]', 'whose; anybody of your pickup group when absent')
    .action((target: string | undefined, flags: Flags, command: Command) =>
      place(flags, command, (client) => client.calls.pickup({ target, ...phoneOf(flags) }, lineOf(flags))),
    )
  withPhone(addApiCommand(calls, 'barge-in', 'join the answered call of somebody else'))
    .argument('<TARGET>', 'whose')
    .action((target: string, flags: Flags, command: Command) =>
      place(flags, command, (client) => client.calls.bargeIn({ target, ...phoneOf(flags) }, lineOf(flags))),
    )
  withLine(addApiCommand(calls, 'pull', 'move your active call to another of your phones'))
    .option('--endpoint <ID>', 'to this phone only (tandem calls endpoints)')
    .action((flags: Flags, command: Command) =>
      place(flags, command, (client) => client.calls.pull({ endpointId: flags.endpoint }, lineOf(flags))),
    )
}

async function place(
  flags: Flags,
  command: Command,
  run: (client: WebexClient) => Promise<CallInfo>,
): Promise<void> {
  printCallInfo(await withClient(command, run), flags)
}

/** Prints the ids of a new call: all of them as JSON, else the call's alone. */
export function printCallInfo(info: CallInfo, { json }: Pick<ApiFlags, 'json'>): void {
  if (json) printJson(info)
  else console.log(clean(info.callId))
}
