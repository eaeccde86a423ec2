/**
 * What phones answer while a call is set up: they ring, speak early, answer or refuse; and what becomes of the call.
 *
 * The first phone that answers has the call and the others are told so; when all refuse, the best of their answers
 * decides (RFC 3261 §16.7). It is the same for the destination's phones and for the own ones of click to dial.
 */
import { type CallOutput, redirectTargets } from '@tandem/sip'
import { connect, passEarlyMedia, passRinging } from '../bridge/connect.ts'
import type { CallHalf } from '../half/half.ts'
import { readAnswer } from '../leg/description.ts'
import type { Leg } from '../leg/leg.ts'
import type { Attempt } from '../route/attempt.ts'
import { type Dialled, parseDestination, routeOf } from '../route/destination.ts'
import { bestStatus, causeOf, isDecline } from '../route/outcome.ts'
import type { Core } from '../session/core.ts'
import { ANSWERED_ELSEWHERE, dropLeg, leaveCall, legOver } from '../session/finish.ts'
import { notTaken, redirect, treat } from './calling.ts'
import { ownPhoneAnswered } from './dial.ts'
import { answeredAt, phoneDid, phoneRings } from './remote-control.ts'

type Said<Kind extends CallOutput['kind']> = Extract<CallOutput, { readonly kind: Kind }>

/** A phone rings, perhaps with sound of its own. */
export function progressed(core: Core, leg: Leg, said: Said<'progressed'>): void {
  if (leg.state === 'calling') leg.state = 'ringing'
  phoneRings(core, leg, said.dialog)
  const speaks = said.answer !== undefined && readAnswer(leg, said.answer)
  const { attempt } = leg.session
  if (attempt === undefined || !attempt.ringing.has(leg.half)) return
  if (speaks) passEarlyMedia(core, attempt, leg)
  else if (said.status === 180) passRinging(core, attempt)
}

/** A phone answers. Without a usable description it might as well not have. */
export function accepted(core: Core, leg: Leg, said: Said<'accepted'>): void {
  const understood = said.answer === undefined ? leg.negotiated !== undefined : readAnswer(leg, said.answer)
  if (!understood) {
    dropLeg(core, leg, { status: 488 })
    refused(core, leg, 488)
    return
  }
  const { half, session } = leg
  leg.state = 'answered'
  half.leg = leg
  answeredAt(core, leg)
  followed(core, leg)
  for (const other of [...half.legs])
    if (other !== leg) dropLeg(core, other, { status: 480, reason: ANSWERED_ELSEWHERE })
  const { attempt } = session
  if (half.intent !== undefined) ownPhoneAnswered(core, leg, half.intent)
  else if (attempt?.ringing.has(half) === true) connect(core, attempt, half)
  else leaveCall(core, half, { cause: 'cancelled', callerStatus: 487 })
  phoneDid(core, half, 'answer')
}

/** A call that is answered at a number of reach has followed its line there. */
function followed(core: Core, leg: Leg): void {
  const { device, half } = leg
  const isOwn = device.lineId === half.line.id || device.secondaryLineIds?.includes(half.line.id) === true
  if (isOwn || half.places) return
  const step = { reason: 'followMe', line: half.line, isPrivate: false, at: core.wallNow } as const
  half.redirections = [step, ...half.redirections]
}

/** A phone refuses, is not reached, or has no media: the call goes on with the others while there are any. */
export function refused(core: Core, leg: Leg, status: number): void {
  legOver(core, leg)
  const { half, session } = leg
  if (session.phase === 'closing' || half.phase === 'disconnected' || half.leg !== undefined) return
  half.refusals.push(status)
  if (isDecline(status) || half.legs.size === 0) unanswered(core, half, bestStatus(half.refusals))
}

/** A phone's final answer other than 2xx: it refuses, or sends the call elsewhere (RFC 3261 §8.1.3.4). */
export function rejected(core: Core, leg: Leg, said: Said<'rejected'>): void {
  const { half } = leg
  const { attempt } = half.session
  const to = said.response === undefined ? undefined : elsewhere(core, leg, said.response)
  if (to === undefined || attempt === undefined || !mayRedirect(attempt, leg)) {
    const isToItself = to === undefined && said.status >= 300 && said.status < 400
    refused(core, leg, isToItself ? 486 : said.status)
    return
  }
  // A phone that had rung was told by a hand on it; one that never rang has a forwarding of its own.
  const reason = leg.state === 'ringing' ? 'divert' : 'unconditional'
  legOver(core, leg)
  redirect(core, attempt, { line: half.line, reason, destination: to.user })
}

/** A 3xx moves the call of the line whose own phone it is, while nobody else is rung for it. */
function mayRedirect(attempt: Attempt, leg: Leg): boolean {
  const { half } = leg
  return attempt.ringing.has(half) && attempt.ringing.size === 1 && leg.device.lineId === half.line.id
}

/** Where a 3xx leads inside the organisation: the first of its targets that is somebody else than the line itself. */
function elsewhere(
  core: Core,
  leg: Leg,
  response: NonNullable<Said<'rejected'>['response']>,
): Dialled | undefined {
  const realm = core.realmOf(leg.session.orgId)
  if (realm === undefined || leg.target === undefined) return undefined
  const ours = core.options.advertised(leg.target.transport, leg.target.address).host
  for (const { uri } of redirectTargets(response)) {
    const dialled = parseDestination(uri)
    if (dialled === undefined) continue
    const { user, domain } = dialled
    const named: Dialled = domain === ours ? { user } : dialled
    const route = routeOf(realm, leg.half.line, named)
    if (route.kind === 'line' && route.line.id !== leg.half.line.id) return { user }
  }
  return undefined
}

/** Nobody picked up in time: none of those who were rung together did. */
export function rangOut(core: Core, half: CallHalf): void {
  const { attempt } = half.session
  const met = { obstacle: 'noAnswer', status: 480 } as const
  if (attempt?.ringing.has(half) === true) treat(core, attempt, attempt.called ?? half.line, met)
  else leaveCall(core, half, { cause: causeOf(met.status), callerStatus: met.status })
}

/** Every phone of a half that was rung has refused. */
function unanswered(core: Core, half: CallHalf, status: number): void {
  const { attempt } = half.session
  if (attempt === undefined || !attempt.ringing.has(half)) {
    leaveCall(core, half, { cause: causeOf(status), callerStatus: status })
    return
  }
  const obstacle = status === 480 || status === 488 ? 'unavailable' : 'busy'
  notTaken(core, attempt, half, { obstacle, status })
}
