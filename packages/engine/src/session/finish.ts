/**
 * How calls end: a leg is dropped, a half leaves, or the whole session is over.
 *
 * Whoever leaves, those who stay decide what becomes of the session: two who can talk go on, one who waits for somebody
 * (parked, being put through, speaking to a mailbox) goes on, and anybody else who is left alone is hung up on. A session
 * that has ended keeps its place until the media port has given back every leg's statistics and closed every recording
 * (or five seconds have passed); then its one record goes out and it is forgotten.
 */
import { arrange } from '../bridge/arrange.ts'
import type { HistoryEntry } from '../events.ts'
import { leaveConference } from '../feature/conference.ts'
import { endMachine } from '../feature/machine.ts'
import { dropRequest } from '../feature/remote-control.ts'
import { abandonTransfer } from '../feature/transfer.ts'
import type { CallHalf } from '../half/half.ts'
import { remotePartyOf } from '../half/view.ts'
import type { Leg } from '../leg/leg.ts'
import { release } from '../leg/media.ts'
import { closeRecording } from '../tap/record.ts'
import { noteActivity } from '../tap/redirection-notes.ts'
import type { Core } from './core.ts'
import { recordOf } from './record.ts'
import type { Session } from './session.ts'

/** How long an ended session waits for the media port's last words. */
export const CLOSING_MS_MAX = 5_000
/** Reason of a CANCEL to a phone whose neighbour answered (RFC 3326; it keeps the call off its list of missed ones). */
export const ANSWERED_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'

/** Why a session ends, or an attempt fails. */
export interface Ending {
  readonly cause: string
  /** Status for the caller's INVITE if it is still unanswered. */
  readonly callerStatus: number
}

/** How a half ends. */
export interface Leaving {
  /** `forwarded`: the call goes on without this line (contract, webhooks §6). */
  readonly how?: 'disconnected' | 'forwarded'
  /** Status for its unanswered INVITE; 487 unless given. */
  readonly status?: number
  /** Reason header of the CANCEL or BYE to its phones (RFC 3326). */
  readonly reason?: string
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

/** Ends one half for good: its recording is closed, its phones are let go, its line is told. Safe to repeat. */
export function endHalf(core: Core, half: CallHalf, leaving: Leaving = {}): void {
  if (half.phase === 'disconnected') return
  half.disconnectedAt ??= core.wallNow
  if (half.recording !== undefined) closeRecording(core, half.recording)
  endMachine(core, half)
  dropRequest(core, half)
  const reason = leaving.reason === undefined ? {} : { reason: leaving.reason }
  for (const leg of [...half.legs]) dropLeg(core, leg, { status: leaving.status ?? 487, ...reason })
  const history = historyOf(half)
  half.phase = 'disconnected'
  core.timers.disarmAll(half)
  const { session } = half
  session.attempt?.ringing.delete(half)
  const place = session.halves.indexOf(half)
  if (place >= 0) session.halves.splice(place, 1)
  core.publish(half, 'deleted', leaving.how ?? (isSendingOn(half) ? 'forwarded' : 'disconnected'), history)
  core.removeHalf(half)
  leaveConference(core, half)
  abandonTransfer(core, half)
}

/** Its phone has sent its peer on (REFER), who waits for that destination yet. */
function isSendingOn(half: CallHalf): boolean {
  const purpose = half.session.attempt?.purpose
  return purpose?.kind === 'refer' && purpose.transferor === half
}

/** One half leaves its conversation, and those who stay go on or end. */
export function leaveCall(core: Core, half: CallHalf, ending: Ending, leaving: Leaving = {}): void {
  const { session } = half
  endHalf(core, half, { status: ending.callerStatus, ...leaving })
  settleRest(core, session, ending)
}

/** Looks at who is left in a session after somebody has gone, and ends it when nothing holds them there. */
export function settleRest(core: Core, session: Session, ending: Ending): void {
  if (session.phase === 'closing') return
  const failure = session.attempt?.failure
  if (session.attempt?.caller.phase === 'disconnected' || session.attempt?.caller.session !== session)
    giveUpAttempt(core, session)
  const { attempt, halves } = session
  const talking = halves.filter((half) => half.phase === 'connected')
  const isKept = talking.length > 1 || halves.some((half) => stays(half) || attempt?.caller === half)
  if (!isKept) {
    endSession(core, session, failure ?? ending) // What made it fail stays its cause, whoever hangs up then.
    return
  }
  for (const half of talking) {
    if (half.peer === undefined || (half.peer.phase !== 'disconnected' && half.peer.session === session))
      continue
    half.peer = talking.find((other) => other !== half)
    core.publish(half, 'updated', 'updated')
    noteActivity(core, half)
  }
  arrange(core, session)
}

/** Stops calling for somebody: the phones that ring are let go. */
export function giveUpAttempt(core: Core, session: Session, leaving: Leaving = {}): void {
  const { attempt } = session
  session.attempt = undefined
  core.disarm({ kind: 'failureTone', owner: session })
  for (const half of [...(attempt?.ringing ?? [])]) endHalf(core, half, leaving)
}

/** Ends a session and all its halves. Safe to repeat. */
export function endSession(core: Core, session: Session, ending: Ending): void {
  if (session.phase === 'closing') return
  session.phase = 'closing'
  session.cause = ending.cause
  session.endedAt = core.wallNow
  session.attempt = undefined
  core.timers.disarmAll(session)
  for (const half of session.halves) {
    half.disconnectedAt ??= core.wallNow
    if (half.recording !== undefined) closeRecording(core, half.recording)
    endMachine(core, half)
    dropRequest(core, half)
  }
  for (const leg of session.legs)
    if (leg.half.session === session && (leg.state !== 'ended' || leg.sip !== undefined))
      dropLeg(core, leg, { status: ending.callerStatus })
  for (const half of [...session.halves]) endHalf(core, half)
  core.arm({ kind: 'closing', owner: session }, CLOSING_MS_MAX)
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
    recording.why = 'not closed in time'
    core.recordings.delete(recording.id)
    core.notice('recording was not closed in time', { recording: recording.id })
  }
  finish(core, session)
}

/** Moves a half with its legs and recordings into another session: two conversations become one. */
export function moveHalf(core: Core, half: CallHalf, to: Session): void {
  const from = half.session
  if (from === to) return
  from.halves.splice(from.halves.indexOf(half), 1)
  half.session = to
  to.halves.push(half)
  to.past.push(half)
  for (const leg of from.legs) if (leg.half === half) core.trace.moved(leg.id, to.id)
  move(from.legs, to.legs, (leg) => leg.half === half)
  move(from.recordings, to.recordings, (recording) => recording.owner === half)
  finishIfSettled(core, from)
}

function move<T>(from: T[], to: T[], isMoved: (item: T) => boolean): void {
  to.push(...from.filter(isMoved))
  const rest = from.filter((item) => !isMoved(item))
  from.splice(0, from.length, ...rest)
}

function stays(half: CallHalf): boolean {
  return half.parkedAgainst !== undefined || half.machine !== undefined
}

/** What goes into the line's history; nothing for a click-to-dial call that nobody answered (contract, call controls §2). */
function historyOf(half: CallHalf): HistoryEntry | undefined {
  if (half.personality === 'clickToDial') return undefined
  const { name, number, privacyEnabled } = remotePartyOf(half)
  const ended = half.disconnectedAt ?? half.createdAt
  const isPlaced = half.personality === 'originator'
  return {
    type: isPlaced ? 'placed' : half.answeredAt === undefined ? 'missed' : 'received',
    ...(name === undefined ? {} : { name }),
    ...(number === undefined ? {} : { number }),
    privacyEnabled,
    time: isPlaced ? half.createdAt : (half.answeredAt ?? ended),
  }
}

function finish(core: Core, session: Session): void {
  core.timers.disarmAll(session)
  core.sessions.delete(session.id)
  core.emit({ kind: 'event', event: { kind: 'session', record: recordOf(session) } })
}
