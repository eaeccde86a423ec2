/**
 * Calls a destination for somebody who waits: finds the line, rings its phones and those of its assistants, follows its
 * forwardings, and tells the caller how it ended (contract, call controls §2 redirections, §5.2).
 *
 * A caller's phone that has not been answered yet gets the status of a failure. One that has hears a tone that says why
 * and is hung up on after that; meanwhile its call stays `connecting`.
 */
import { arrange } from '../bridge/arrange.ts'
import { isUnanswered } from '../bridge/connect.ts'
import type { RedirectionReason } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import { CallHalf } from '../half/half.ts'
import { remotePartyOf } from '../half/view.ts'
import type { Attempt } from '../route/attempt.ts'
import { parseDestination, routeOf } from '../route/destination.ts'
import { type Reachable, reachable, ringPhones } from '../route/fork.ts'
import { causeOf } from '../route/outcome.ts'
import type { Core } from '../session/core.ts'
import { type Ending, endHalf, endSession, giveUpAttempt, leaveCall } from '../session/finish.ts'
import { fallBack } from './fall-back.ts'
import { dialCode } from './star-codes.ts'
import { deposit, takesMessages } from './voicemail.ts'

/** How long the tone is played, in milliseconds: a busy signal is understood after its third beep. */
export const FAILURE_TONE_MS = 3_000
/** Forwardings that one call may go through, unless the limits say otherwise. */
export const FORWARDS_MAX = 5
/** Most assistants whose phones ring for one executive: an office has fewer, and it bounds what one INVITE can cause. */
export const ASSISTANTS_MAX = 5

/** Causes in which there is no way to anybody; in all others somebody is there and does not take the call. */
const UNROUTABLE: ReadonlySet<string> = new Set(['notFound', 'notRegistered', 'notAcceptable', 'loop'])

/** What keeps a call from ringing where it was sent, or from being answered there. */
export type Obstacle = 'always' | 'busy' | 'noAnswer' | 'unavailable'

/** What was met, and what the caller gets if nothing else is to be done. */
export interface Met {
  readonly obstacle: Obstacle
  readonly status: number
  readonly cause?: string
}

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
      if (attempt.forwards === 0) caller.service = route.service // What was dialled stays what it was.
      offerTo(core, attempt, route.line)
      return
    case 'code':
      dialCode(core, attempt, route.code)
      return
    case 'nobody':
    case undefined:
      failAttempt(core, attempt, { cause: 'notFound', callerStatus: 404 })
      return
  }
}

/** Offers the call to a line: its phones ring and its assistants' do, unless something stands in the way of them all. */
function offerTo(core: Core, attempt: Attempt, line: DirectoryLine): void {
  const isRecall = attempt.recallOf !== undefined
  attempt.called = line
  if (line.id === attempt.caller.line.id && !isRecall) {
    failAttempt(core, attempt, { cause: 'busy', callerStatus: 486 })
    return
  }
  const isAway = line.forwarding?.always !== undefined || line.voicemail?.always === true
  if (isAway && !isRecall) {
    treat(core, attempt, line, { obstacle: 'always', status: 480 })
    return
  }
  const met = obstacleAt(core, line)
  const isForOne = isRecall || (attempt.purpose.kind === 'transfer' && attempt.purpose.alone === true)
  const assistants = isForOne ? [] : assistantsOf(core, attempt, line)
  if (met !== undefined && assistants.length === 0) {
    treat(core, attempt, line, met)
    return
  }
  arrange(core, attempt.caller.session)
  if (met === undefined) ringLine(core, attempt, line, reachable(core, line))
  for (const assistant of assistants)
    ringLine(core, attempt, assistant, reachable(core, assistant), { executive: line })
}

/** What keeps the phones of a line from ringing. */
function obstacleAt(core: Core, line: DirectoryLine): Met | undefined {
  if (line.doNotDisturb === true || isBusy(core, line)) return { obstacle: 'busy', status: 486 }
  if (reachable(core, line).length > 0) return undefined
  return { obstacle: 'unavailable', status: 480, cause: 'notRegistered' }
}

/** Those who may answer for an executive and can be rung now. */
function assistantsOf(core: Core, attempt: Attempt, line: DirectoryLine): readonly DirectoryLine[] {
  const realm = core.realmOf(line.orgId)
  return [...new Set(line.assistants ?? [])]
    .flatMap((id) => realm?.lines.get(id) ?? [])
    .filter((assistant) => assistant.id !== line.id && assistant.id !== attempt.caller.line.id)
    .filter((assistant) => obstacleAt(core, assistant) === undefined)
    .slice(0, ASSISTANTS_MAX)
}

/** A half of the called line, or of an assistant, whose phones ring. */
function ringLine(
  core: Core,
  attempt: Attempt,
  line: DirectoryLine,
  phones: readonly Reachable[],
  options: { readonly executive?: DirectoryLine } = {},
): void {
  const { caller, promised } = attempt
  if (promised?.lineId === line.id) attempt.promised = undefined
  const half = new CallHalf({
    id: promised?.lineId === line.id ? promised.callId : core.ids.callHalf(),
    session: caller.session,
    line,
    createdAt: core.wallNow,
    personality: 'terminator',
    phase: 'alerting',
  })
  half.peer = caller
  half.executive = options.executive
  half.redirections = attempt.redirections
  half.recall = attempt.recallOf
  if (attempt.ringing.size === 0) meetCallee(core, caller, half)
  attempt.ringing.add(half)
  core.addHalf(half)
  core.publish(half, 'created', 'received')
  ringPhones(core, half, phones, { autoAnswer: false })
  core.arm({ kind: 'half', owner: half, wait: 'ring' }, ringMsOf(core, attempt.called ?? line))
}

/** The caller sees whom it reaches now; a forwarding makes that somebody else than it dialled. */
function meetCallee(core: Core, caller: CallHalf, half: CallHalf): void {
  const before = JSON.stringify(remotePartyOf(caller))
  caller.peer = half
  if (JSON.stringify(remotePartyOf(caller)) !== before) core.publish(caller, 'updated', 'updated')
}

/** How long a line rings before it counts as not answered, in milliseconds. */
export function ringMsOf(core: Core, line: DirectoryLine): number {
  return line.ringSeconds === undefined ? core.limits.ringMsMax : line.ringSeconds * 1_000
}

/** A half that rings is not going to answer: the others ring on while there are any, else its line's wishes are followed. */
export function notTaken(core: Core, attempt: Attempt, half: CallHalf, met: Met): void {
  if (attempt.ringing.size > 1) endHalf(core, half, { status: met.status })
  else treat(core, attempt, attempt.called ?? half.line, met)
}

/** A line that was called cannot be had: the call goes where its owner wants it then, or fails. */
export function treat(core: Core, attempt: Attempt, line: DirectoryLine, met: Met): void {
  const reason = REASONS[met.obstacle]
  const destination = line.forwarding?.[met.obstacle]
  if (attempt.recallOf === undefined && destination !== undefined)
    redirect(core, attempt, { line, reason, destination })
  else if (attempt.recallOf === undefined && takesMessages(line, met.obstacle))
    redirectToMailbox(core, attempt, { line, reason, owner: line })
  else failAttempt(core, attempt, { cause: met.cause ?? causeOf(met.status), callerStatus: met.status })
}

/** Sends the call on: what rings stops, and the new destination is called. */
export function redirect(
  core: Core,
  attempt: Attempt,
  to: { readonly line: DirectoryLine; readonly reason: RedirectionReason; readonly destination: string },
): void {
  const dialled = parseDestination(to.destination)
  if (!leaves(core, attempt, to)) return
  if (dialled === undefined) {
    failAttempt(core, attempt, { cause: 'notFound', callerStatus: 404 })
    return
  }
  attempt.dialled = dialled
  call(core, attempt)
}

/** Sends the call to a mailbox. */
export function redirectToMailbox(
  core: Core,
  attempt: Attempt,
  to: { readonly line: DirectoryLine; readonly reason: RedirectionReason; readonly owner: DirectoryLine },
): void {
  if (leaves(core, attempt, to)) deposit(core, attempt, to.owner)
}

/** Takes the call away from where it rings, and notes why; false when it has been sent on too often, and has failed. */
function leaves(
  core: Core,
  attempt: Attempt,
  to: { readonly line: DirectoryLine; readonly reason: RedirectionReason },
): boolean {
  attempt.forwards += 1
  attempt.recallOf = undefined
  core.disarm({ kind: 'half', owner: attempt.caller, wait: 'ignored' })
  for (const half of [...attempt.ringing])
    endHalf(core, half, { how: half.line.id === to.line.id ? 'forwarded' : 'disconnected' })
  if (attempt.early?.released === true) attempt.early = undefined
  if (attempt.forwards > (core.limits.forwardsMax ?? FORWARDS_MAX)) {
    failAttempt(core, attempt, { cause: 'loop', callerStatus: 482 })
    return false
  }
  const step = {
    reason: to.reason,
    line: to.line,
    isPrivate: to.line.callerIdBlocked === true,
    at: core.wallNow,
  }
  attempt.redirections = [step, ...attempt.redirections]
  return true
}

/** Nothing is left to try: the caller learns why, and its call ends. */
export function failAttempt(core: Core, attempt: Attempt, ending: Ending): void {
  const { caller } = attempt
  const { leg, session } = caller
  for (const half of [...attempt.ringing]) endHalf(core, half)
  if (fallBack(core, attempt, ending)) return
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
