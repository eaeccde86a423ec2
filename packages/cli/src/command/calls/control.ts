/**
 * `tandem calls answer`, `reject`, `hangup`, `hold`, `resume`, `mute`, `unmute`, `push`, `dtmf`: what is done to one call.
 * They print nothing when it is done.
 */
import { type Command, Option } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { type LineFlags, lineOf, type MemberFlags, withLine, withMember } from './line.ts'

type Flags = ApiFlags & LineFlags

const PLAIN = {
  hold: 'hold a connected call',
  resume: 'take a held call back',
  mute: 'mute yourself in a call',
  unmute: 'let yourself be heard again',
} as const

/** Adds the commands. */
export function addControl(calls: Command): void {
  withMember(addApiCommand(calls, 'answer', 'answer a ringing call on one of your phones'))
    .argument('<CALL>', 'id of the call')
    .option('--endpoint <ID>', 'on this phone (tandem calls endpoints)')
    .action(answer)
  withLine(addApiCommand(calls, 'reject', 'refuse a call that rings'))
    .argument('<CALL>', 'id of the call')
    .addOption(
      new Option('--action <ACTION>', 'as what; ignore silences it and lets the caller wait').choices([
        'busy',
        'temporarilyUnavailable',
        'ignore',
      ]),
    )
    .action((callId: string, flags: Flags & { readonly action?: string }, command: Command) =>
      withClient(command, (client) => client.calls.reject(callId, { action: flags.action }, lineOf(flags))),
    )
  withMember(addApiCommand(calls, 'hangup', 'end a call; one that rings is rejected as busy'))
    .argument('<CALL>', 'id of the call')
    .action(hangup)
  for (const [name, description] of Object.entries(PLAIN))
    withLine(addApiCommand(calls, name, description))
      .argument('<CALL>', 'id of the call')
      .action((callId: string, flags: Flags, command: Command) =>
        withClient(
          command,
          (client) => client.calls[name as keyof typeof PLAIN](callId, lineOf(flags)), // Its keys are what is iterated.
        ),
      )
  withLine(addApiCommand(calls, 'push', "push an assistant's call to its executive"))
    .argument('[CALL]', 'id of the call; the only one when absent')
    .action((callId: string | undefined, flags: Flags, command: Command) =>
      withClient(command, (client) => client.calls.push({ callId }, lineOf(flags))),
    )
  withLine(addApiCommand(calls, 'dtmf', 'send keys to the other side'))
    .argument('<KEYS>', '0-9 * # A-D, and a comma for a pause')
    .argument('[CALL]', 'id of the call; the only one when absent')
    .action((dtmf: string, callId: string | undefined, flags: Flags, command: Command) =>
      withClient(command, (client) => client.calls.transmitDtmf({ dtmf, callId }, lineOf(flags))),
    )
}

async function answer(
  callId: string,
  flags: Flags & MemberFlags & { readonly endpoint?: string },
  command: Command,
): Promise<void> {
  const { member, endpoint: endpointId } = flags
  await withClient(command, (client) =>
    member === undefined
      ? client.calls.answer(callId, { endpointId }, lineOf(flags))
      : client.callMembers.answer(member, callId, { endpointId }, lineOf(flags)),
  )
}

async function hangup(callId: string, flags: Flags & MemberFlags, command: Command): Promise<void> {
  const { member } = flags
  await withClient(command, (client) =>
    member === undefined
      ? client.calls.hangup(callId, lineOf(flags))
      : client.callMembers.hangup(member, callId, lineOf(flags)),
  )
}
