/**
 * Calls a destination for somebody who waits: finds the line, rings its phones, follows its forwardings, and tells the
 * caller how it ended (contract, call controls §2 redirections, §5.2).
 *
 * A caller's phone that has not been answered yet gets the status of a failure. One that has hears a tone that says why
 * and is hung up on after that; meanwhile its call stays `connecting`.
 */
import { arrange } from '../bridge/arrange.ts'
import { isUnanswered } from '../bridge/connect.ts'
import type { RedirectionReason } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import { CallHalf } from '../half/half.ts'
import type { Attempt } from '../route/attempt.ts'
import { parseDestination, routeOf } from '../route/destination.ts'
import { type Reachable, reachable, ringPhones } from '../route/fork.ts'
import { causeOf } from '../route/outcome.ts'
import type { Core } from '../session/core.ts'
import { type Ending, endHalf, endSession, giveUpAttempt, leaveCall } from '../session/finish.ts'

/** How long the tone is played, in milliseconds: a busy signal is understood after its third beep. */
export const FAILURE_TONE_MS = 3_000
/** Forwardings that one call may go through, unless the limits say otherwise. */
export const FORWARDS_MAX = 5

/** Causes in which there is no way to anybody; in all others somebody is there and does not take the call. */
const UNROUTABLE: ReadonlySet<string> = new Set(['notFound', 'notRegistered', 'notAcceptable', 'loop'])

/** What keeps a call from ringing where it was sent, or from being answered there. */
export type Obstacle = 'always' | 'busy' | 'noAnswer' | 'unavailable'

const REASONS: Readonly<Record<Obstacle, RedirectionReason>> = {
  always: 'unconditional',
  busy: 'busy',
  noAnswer: 'noAnswer',
  unavailable: 'unavailable',
}

/** Calls what the attempt has dialled last. */
export function call(core: Core, attempt: Attempt): void {
  const { caller, dialled } = attempt
  const realm = core.realmOf(caller.session.orgId)
  const route = realm === undefined ? undefined : routeOf(realm, caller.line, dialled)
  switch (route?.kind) {
    case 'line':
      caller.service = route.service
      offerTo(core, attempt, route.line)
      return
    default:
      failAttempt(core, attempt, { cause: 'notFound', callerStatus: 404 })
      return
  }
}

/** Offers the call to a line: its phones ring, unless something stands in the way. */
function offerTo(core: Core, attempt: Attempt, line: DirectoryLine): void {
  const isRecall = attempt.recallOf !== undefined
  if (line.id === attempt.caller.line.id && !isRecall) {
    failAttempt(core, attempt, { cause: 'busy', callerStatus: 486 })
    return
  }
  if (line.forwarding?.always !== undefined && !isRecall) {
    treat(core, attempt, line, { obstacle: 'always', status: 480 })
    return
  }
  if (line.doNotDisturb === true || isBusy(core, line)) {
    treat(core, attempt, line, { obstacle: 'busy', status: 486 })
    return
  }
  const phones = reachable(core, line)
  if (phones.length === 0) {
    treat(core, attempt, line, { obstacle: 'unavailable', status: 480, cause: 'notRegistered' })
    return
  }
  ringLine(core, attempt, line, phones)
}

/** A half of the called line whose phones ring. */
function ringLine(core: Core, attempt: Attempt, line: DirectoryLine, phones: readonly Reachable[]): void {
  const { caller } = attempt
  arrange(core, caller.session)
  const half = new CallHalf({
    id: core.ids.callHalf(),
    session: caller.session,
    line,
    createdAt: core.wallNow,
    personality: 'terminator',
    phase: 'alerting',
  })
  half.peer = caller
  half.redirections = attempt.redirections
  half.recall = attempt.recallOf
  if (attempt.ringing.size === 0) caller.peer = half
  attempt.ringing.add(half)
  core.addHalf(half)
  core.publish(half, 'created', 'received')
  ringPhones(core, half, phones, { autoAnswer: false })
  const ringMs = line.ringSeconds === undefined ? core.limits.ringMsMax : line.ringSeconds * 1_000
  core.arm({ kind: 'half', owner: half, wait: 'ring' }, ringMs)
}

/** A line that was called cannot be had: the call goes where its owner wants it then, or fails. */
export function treat(
  core: Core,
  attempt: Attempt,
  line: DirectoryLine,
  met: { readonly obstacle: Obstacle; readonly status: number; readonly cause?: string },
): void {
  const destination = line.forwarding?.[met.obstacle]
  if (destination !== undefined) {
    redirect(core, attempt, { line, reason: REASONS[met.obstacle], destination })
    return
  }
  failAttempt(core, attempt, { cause: met.cause ?? causeOf(met.status), callerStatus: met.status })
}

/** Sends the call on: what rings stops, and the new destination is called. */
export function redirect(
  core: Core,
  attempt: Attempt,
  to: { readonly line: DirectoryLine; readonly reason: RedirectionReason; readonly destination: string },
): void {
  const dialled = parseDestination(to.destination)
  attempt.forwards += 1
  for (const half of [...attempt.ringing]) endHalf(core, half, { how: 'forwarded' })
  if (attempt.early?.released === true) attempt.early = undefined
  if (attempt.forwards > (core.limits.forwardsMax ?? FORWARDS_MAX)) {
    failAttempt(core, attempt, { cause: 'loop', callerStatus: 482 })
    return
  }
  if (dialled === undefined) {
    failAttempt(core, attempt, { cause: 'notFound', callerStatus: 404 })
    return
  }
  const step = {
    reason: to.reason,
    line: to.line,
    isPrivate: to.line.callerIdBlocked === true,
    at: core.wallNow,
  }
  attempt.redirections = [step, ...attempt.redirections]
  attempt.dialled = dialled
  call(core, attempt)
}

/** Nothing is left to try: the caller learns why, and its call ends. */
export function failAttempt(core: Core, attempt: Attempt, ending: Ending): void {
  const { caller } = attempt
  const { leg, session } = caller
  for (const half of [...attempt.ringing]) endHalf(core, half)
  if (leg?.sip === undefined || isUnanswered(leg)) {
    giveUpAttempt(core, session)
    if (session.halves.length > 1) leaveCall(core, caller, ending)
    else endSession(core, session, ending)
    return
  }
  attempt.failure = ending
  attempt.tone = UNROUTABLE.has(ending.cause) ? 'congestion' : 'busy'
  attempt.early = undefined
  arrange(core, session)
  core.arm({ kind: 'failureTone', owner: session }, FAILURE_TONE_MS)
}

/** Whether a line has as many calls as any may have. */
export function isBusy(core: Core, line: DirectoryLine): boolean {
  return core.halvesOf(line).length >= core.limits.callsPerPersonMax
}
