/**
 * How somebody changes from one conversation to another: into the one that it joins, out of one that it came too late
 * for, and to a destination that somebody else has named.
 */
import { arrange } from '../bridge/arrange.ts'
import { answerCaller } from '../bridge/connect.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Redirection } from '../half/redirection.ts'
import { configure } from '../leg/media.ts'
import { Attempt, type AttemptPurpose } from '../route/attempt.ts'
import type { Dialled } from '../route/destination.ts'
import type { Core } from '../session/core.ts'
import { type Ending, endSession, moveHalf } from '../session/finish.ts'
import type { Session } from '../session/session.ts'
import { call, failAttempt } from './calling.ts'

const JOINED: Ending = { cause: 'joined', callerStatus: 480 }

/** Whether `half` and its peer are two people of whom each may be given to somebody else now. */
export function isPassable(half: CallHalf): boolean {
  const { peer } = half
  return (
    isTalking(half) &&
    peer !== undefined &&
    isTalking(peer) &&
    peer.session === half.session &&
    (half.transfer === undefined || half.transfer.phase === 'disconnected')
  )
}

/** Whether nobody but `half` and its peer is in their conversation. */
export function isOfTwo(half: CallHalf): boolean {
  const connected = half.session.halves.filter((each) => each.phase === 'connected')
  return connected.length === 2 && half.conference === undefined && half.peer?.conference === undefined
}

function isTalking(half: CallHalf): boolean {
  return half.phase === 'connected' && half.machine === undefined && half.parkedAgainst === undefined
}

/**
 * Answers the phone of a half whose INVITE may still wait, naming `peer` in the 200: an UPDATE that followed it at once
 * could overtake it. False when it could not be answered, and its session has ended.
 */
export function answerOwn(core: Core, half: CallHalf, peer: CallHalf | undefined): boolean {
  half.peer = peer
  if (!answerCaller(core, half, half.line.extension)) return false
  if (half.leg !== undefined) configure(core, half.leg)
  return true
}

/** Takes a half into the conversation that it joins; the one that it leaves ends if nobody is left in it. */
export function moveInto(core: Core, half: CallHalf, session: Session): void {
  const from = half.session
  if (from === session) return
  if (from.attempt?.caller === half) from.attempt = undefined
  moveHalf(core, half, session)
  if (from.halves.length === 0) endSession(core, from, JOINED)
}

/** A half whose phone was rung for something that is not there any more: alone, it hears a tone and is hung up on. */
export function failAlone(core: Core, half: CallHalf, ending: Ending): void {
  moveInto(core, half, core.newSession(half.session.orgId))
  half.phase = 'connecting'
  const attempt = new Attempt({ caller: half, dialled: half.dialled ?? { user: '' } })
  half.session.attempt = attempt
  core.publish(half, 'updated', 'updated')
  failAttempt(core, attempt, ending)
}

/** How a call that one line sends on is shown where it rings then. */
export function divertedBy(core: Core, half: CallHalf): Redirection {
  return { reason: 'divert', line: half.line, isPrivate: half.isPrivate, at: core.wallNow }
}

/** Somebody who talked waits, with ringback, while the destination that another has named is called. */
export function sendOn(
  core: Core,
  waiter: CallHalf,
  to: {
    readonly dialled: Dialled
    readonly expected?: DirectoryLine
    readonly redirections: readonly Redirection[]
    readonly purpose: AttemptPurpose
  },
): void {
  const { session } = waiter
  waiter.phase = 'connecting'
  waiter.peer = undefined
  waiter.dialled = to.dialled
  waiter.expected = to.expected
  waiter.service = undefined
  const attempt = new Attempt({ caller: waiter, dialled: to.dialled, purpose: to.purpose })
  attempt.redirections = to.redirections
  session.attempt = attempt
  core.publish(waiter, 'updated', 'updated')
  call(core, attempt)
  if (session.attempt === attempt) arrange(core, session)
}
