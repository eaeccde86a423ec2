/**
 * `tandem calls conference`: join calls, see who is in, mute, deafen, leave for a while, end it for everybody. With
 * `--member` for somebody else's conference, as an administrator.
 */
import type { WebexClient } from '@tandem/sdk'
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { printFacts, printJson, printTable } from '../../output.ts'
import { lineOf, type MemberFlags, withMember } from './line.ts'

type Flags = ApiFlags & MemberFlags

const WITH_CALL = {
  add: { method: 'addParticipant', description: 'add a call of yours' },
  deafen: { method: 'deafen', description: 'keep a participant from hearing the others' },
  undeafen: { method: 'undeafen', description: 'let a participant hear the others again' },
} as const
const MAYBE_CALL = {
  mute: 'mute a participant, or yourself',
  unmute: 'unmute a participant, or yourself',
} as const
const PLAIN = {
  hold: 'leave the conference for a while; the others go on',
  resume: 'come back into the conference',
  release: 'end the conference for everybody',
} as const

/** Adds the commands. */
export function addConference(calls: Command): void {
  const group = calls.command('conference').description('your conference')
  withMember(addApiCommand(group, 'start', 'join calls of yours'))
    .argument('<CALLS...>', 'ids of the calls, two or more')
    .action((callIds: string[], flags: Flags, command: Command) =>
      withClient(command, (client) => of(client, flags).start(callIds, lineOf(flags))),
    )
  withMember(addApiCommand(group, 'show', 'its state and who is in it')).action(show)
  for (const [name, { method, description }] of Object.entries(WITH_CALL))
    withMember(addApiCommand(group, name, description))
      .argument('<CALL>', 'id of the call')
      .action((callId: string, flags: Flags, command: Command) =>
        withClient(command, (client) => of(client, flags)[method](callId, lineOf(flags))),
      )
  for (const name of ['mute', 'unmute'] as const)
    withMember(addApiCommand(group, name, MAYBE_CALL[name]))
      .argument('[CALL]', 'id of the call; you when absent')
      .action((callId: string | undefined, flags: Flags, command: Command) =>
        withClient(command, (client) => of(client, flags)[name]({ callId }, lineOf(flags))),
      )
  for (const name of ['hold', 'resume', 'release'] as const)
    withMember(addApiCommand(group, name, PLAIN[name])).action((flags: Flags, command: Command) =>
      withClient(command, (client) => of(client, flags)[name](lineOf(flags))),
    )
}

async function show(flags: Flags, command: Command): Promise<void> {
  const details = await withClient(command, (client) => of(client, flags).get(lineOf(flags)))
  if (flags.json) return printJson(details ?? {})
  const { participants = [], state, created, muted, type } = details ?? {}
  if (details !== undefined) printFacts({ state, type, created, muted: muted === true ? 'yes' : 'no' })
  const none = details === undefined ? 'No conference.' : 'Nobody is in it.'
  const rows = participants.map((one) => [
    one.muted ? 'muted' : '',
    one.deafened ? 'deafened' : '',
    one.callId,
  ])
  printTable(['MUTED', 'DEAFENED', 'CALL'], rows, none)
}

function of({ conference }: WebexClient, { member }: Flags): WebexClient['conference'] {
  return member === undefined ? conference : conference.forMember(member)
}
