/**
 * Recording mode Always: what is asked of the media port over the life of a recording, and what its answers change.
 *
 * A recording belongs to one half. Its owner's voice goes to the left channel, the other side's to the right one, by
 * leg and never by who spoke first. When it cannot be kept, the owner learns of it and the policy decides.
 */
import type { RecordingId } from '@tandem/media'
import type { CallHalf } from '../half/half.ts'
import { otherHalf } from '../half/view.ts'
import type { Core } from '../session/core.ts'
import { endSession, finishIfSettled } from '../session/finish.ts'
import { activityNote, closingFacts, openingFacts } from './facts.ts'
import { Recording } from './recording.ts'

/** How long the prompt `recordingFailed` is given: the policy has happened within 2 s (promise P4). */
export const FAILURE_PROMPT_MS = 1_800

/** Opens a recording for a half that has just been connected, if its person's calls are always recorded. */
export function recordIfAlways(core: Core, half: CallHalf): void {
  const mode = half.person.recording
  if (mode !== 'Always' && mode !== 'Always with Pause/Resume') return
  const own = half.leg
  const remote = otherHalf(half)?.leg
  if (own === undefined || remote === undefined) return
  const recording = new Recording({ id: core.ids.uuid(), owner: half })
  half.recording = recording
  half.session.recordings.push(recording)
  core.recordings.set(recording.id, recording)
  const sipCallId = own.sip === undefined ? undefined : core.endpoint.describe(own.sip)?.callId
  const context = { domain: core.domainOf(half.session.orgId), at: core.wallNow }
  const facts = openingFacts(half, { ...context, recordingId: recording.id, sipCallId })
  core.media({
    kind: 'openRecording',
    recording: recording.id,
    at: context.at,
    facts: JSON.stringify(facts),
  })
  core.media({ kind: 'attach', recording: recording.id, side: 'left', leg: own.id })
  core.media({ kind: 'attach', recording: recording.id, side: 'right', leg: remote.id })
  noteActivity(core, half)
}

/** Notes who is in the call now, in the recording of `half` if there is one: at connect, hold and resume. */
export function noteActivity(core: Core, half: CallHalf): void {
  const recording = half.recording
  if (recording === undefined || recording.closing || recording.outcome !== undefined) return
  const note = activityNote(half, { domain: core.domainOf(half.session.orgId), at: core.wallNow })
  core.media({ kind: 'note', recording: recording.id, at: note.at, note: JSON.stringify(note) })
}

/** Asks for the end of a recording. Safe to repeat. */
export function closeRecording(core: Core, recording: Recording): void {
  if (recording.closing || recording.outcome !== undefined) return
  recording.closing = true
  const context = { domain: core.domainOf(recording.owner.session.orgId), at: core.wallNow }
  const facts = closingFacts(recording.owner, context)
  core.media({
    kind: 'closeRecording',
    recording: recording.id,
    at: context.at,
    facts: JSON.stringify(facts),
  })
  if (recording.state !== 'failed') recording.state = 'stopped'
}

/** The opening is on disk. */
export function recordingOpened(core: Core, id: RecordingId): void {
  const recording = core.recordings.get(id)
  if (recording === undefined || recording.state !== 'pending') return
  recording.state = 'started'
  core.publish(recording.owner, 'updated', 'recording')
}

/** The end is on disk. */
export function recordingClosed(core: Core, id: RecordingId): void {
  const recording = core.recordings.get(id)
  if (recording === undefined) return
  recording.outcome = 'closed'
  core.recordings.delete(id)
  finishIfSettled(core, recording.owner.session)
}

/** Nothing more of it is kept: says so, and does what the policy says. */
export function recordingFailed(core: Core, id: RecordingId, why: string): void {
  const recording = core.recordings.get(id)
  if (recording === undefined) return
  recording.outcome = 'failed'
  recording.state = 'failed'
  core.recordings.delete(id)
  core.notice('recording failed', { recording: id, why })
  const half = recording.owner
  if (half.phase !== 'connected') {
    finishIfSettled(core, half.session)
    return
  }
  core.publish(half, 'updated', 'recording')
  const policy = core.limits.recordingFailure ?? 'proceedWithAnnouncement'
  if (policy === 'proceed' || half.leg === undefined) return
  core.media({ kind: 'play', leg: half.leg.id, sound: { kind: 'prompt', name: 'recordingFailed' } })
  core.arm(half.session, { kind: 'announcement', half }, FAILURE_PROMPT_MS)
}

/** The prompt is over: the talk goes on, or ends, as the policy says. */
export function announcementOver(core: Core, half: CallHalf): void {
  const session = half.session
  if (session.phase !== 'connected') return
  if (core.limits.recordingFailure === 'endCallWithAnnouncement') {
    endSession(core, session, { cause: 'recordingFailed', callerStatus: 480 })
    return
  }
  const [a, b] = session.halves
  if (a?.leg !== undefined && b?.leg !== undefined) core.media({ kind: 'bridge', a: a.leg.id, b: b.leg.id })
}
