/**
 * Brings a caller and whoever answers together: early media while phones ring, then the talk itself.
 *
 * The order of what goes to the media port is part of the promise: formats first, then the recordings and what is
 * attached to them, then the bridge, so that no word is heard that is not recorded.
 */
import type { SessionDescription } from '@tandem/sip'
import { holdOthers } from '../feature/hold.ts'
import { unpark } from '../feature/park.ts'
import { completeRefer } from '../feature/refer.ts'
import { joinAnswered } from '../feature/transfer.ts'
import type { CallHalf } from '../half/half.ts'
import { answerTo, offerFor } from '../leg/description.ts'
import type { Leg } from '../leg/leg.ts'
import { configure } from '../leg/media.ts'
import type { Attempt } from '../route/attempt.ts'
import type { Core } from '../session/core.ts'
import { ANSWERED_ELSEWHERE, endHalf, endSession } from '../session/finish.ts'
import { recordIfAlways } from '../tap/record.ts'
import { noteAnswerer } from '../tap/redirection-notes.ts'
import { arrange } from './arrange.ts'
import { introduce } from './identity.ts'

/** A phone of the destination rings: the caller's phone is told once. */
export function passRinging(core: Core, attempt: Attempt): void {
  const { leg } = attempt.caller
  if (leg?.sip === undefined || !isUnanswered(leg) || attempt.ringbackSent) return
  attempt.ringbackSent = true
  core.sip(core.endpoint.progress(core.now, leg.sip, 180))
}

/** A ringing phone speaks already (RFC 3960): the caller hears the first that does. */
export function passEarlyMedia(core: Core, attempt: Attempt, early: Leg): void {
  const { leg, session } = attempt.caller
  if (leg?.sip === undefined || attempt.early !== undefined) return
  if (isUnanswered(leg)) {
    const answer = answerOfCaller(core, leg)
    if (answer === undefined) {
      passRinging(core, attempt)
      return
    }
    attempt.ringbackSent = true
    core.sip(core.endpoint.progress(core.now, leg.sip, 183, { answer }))
    configure(core, leg)
  }
  attempt.early = early
  configure(core, early)
  arrange(core, session)
}

/** A phone has answered as `half`: the caller's phone is answered too, and both are joined. */
export function connect(core: Core, attempt: Attempt, half: CallHalf): void {
  const { caller } = attempt
  const { session } = caller
  caller.peer = half
  if (caller.leg !== undefined && !answerCaller(core, caller, half.line.extension)) return
  attempt.ringing.delete(half)
  session.attempt = undefined
  core.disarm({ kind: 'half', owner: half, wait: 'ring' })
  for (const other of [...attempt.ringing]) endHalf(core, other, { reason: ANSWERED_ELSEWHERE })
  if (half.leg !== undefined) configure(core, half.leg)
  if (caller.leg !== undefined) configure(core, caller.leg)
  if (attempt.purpose.kind === 'transfer') {
    joinAnswered(core, attempt.purpose.held, { caller, answerer: half })
    return
  }
  if (attempt.purpose.kind === 'refer') completeRefer(core, attempt.purpose, half)
  if (caller.parkedAgainst !== undefined) unpark(core, caller)
  talk(core, caller, half)
}

/** Two halves of one session talk from now on; both are told what that is for them. */
export function talk(core: Core, caller: CallHalf, answerer: CallHalf): void {
  const { session } = caller
  const wasTalking = caller.answeredAt !== undefined
  session.phase = 'connected'
  session.answeredAt ??= core.wallNow
  for (const half of [caller, answerer]) {
    half.phase = 'connected'
    half.answeredAt ??= core.wallNow
    holdOthers(core, half)
  }
  caller.peer = answerer
  caller.answeredBy ??= answerer.line
  answerer.peer = caller
  noteAnswerer(core, caller, answerer)
  for (const half of session.halves) recordIfAlways(core, half)
  arrange(core, session)
  core.publish(answerer, 'updated', answerer.personality === 'terminator' ? 'answered' : 'connected')
  core.publish(caller, 'updated', wasTalking ? 'updated' : 'connected')
}

/** Answers the INVITE of a caller whose phone waits; true when it has, or needed none. Ends the session otherwise. */
export function answerCaller(core: Core, caller: CallHalf, contactUser: string): boolean {
  const { leg, session } = caller
  if (leg?.sip === undefined) return false
  if (!isUnanswered(leg)) return true
  const description = leg.remoteOffer === undefined ? offerFor(core, leg) : answerOfCaller(core, leg)
  if (description === undefined) {
    endSession(core, session, { cause: 'notAcceptable', callerStatus: 488 })
    return false
  }
  leg.state = 'answered'
  const { headers } = introduce(core, leg)
  core.sip(core.endpoint.accept(core.now, leg.sip, description, { contactUser, headers }))
  return true
}

/** Whether the INVITE of a phone waits for its answer. */
export function isUnanswered(leg: Leg): boolean {
  return leg.target === undefined && leg.state !== 'answered' && leg.state !== 'ended'
}

/** The answer to the caller's offer, the same one however often it is sent; undefined when nothing fits. */
function answerOfCaller(core: Core, leg: Leg): SessionDescription | undefined {
  if (leg.local !== undefined) return leg.local
  if (leg.remoteOffer === undefined) return undefined
  return answerTo(core, leg, leg.remoteOffer)
}
