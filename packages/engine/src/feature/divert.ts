/**
 * Divert (contract, call controls §5.3): a call leaves its line for a destination or for a mailbox, whether it still rings
 * or is talked on. Nobody asks the destination first: if it cannot be had, the call ends.
 */

import { arrange } from '../bridge/arrange.ts'
import type { CallCommand, CallResult } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import { Attempt } from '../route/attempt.ts'
import { type Dialled, parseDestination, resolve, routeOf } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { endHalf, settleRest } from '../session/finish.ts'
import { noteLeaving } from '../tap/redirection-notes.ts'
import { withHalf } from './actor.ts'
import { call, redirect, redirectToMailbox } from './calling.ts'
import { deposit } from './voicemail.ts'

type DivertCommand = Extract<CallCommand, { readonly kind: 'divert' }>

/** Where a call is diverted to. */
export type DivertTarget =
  | { readonly kind: 'destination'; readonly destination: string; readonly dialled: Dialled }
  | { readonly kind: 'mailbox'; readonly owner: DirectoryLine }

const DIVERTED = { cause: 'normal', callerStatus: 480 }

/** Carries out `divert`. When the reply leaves, the call has left its line. */
export function divert(core: Core, id: number, command: DivertCommand): void {
  const { destination } = command
  const toVoicemail = command.toVoicemail === true
  const dialled = destination === undefined ? undefined : parseDestination(destination)
  if (destination === undefined && !toVoicemail) {
    core.reply(id, { kind: 'refused', error: 'destination_missing' })
    return
  }
  if (destination !== undefined && dialled === undefined) {
    core.reply(id, { kind: 'refused', error: 'destination_invalid' })
    return
  }
  withHalf(core, id, command, (half) => {
    const target: DivertTarget | undefined = toVoicemail
      ? mailboxTarget(core, half, dialled)
      : { kind: 'destination', destination: destination ?? '', dialled: dialled ?? { user: '' } }
    if (target === undefined) core.reply(id, { kind: 'refused', error: 'voicemail_off' })
    else core.reply(id, divertHalf(core, half, target))
  })
}

/** The mailbox that a destination names, or without one that of the call's own line; undefined when there is none. */
export function mailboxTarget(
  core: Core,
  half: CallHalf,
  dialled: Dialled | undefined,
): DivertTarget | undefined {
  const realm = core.realmOf(half.session.orgId)
  const owner = dialled === undefined ? half.line : realm === undefined ? undefined : resolve(realm, dialled)
  return owner?.voicemail === undefined ? undefined : { kind: 'mailbox', owner }
}

/** Diverts a call, for whoever wants that: the API, a code, a phone. */
export function divertHalf(core: Core, half: CallHalf, target: DivertTarget): CallResult {
  const { attempt } = half.session
  if (half.phase === 'alerting' && attempt?.ringing.has(half) === true) {
    const step = { line: half.line, reason: 'divert' } as const
    if (target.kind === 'mailbox') redirectToMailbox(core, attempt, { ...step, owner: target.owner })
    else redirect(core, attempt, { ...step, destination: target.destination })
    return { kind: 'done' }
  }
  const { peer } = half
  const isTalk = half.phase === 'connected' && peer?.phase === 'connected' && peer.leg !== undefined
  const isShared = half.session.halves.filter((each) => each.phase === 'connected').length > 2
  if (
    !isTalk ||
    isShared ||
    peer.machine !== undefined ||
    peer.session !== half.session ||
    attempt !== undefined
  )
    return { kind: 'refused', error: 'call_state_forbids' }
  divertTalk(core, half, peer, target)
  return { kind: 'done' }
}

/** Who talked to the line waits for the destination instead, and the line leaves. */
function divertTalk(core: Core, half: CallHalf, peer: CallHalf, target: DivertTarget): void {
  const { session } = half
  const realm = core.realmOf(session.orgId)
  const dialled = target.kind === 'destination' ? target.dialled : { user: target.owner.extension }
  const route = realm === undefined ? undefined : routeOf(realm, peer.line, dialled)
  const expected = route?.kind === 'line' ? route.line : undefined
  const attempt = new Attempt({ caller: peer, dialled })
  if (expected !== undefined && target.kind === 'destination')
    attempt.promised = { lineId: expected.id, callId: core.ids.callHalf() }
  noteLeaving(core, half, {
    reason: 'divert',
    ...(expected === undefined ? {} : { target: expected }),
    ...(attempt.promised === undefined ? {} : { callId: attempt.promised.callId }),
  })
  endHalf(core, half, { how: 'forwarded' })
  attempt.redirections = [{ reason: 'divert', line: half.line, isPrivate: half.isPrivate, at: core.wallNow }]
  peer.phase = 'connecting'
  peer.peer = undefined
  peer.dialled = dialled
  peer.expected = expected
  peer.service = undefined
  session.attempt = attempt
  core.publish(peer, 'updated', 'updated')
  if (target.kind === 'mailbox') deposit(core, attempt, target.owner)
  else call(core, attempt)
  settleRest(core, session, DIVERTED)
  arrange(core, session)
}
