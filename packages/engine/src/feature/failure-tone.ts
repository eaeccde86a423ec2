/**
 * A call that cannot be put through: a phone that called gets the status; one that was rung for click to dial has been
 * answered already, so that its person hears why, and is hung up on after that.
 *
 * Meanwhile their call stays `connecting`; the destination's part of it is over at once (contract, call controls §5.1).
 */
import { originOf } from '../bridge/connect.ts'
import type { Core } from '../session/core.ts'
import { dropLeg, type Ending, endHalf, endSession } from '../session/finish.ts'
import type { Session } from '../session/session.ts'

/** How long the tone is played, in milliseconds: a busy signal is understood after its third beep. */
export const FAILURE_TONE_MS = 3_000

/** Causes in which there is no way to anybody; in all others somebody is there and does not take the call. */
const UNROUTABLE: ReadonlySet<string> = new Set(['notFound', 'notRegistered', 'notAcceptable'])

/** Ends a session that was never connected, after its tone where somebody listens. */
export function failCall(core: Core, session: Session, ending: Ending): void {
  const origin = originOf(session)
  const leg = origin?.leg
  if (session.phase !== 'calling' || leg?.target === undefined || leg.sip === undefined) {
    endSession(core, session, ending)
    return
  }
  session.failure = ending
  core.disarm(session, { kind: 'ring' })
  for (const other of session.legs)
    if (other !== leg && other.state !== 'ended') dropLeg(core, other, { status: ending.callerStatus })
  for (const half of session.halves) if (half !== origin) endHalf(core, half)
  const tone = UNROUTABLE.has(ending.cause) ? 'congestion' : 'busy'
  core.media({ kind: 'play', leg: leg.id, sound: { kind: 'tone', tone } })
  core.arm(session, { kind: 'failureTone' }, FAILURE_TONE_MS)
}
