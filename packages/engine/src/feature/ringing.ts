/**
 * What phones answer while a call is set up: they ring, speak early, answer or refuse; and what becomes of the call.
 *
 * The first phone that answers has the call and the others are told so; when all refuse, the best of their answers
 * decides (RFC 3261 §16.7). It is the same for the destination's phones and for the own ones of click to dial.
 */
import type { CallOutput } from '@tandem/sip'
import { connect, passEarlyMedia, passRinging } from '../bridge/connect.ts'
import { readAnswer } from '../leg/description.ts'
import type { Leg } from '../leg/leg.ts'
import type { Registrar } from '../registrar/registrar.ts'
import { bestStatus, causeOf, isDecline } from '../route/outcome.ts'
import type { Core } from '../session/core.ts'
import { ANSWERED_ELSEWHERE, dropLeg, legOver } from '../session/finish.ts'
import { ownPhoneAnswered } from './dial.ts'
import { failCall } from './failure-tone.ts'

type Said<Kind extends CallOutput['kind']> = Extract<CallOutput, { readonly kind: Kind }>

/** A phone rings, perhaps with sound of its own. */
export function progressed(core: Core, leg: Leg, said: Said<'progressed'>): void {
  if (leg.state === 'calling') leg.state = 'ringing'
  const isOwnPhone = leg.half.places
  const speaks = said.answer !== undefined && readAnswer(leg, said.answer)
  if (isOwnPhone) return
  if (speaks) passEarlyMedia(core, leg.session, leg)
  else if (said.status === 180) passRinging(core, leg.session)
}

/** A phone answers. Without a usable description it might as well not have. */
export function accepted(core: Core, registrar: Registrar, leg: Leg, said: Said<'accepted'>): void {
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
  if (half.places) ownPhoneAnswered(core, registrar, leg)
  else connect(core, session, leg)
}

/** A phone refuses, is not reached, or has no media: the call goes on with the others while there are any. */
export function refused(core: Core, leg: Leg, status: number): void {
  legOver(core, leg)
  const { half, session } = leg
  if (session.phase === 'closing' || half.leg !== undefined) return
  session.refusals.push(status)
  if (isDecline(status) || half.legs.size === 0) unanswered(core, leg)
}

/** A phone that had to be rung did not answer, and none is left that could. */
function unanswered(core: Core, leg: Leg): void {
  const status = bestStatus(leg.session.refusals)
  failCall(core, leg.session, { cause: causeOf(status), callerStatus: status })
}
