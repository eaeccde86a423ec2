/**
 * The command `transfer` (contract, call controls §5.4): of two calls, or of one to a destination that is rung first.
 *
 * The mute transfer is a second call of the line without a phone: it rings the destination in a session of its own and is
 * joined with the first when somebody answers. If nobody does, it ends and the first has never changed.
 */
import type { CallActor, CallCommand } from '../commands.ts'
import { CallHalf } from '../half/half.ts'
import { Attempt } from '../route/attempt.ts'
import { type Dialled, parseDestination, routeOf } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { lineOf, ownHalf } from './actor.ts'
import { call, isBusy } from './calling.ts'
import { isPassable } from './move.ts'
import { isJoinable, joinCalls } from './transfer.ts'

type TransferCommand = Extract<CallCommand, { readonly kind: 'transfer' }>

/** Carries out `transfer`. */
export function transfer(core: Core, id: number, command: TransferCommand): void {
  const { actor, callId1, callId2, destination } = command
  if (callId1 === undefined && callId2 === undefined && destination === undefined)
    transferBoth(core, id, actor)
  else if (callId1 !== undefined && destination !== undefined && callId2 === undefined)
    transferTo(core, id, { actor, callId: callId1, destination })
  else if (callId1 !== undefined && callId2 !== undefined && destination === undefined && callId1 !== callId2)
    transferTwo(core, id, { actor, callId1, callId2 })
  else core.reply(id, { kind: 'refused', error: 'transfer_calls_invalid' })
}

/** The only two calls of the line; one that still rings somebody is the second, whichever is older. */
function transferBoth(core: Core, id: number, actor: CallActor): void {
  const line = lineOf(core, actor)
  if (line === 'forbidden') {
    core.reply(id, { kind: 'refused', error: 'line_owner_forbidden' })
    return
  }
  const [first, second, ...more] = line === undefined ? [] : core.halvesOf(line)
  if (first === undefined || second === undefined || more.length > 0) {
    core.reply(id, { kind: 'refused', error: 'transfer_calls_invalid' })
    return
  }
  const inOrder = first.phase === 'connecting' ? [second, first] : [first, second]
  join(core, id, inOrder as [CallHalf, CallHalf]) // Two, by the line above.
}

function transferTwo(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId1: string; readonly callId2: string },
): void {
  const { actor, callId1, callId2 } = command
  const first = ownHalf(core, { actor, callId: callId1 })
  const second = ownHalf(core, { actor, callId: callId2 })
  if (typeof first === 'string') core.reply(id, { kind: 'refused', error: first })
  else if (typeof second === 'string') core.reply(id, { kind: 'refused', error: second })
  else join(core, id, [first, second])
}

function join(core: Core, id: number, [first, second]: readonly [CallHalf, CallHalf]): void {
  if (!isJoinable(first, second)) {
    core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
    return
  }
  joinCalls(core, first, second)
  core.reply(id, { kind: 'done' })
}

function transferTo(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId: string; readonly destination: string },
): void {
  const dialled = parseDestination(command.destination)
  if (dialled === undefined || isCode(dialled)) {
    core.reply(id, { kind: 'refused', error: 'destination_invalid' })
    return
  }
  const held = ownHalf(core, command)
  if (typeof held === 'string') core.reply(id, { kind: 'refused', error: held })
  else if (!isPassable(held)) core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
  else if (core.sessions.size >= core.limits.callsMax || isBusy(core, held.line))
    core.reply(id, { kind: 'refused', error: 'overloaded' })
  else
    startTransfer(core, held, dialled, {
      onStarted: (half) =>
        core.reply(id, { kind: 'placed', callId: half.id, callSessionId: half.session.id }),
    })
}

/** A star code acts on calls and answers none: it is nobody to whom a call could be transferred. */
export function isCode(dialled: Dialled): boolean {
  return /^[*#]/.test(dialled.user)
}

/** Rings a destination for `held`, which is joined with whoever answers. `alone`: its assistants do not ring. */
export function startTransfer(
  core: Core,
  held: CallHalf,
  dialled: Dialled,
  options: { readonly alone?: boolean; readonly onStarted?: (half: CallHalf) => void } = {},
): void {
  const { line } = held
  const session = core.newSession(line.orgId)
  const half = new CallHalf({
    id: core.ids.callHalf(),
    session,
    line,
    createdAt: core.wallNow,
    personality: 'originator',
    phase: 'connecting',
    dialled,
    isPrivate: held.isPrivate,
  })
  const realm = core.realmOf(line.orgId)
  const route = realm === undefined ? undefined : routeOf(realm, line, dialled)
  if (route?.kind === 'line') {
    half.expected = route.line
    half.service = route.service
  }
  const alone = options.alone === true ? { alone: true } : {}
  const attempt = new Attempt({ caller: half, dialled, purpose: { kind: 'transfer', held, ...alone } })
  session.attempt = attempt
  held.transfer = half
  core.addHalf(half)
  options.onStarted?.(half)
  core.publish(half, 'created', 'originated')
  call(core, attempt)
}
