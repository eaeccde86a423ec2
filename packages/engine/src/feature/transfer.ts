/**
 * Transfer: two calls of one line become one between their other sides, and the line leaves both (contract, call
 * controls §5.4).
 *
 * The call that goes on keeps the session of the first; the other's halves, legs and recordings move into it. Who holds
 * a call by itself holds it still: nobody is heard by a stranger without having taken the call up again.
 */
import { arrange } from '../bridge/arrange.ts'
import type { CallEventType } from '../events.ts'
import type { CallHalf } from '../half/half.ts'
import type { Attempt } from '../route/attempt.ts'
import type { Core } from '../session/core.ts'
import { endHalf, endSession, leaveCall, moveHalf, settleRest } from '../session/finish.ts'
import type { Session } from '../session/session.ts'
import { recordIfAlways } from '../tap/record.ts'
import { type Arrival, noteArrival, noteLeaving } from '../tap/redirection-notes.ts'
import { ringMsOf } from './calling.ts'
import { publishConference } from './conference.ts'
import { holdOthers } from './hold.ts'
import { divertedBy, isPassable } from './move.ts'

const TRANSFERRED = { cause: 'transferred', callerStatus: 480 }
const CANCELLED = { cause: 'cancelled', callerStatus: 487 }

/** Whether two calls of one line may be joined; the second's destination may still be rung. */
export function isJoinable(first: CallHalf, second: CallHalf): boolean {
  if (first === second || first.peer === second || first.session === second.session) return false
  return isPassable(first) && (isPassable(second) || rings(second) !== undefined)
}

/** The attempt in which `half` waits for somebody whose phones ring, if it may be passed on to another. */
function rings(half: CallHalf): Attempt | undefined {
  const { attempt } = half.session
  if (half.phase !== 'connecting' || half.machine !== undefined || attempt?.caller !== half) return undefined
  return attempt.failure === undefined && attempt.purpose.kind === 'talk' ? attempt : undefined
}

/** Joins the other sides of two calls of one line, of which the second may still ring; both of its halves leave. */
export function joinCalls(core: Core, first: CallHalf, second: CallHalf): void {
  const [a, c] = [first.peer, second.peer]
  const attempt = rings(second)
  if (attempt !== undefined && a !== undefined) {
    passAttempt(core, attempt, { from: second, to: a, leaver: first })
    return
  }
  const [session, other] = [first.session, second.session]
  for (const [half, to] of [
    [first, c],
    [second, a],
  ] as const) {
    noteLeaving(core, half, { reason: 'transfer', ...(to === undefined ? {} : { to }) })
    endHalf(core, half, { how: 'forwarded' })
  }
  if (a === undefined || c === undefined || a.phase === 'disconnected' || c.phase === 'disconnected') {
    settleRest(core, session, TRANSFERRED)
    if (other !== session) settleRest(core, other, TRANSFERRED)
    return
  }
  moveAll(core, other, session)
  meet(core, a, c, { reason: 'transfer', by: first.line })
}

/** The destination still rings: who was in the first call waits for it in place of the line that leaves. */
function passAttempt(
  core: Core,
  attempt: Attempt,
  halves: { readonly from: CallHalf; readonly to: CallHalf; readonly leaver: CallHalf },
): void {
  const { from, to, leaver } = halves
  const [session, other] = [to.session, from.session]
  const isIgnored = core.timers.has({ kind: 'half', owner: from, wait: 'ignored' })
  attempt.redirections = [divertedBy(core, from), ...attempt.redirections]
  attempt.caller = to
  other.attempt = undefined
  session.attempt = attempt
  to.phase = 'connecting'
  to.peer = from.peer
  to.dialled = attempt.dialled
  const called = from.peer?.line ?? attempt.called
  noteLeaving(core, leaver, {
    reason: 'transfer',
    ...(called === undefined ? {} : { target: called }),
    ...(from.peer === undefined ? {} : { to: from.peer }),
  })
  endHalf(core, leaver, { how: 'forwarded' })
  endHalf(core, from, { how: 'forwarded' })
  moveAll(core, other, session)
  for (const half of attempt.ringing) {
    half.peer = to
    half.redirections = attempt.redirections
    core.publish(half, 'updated', 'updated')
  }
  if (isIgnored && attempt.called !== undefined)
    core.arm({ kind: 'half', owner: to, wait: 'ignored' }, ringMsOf(core, attempt.called))
  arrange(core, session)
  core.publish(to, 'updated', 'updated')
}

function moveAll(core: Core, from: Session, to: Session): void {
  if (from === to) return
  for (const half of [...from.halves]) moveHalf(core, half, to)
  endSession(core, from, TRANSFERRED)
}

/** Two who were strangers talk, unless one of them holds: it goes on holding. Both are told. */
export function meet(core: Core, a: CallHalf, c: CallHalf, arrival: Arrival): void {
  const { session } = a
  a.peer = c
  c.peer = a
  session.phase = 'connected'
  session.answeredAt ??= core.wallNow
  const isNew = (half: CallHalf): boolean => half.answeredAt === undefined
  const begun = (half: CallHalf): CallEventType =>
    half.personality === 'terminator' ? 'answered' : 'connected'
  const events = [a, c].map((half) => ({ half, type: isNew(half) ? begun(half) : 'updated' }) as const)
  for (const half of [a, c]) {
    half.phase = 'connected'
    half.answeredAt ??= core.wallNow
    half.dialled = undefined
    half.service = undefined
  }
  for (const half of [a, c]) {
    noteArrival(core, half, arrival)
    if (!half.holding) holdOthers(core, half)
    recordIfAlways(core, half)
  }
  arrange(core, session)
  for (const { half, type } of events) core.publish(half, 'updated', type)
  // A participant of a conference is somebody else now, whom its host has made neither mute nor deaf.
  for (const half of [a, c])
    if (half.conference !== undefined) publishConference(core, half.conference, half, 'updated')
}

/** The destination of a mute transfer has answered: it is joined with the call that waited. */
export function joinAnswered(
  core: Core,
  held: CallHalf,
  call: { readonly caller: CallHalf; readonly answerer: CallHalf },
): void {
  const { caller, answerer } = call
  caller.session.answeredAt ??= core.wallNow
  for (const half of [caller, answerer]) half.phase = 'connected'
  caller.peer = answerer
  answerer.peer = caller
  held.transfer = undefined
  if (isPassable(held)) joinCalls(core, held, caller)
  else endSession(core, caller.session, CANCELLED) // Its other side has parked it, or sent it elsewhere, meanwhile.
}

/** A call ends while its mute transfer is under way: nobody is called for it any more. */
export function abandonTransfer(core: Core, half: CallHalf): void {
  const { transfer } = half
  half.transfer = undefined
  if (transfer !== undefined) leaveCall(core, transfer, CANCELLED)
}
