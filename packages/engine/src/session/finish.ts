/**
 * How calls end: one leg is dropped, or the whole session is.
 *
 * A session that has ended keeps its place until the media port has given back every leg's statistics and closed every
 * recording (or five seconds have passed); then its one record goes out and it is forgotten.
 */
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import { release } from '../leg/media.ts'
import { closeRecording } from '../tap/record.ts'
import type { Core } from './core.ts'
import { recordOf } from './record.ts'
import type { Session } from './session.ts'

/** How long an ended session waits for the media port's last words. */
export const CLOSING_MS_MAX = 5_000
/** Reason of a CANCEL to a phone whose neighbour answered (RFC 3326; it keeps the call off its list of missed ones). */
export const ANSWERED_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'

/** Why a session ends. */
export interface Ending {
  readonly cause: string
  /** Status for the caller's INVITE if it is still unanswered. */
  readonly callerStatus: number
}

/** Ends one leg: its dialog in whatever state it is, and its media. Safe to repeat. */
export function dropLeg(
  core: Core,
  leg: Leg,
  options: { readonly status: number; readonly reason?: string },
): void {
  const call = leg.sip
  leg.sip = undefined
  if (call !== undefined) {
    core.calls.delete(call)
    core.sip(core.endpoint.end(core.now, call, options))
  }
  release(core, leg)
}

/** Forgets the dialog of a leg that is over by itself (BYE, CANCEL, refusal), and frees its media. */
export function legOver(core: Core, leg: Leg): void {
  if (leg.sip !== undefined) core.calls.delete(leg.sip)
  leg.sip = undefined
  release(core, leg)
}

/** Ends one half for good: its person is told, and has the call no longer. Its legs are somebody else's business. */
export function endHalf(core: Core, half: CallHalf): void {
  if (half.phase === 'disconnected') return
  half.disconnectedAt ??= core.wallNow
  half.phase = 'disconnected'
  core.publish(half, 'deleted', 'disconnected')
  core.removeHalf(half)
}

/** Ends a session and all its halves. Safe to repeat. What made it fail stays its cause, whoever hangs up then. */
export function endSession(core: Core, session: Session, ending: Ending): void {
  if (session.phase === 'closing') return
  session.phase = 'closing'
  session.cause = session.failure?.cause ?? ending.cause
  session.endedAt = core.wallNow
  session.disarmAll()
  for (const half of session.halves) {
    half.disconnectedAt ??= core.wallNow
    if (half.recording !== undefined) closeRecording(core, half.recording)
  }
  for (const leg of session.legs)
    if (leg.state !== 'ended' || leg.sip !== undefined) dropLeg(core, leg, { status: ending.callerStatus })
  for (const half of session.halves) endHalf(core, half)
  core.arm(session, { kind: 'closing' }, CLOSING_MS_MAX)
  finishIfSettled(core, session)
}

/** Lets an ended session go once nothing more is to come for it. */
export function finishIfSettled(core: Core, session: Session): void {
  if (session.phase !== 'closing' || !core.sessions.has(session.id)) return
  if (session.legs.some((leg) => !leg.settled)) return
  if (session.recordings.some((recording) => recording.outcome === undefined)) return
  finish(core, session)
}

/** Lets an ended session go although the media port has not said everything: it is too late to wait. */
export function finishLate(core: Core, session: Session): void {
  for (const leg of session.legs) {
    if (leg.settled) continue
    leg.settled = true
    core.legs.delete(leg.id)
    core.notice('media leg was not given back in time', { leg: leg.id })
  }
  for (const recording of session.recordings) {
    if (recording.outcome !== undefined) continue
    recording.outcome = 'failed'
    core.recordings.delete(recording.id)
    core.notice('recording was not closed in time', { recording: recording.id })
  }
  finish(core, session)
}

function finish(core: Core, session: Session): void {
  session.disarmAll()
  core.timers.delete(session)
  core.sessions.delete(session.id)
  core.emit({ kind: 'event', event: { kind: 'session', record: recordOf(session) } })
}
