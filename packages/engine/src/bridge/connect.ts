/**
 * Joins the two sides of a session: early media while the destination rings, then the talk itself.
 *
 * The order of what goes to the media port is part of the promise: formats first, then the recordings and what is
 * attached to them, then the bridge, so that no word is heard that is not recorded.
 */
import type { SessionDescription } from '@tandem/sip'
import type { CallHalf } from '../half/half.ts'
import { answerTo, offerFor } from '../leg/description.ts'
import type { Leg } from '../leg/leg.ts'
import { configure } from '../leg/media.ts'
import type { Core } from '../session/core.ts'
import { endSession } from '../session/finish.ts'
import type { Session } from '../session/session.ts'
import { recordIfAlways } from '../tap/record.ts'

/** The half of the one who placed the call. */
export function originOf(session: Session): CallHalf | undefined {
  return session.halves[0]
}

/** A phone of the destination rings: the caller's phone is told once. */
export function passRinging(core: Core, session: Session): void {
  const leg = originOf(session)?.leg
  if (leg === undefined || leg.sip === undefined || leg.target !== undefined || session.ringbackSent) return
  session.ringbackSent = true
  core.sip(core.endpoint.progress(core.now, leg.sip, 180))
}

/** A ringing phone speaks already (RFC 3960): the caller hears the first that does. */
export function passEarlyMedia(core: Core, session: Session, early: Leg): void {
  const leg = originOf(session)?.leg
  if (leg === undefined || leg.sip === undefined || session.early !== undefined) return
  if (leg.target === undefined) {
    const answer = answerOfCaller(core, leg)
    if (answer === undefined) {
      passRinging(core, session)
      return
    }
    session.ringbackSent = true
    core.sip(core.endpoint.progress(core.now, leg.sip, 183, { answer }))
    configure(core, leg)
  }
  session.early = early
  configure(core, early)
  core.media({ kind: 'bridge', a: leg.id, b: early.id })
}

/** A phone of the destination has answered: the caller's phone is answered too, and both are joined. */
export function connect(core: Core, session: Session, destination: Leg): void {
  const origin = originOf(session)
  const leg = origin?.leg
  if (origin === undefined || leg === undefined || leg.sip === undefined) return
  if (leg.target === undefined) {
    const description = leg.remoteOffer === undefined ? offerFor(core, leg) : answerOfCaller(core, leg)
    if (description === undefined) {
      endSession(core, session, { cause: 'notAcceptable', callerStatus: 488 })
      return
    }
    leg.state = 'answered'
    const options = { contactUser: destination.half.person.extension }
    core.sip(core.endpoint.accept(core.now, leg.sip, description, options))
  }
  core.disarm(session, { kind: 'ring' })
  session.phase = 'connected'
  session.answeredAt = core.wallNow
  for (const half of session.halves) {
    half.phase = 'connected'
    half.answeredAt = core.wallNow
  }
  configure(core, destination)
  configure(core, leg)
  for (const half of session.halves) recordIfAlways(core, half)
  if (leg.negotiated !== undefined) core.media({ kind: 'bridge', a: leg.id, b: destination.id })
  core.publish(destination.half, 'updated', 'answered')
  core.publish(origin, 'updated', 'connected')
}

/** Joins both sides again (or for the first time, when the caller's format came late, in its ACK). */
export function bridge(core: Core, session: Session): void {
  const [a, b] = session.halves
  if (session.phase !== 'connected' || a?.leg === undefined || b?.leg === undefined) return
  core.media({ kind: 'bridge', a: a.leg.id, b: b.leg.id })
}

/** The answer to the caller's offer, the same one however often it is sent; undefined when nothing fits. */
function answerOfCaller(core: Core, leg: Leg): SessionDescription | undefined {
  if (leg.local !== undefined) return leg.local
  if (leg.remoteOffer === undefined) return undefined
  return answerTo(core, leg, leg.remoteOffer)
}
