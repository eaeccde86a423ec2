/**
 * Pull (contract, call controls §5.8): a line's talk goes on at another of its phones.
 *
 * A temporary call rings that phone; when it is answered, its leg takes the place of the old one in the call, which
 * keeps its id, its recording and its other side, and the temporary call is gone.
 */
import { arrange } from '../bridge/arrange.ts'
import type { CallActor, CallResult } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Reachable } from '../route/fork.ts'
import type { Core } from '../session/core.ts'
import { ANSWERED_ELSEWHERE, dropLeg, endHalf } from '../session/finish.ts'
import { ownPhones, ringOwn } from './dial.ts'
import { holdOthers } from './hold.ts'
import { answerOwn, failAlone, moveInto } from './move.ts'

/** `pull` as the API gives it. */
export interface PullCommand {
  readonly actor: CallActor
  readonly endpointId?: string
}

/** Carries out `pull`: the named phone rings, or all but the one that has the call. */
export function pull(core: Core, id: number, command: PullCommand): void {
  const own = ownPhones(core, command)
  if (own.kind === 'refused') {
    core.reply(id, own)
    return
  }
  const call = callToPull(core, own.line)
  const phones = own.phones.filter(({ device }) => isElsewhere(call, device, command.endpointId))
  if (call === undefined) core.reply(id, { kind: 'refused', error: 'nothing_to_pull' })
  else if (phones.length === 0) core.reply(id, { kind: 'refused', error: 'no_registered_device' })
  else {
    const intent = { kind: 'pull', call } as const
    const peer = call.peer === undefined ? {} : { peer: call.peer }
    ringOwn(core, { id, session: call.session, line: own.line, phones, intent, ...peer })
  }
}

/** A phone has dialled to take over the talk of its own line. */
export function pullBy(core: Core, half: CallHalf): CallResult {
  const call = callToPull(core, half.line, half)
  if (call === undefined) return { kind: 'refused', error: 'nothing_to_pull' }
  if (answerOwn(core, half, call.peer)) pulled(core, half, call)
  return { kind: 'done' }
}

/** The phone is there: it has the call from now on. */
export function pulled(core: Core, half: CallHalf, call: CallHalf): void {
  const { leg } = half
  const old = call.leg
  if (call.phase !== 'connected' || call.parkedAgainst !== undefined || leg === undefined) {
    failAlone(core, half, { cause: 'notFound', callerStatus: 404 })
    return
  }
  moveInto(core, half, call.session)
  half.legs.delete(leg)
  half.leg = undefined
  half.personality = 'clickToDial' // It was never a call of its own: history knows nothing of it.
  leg.half = call
  call.legs.add(leg)
  call.leg = leg
  const wasHeld = call.holding
  call.heldByAnchor = false
  call.heldByPhone = leg.negotiated?.holds === true
  if (!call.holding) holdOthers(core, call)
  arrange(core, call.session)
  if (old !== undefined) dropLeg(core, old, { status: 480, reason: ANSWERED_ELSEWHERE })
  endHalf(core, half)
  core.publish(call, 'updated', wasHeld && !call.holding ? 'resumed' : 'updated')
}

/** The call that a line talks on, else the newest that it holds. */
function callToPull(core: Core, line: DirectoryLine, except?: CallHalf): CallHalf | undefined {
  const calls = core
    .halvesOf(line)
    .filter((half) => half !== except && half.phase === 'connected' && half.leg !== undefined)
    .filter((half) => half.machine === undefined && half.parkedAgainst === undefined)
  return calls.find((half) => !half.holding) ?? calls.at(-1)
}

function isElsewhere(call: CallHalf | undefined, device: Reachable['device'], named?: string): boolean {
  return named !== undefined || call?.leg?.device.id !== device.id
}
