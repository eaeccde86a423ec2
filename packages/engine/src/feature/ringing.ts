/**
 * What phones answer while a call is set up: they ring, speak early, answer or refuse; and what becomes of the call.
 *
 * The first phone that answers has the call and the others are told so; when all refuse, the best of their answers
 * decides (RFC 3261 §16.7). It is the same for the destination's phones and for the own ones of click to dial.
 */
import type { CallOutput } from '@tandem/sip'
import { connect, passEarlyMedia, passRinging } from '../bridge/connect.ts'
import type { CallHalf } from '../half/half.ts'
import { readAnswer } from '../leg/description.ts'
import type { Leg } from '../leg/leg.ts'
import { bestStatus, causeOf, isDecline } from '../route/outcome.ts'
import type { Core } from '../session/core.ts'
import { ANSWERED_ELSEWHERE, dropLeg, endHalf, leaveCall, legOver } from '../session/finish.ts'
import { treat } from './calling.ts'
import { ownPhoneAnswered } from './dial.ts'

type Said<Kind extends CallOutput['kind']> = Extract<CallOutput, { readonly kind: Kind }>

/** A phone rings, perhaps with sound of its own. */
export function progressed(core: Core, leg: Leg, said: Said<'progressed'>): void {
  if (leg.state === 'calling') leg.state = 'ringing'
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
  for (const other of [...half.legs])
    if (other !== leg) dropLeg(core, other, { status: 480, reason: ANSWERED_ELSEWHERE })
  const { attempt } = session
  if (half.intent !== undefined) ownPhoneAnswered(core, leg, half.intent)
  else if (attempt?.ringing.has(half) === true) connect(core, attempt, half)
  else leaveCall(core, half, { cause: 'cancelled', callerStatus: 487 })
}

/** A phone refuses, is not reached, or has no media: the call goes on with the others while there are any. */
export function refused(core: Core, leg: Leg, status: number): void {
  legOver(core, leg)
  const { half, session } = leg
  if (session.phase === 'closing' || half.phase === 'disconnected' || half.leg !== undefined) return
  half.refusals.push(status)
  if (isDecline(status) || half.legs.size === 0) unanswered(core, half, bestStatus(half.refusals))
}

/** Nobody picked up in time. */
export function rangOut(core: Core, half: CallHalf): void {
  unanswered(core, half, 480, 'noAnswer')
}

/** No phone of a half that had to be rung answered, and none is left that could. */
function unanswered(core: Core, half: CallHalf, status: number, why?: 'noAnswer'): void {
  const { attempt } = half.session
  if (attempt === undefined || !attempt.ringing.has(half)) {
    leaveCall(core, half, { cause: causeOf(status), callerStatus: status })
    return
  }
  const obstacle = why ?? (status === 480 || status === 488 ? 'unavailable' : 'busy')
  if (attempt.ringing.size > 1) {
    endHalf(core, half)
    return
  }
  // What rings goes to a forwarding as forwarded, and ends otherwise: `treat` decides.
  treat(core, attempt, half.line, { obstacle, status })
}
