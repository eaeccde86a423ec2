/**
 * `tandem calls list`, `show`, `history`, `endpoints`: what there is. Call ids stand last in a line, whole, to be copied.
 */
import type { Call, Party } from '@tandem/sdk'
import { type Command, Option } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { printFacts, printJson, printTable } from '../../output.ts'
import { lineOf, type MemberFlags, withMember } from './line.ts'

type Flags = ApiFlags & MemberFlags

/** Adds the commands. */
export function addLook(calls: Command): void {
  withMember(addApiCommand(calls, 'list', 'active calls, oldest first')).action(list)
  withMember(addApiCommand(calls, 'show', 'one active call'))
    .argument('<CALL>', 'id of the call')
    .action(show)
  addApiCommand(calls, 'history', 'the last calls, newest first')
    .addOption(new Option('--type <TYPE>', 'only these').choices(['placed', 'missed', 'received']))
    .action(history)
  addApiCommand(
    calls,
    'endpoints',
    'your phones; the preferred one answers when a command names none',
  ).action(endpoints)
}

async function list(flags: Flags, command: Command): Promise<void> {
  const { member } = flags
  const items = await withClient(command, (client) =>
    member === undefined ? client.calls.list(lineOf(flags)) : client.callMembers.list(member, lineOf(flags)),
  )
  if (flags.json) return printJson(items)
  printTable(['STATE', 'ROLE', 'WITH', 'SINCE', 'RECORDING', 'CALL'], items.map(rowOf), 'No active calls.')
}

async function show(callId: string, flags: Flags, command: Command): Promise<void> {
  const { member } = flags
  const call = await withClient(command, (client) =>
    member === undefined
      ? client.calls.get(callId, lineOf(flags))
      : client.callMembers.get(member, callId, lineOf(flags)),
  )
  if (flags.json) return printJson(call)
  const { redirections = [], recall } = call
  printFacts({
    call: call.callId,
    session: call.callSessionId,
    state: call.state,
    role: call.personality,
    with: partyText(call.remoteParty),
    created: call.created,
    answered: call.answered,
    recording: call.recordingState,
    muted: call.muteCapable ? (call.muted ? 'yes' : 'no') : undefined,
    'sent on by':
      redirections.length === 0
        ? undefined
        : redirections
            .map(({ reason, redirectingParty }) => `${partyText(redirectingParty)} (${reason})`)
            .join(', '),
    'back from': recall === undefined ? undefined : `${partyText(recall.party)} (${recall.type})`,
  })
}

async function history(flags: ApiFlags & { readonly type?: string }, command: Command): Promise<void> {
  const items = await withClient(command, (client) => client.calls.history({ type: flags.type }))
  if (flags.json) return printJson(items)
  const rows = items.map((item) => [item.time, item.type, partyText(item)])
  printTable(['TIME', 'TYPE', 'WITH'], rows, 'No calls in the history.')
}

async function endpoints(flags: ApiFlags, command: Command): Promise<void> {
  const answer = await withClient(command, async (client) =>
    client.preferredAnswer.get((await client.people.me()).id),
  )
  if (flags.json) return printJson(answer)
  const rows = answer.endpoints.map(({ id, type, name }) => [
    name,
    type,
    id === answer.preferredAnswerEndpointId ? 'yes' : '',
    id,
  ])
  printTable(['NAME', 'TYPE', 'PREFERRED', 'ENDPOINT'], rows, 'You have no phones.')
}

function rowOf(call: Call): string[] {
  const state = call.muted ? `${call.state}, muted` : call.state
  return [
    state,
    call.personality,
    partyText(call.remoteParty),
    call.answered ?? call.created,
    call.recordingState ?? '',
    call.callId,
  ]
}

function partyText({ name, number, privacyEnabled }: Partial<Party>): string {
  const words = [name, number === name ? undefined : number].filter((word) => word !== undefined)
  return words.length > 0 ? words.join(' ') : privacyEnabled === true ? 'withheld' : 'unknown'
}
