/**
 * Re-INVITE and UPDATE from a phone: hold, resume, another codec, another address (RFC 3264 §8).
 *
 * Each is answered here, at the anchor: the other phone takes no part in it and never sees it. A phone that offers to
 * send only, or nothing, holds the call; its audio is neither relayed nor recorded until it resumes.
 */
import type { SessionDescription } from '@tandem/sip'
import { setHold } from '../feature/hold.ts'
import { answerTo, offerFor, readAnswer } from '../leg/description.ts'
import type { Leg } from '../leg/leg.ts'
import { configure } from '../leg/media.ts'
import type { Core } from '../session/core.ts'
import { arrange } from './arrange.ts'

/** Answers a phone's offer; one that asks for ours gets it, and answers in its ACK. */
export function answerOffer(core: Core, leg: Leg, offer: SessionDescription | undefined): void {
  if (leg.sip === undefined) return
  if (offer === undefined) {
    core.sip(core.endpoint.answerOffer(core.now, leg.sip, offerFor(core, leg)))
    return
  }
  const answer = answerTo(core, leg, offer)
  if (answer === undefined) {
    core.sip(core.endpoint.rejectOffer(core.now, leg.sip, 488))
    return
  }
  core.sip(core.endpoint.answerOffer(core.now, leg.sip, answer))
  applyNegotiated(core, leg)
}

/** The phone's ACK carried its answer to our offer. */
export function acknowledged(core: Core, leg: Leg, answer: SessionDescription | undefined): boolean {
  if (!leg.answerOwed) return true
  leg.answerOwed = false
  if (answer === undefined || !readAnswer(leg, answer)) return leg.negotiated !== undefined
  applyNegotiated(core, leg)
  return true
}

/** The phone answered an offer of ours, or one that only refreshed the session: its media may be elsewhere now. */
export function answered(core: Core, leg: Leg, answer: SessionDescription): void {
  if (leg.state === 'answered' && readAnswer(leg, answer)) applyNegotiated(core, leg)
}

/** Puts what was negotiated into effect: who holds now, and who hears whom. */
function applyNegotiated(core: Core, leg: Leg): void {
  configure(core, leg)
  const { half } = leg
  const holds = leg.negotiated?.holds === true
  if (half.leg !== leg) return
  if (half.heldByPhone === holds) arrange(core, half.session)
  else if (holds) setHold(core, half, { byPhone: true })
  else setHold(core, half, { byPhone: false, byAnchor: false }) // Whoever takes the call up again holds it no more.
}
