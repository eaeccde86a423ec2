/**
 * Recording mode Always: what is asked of the media port over the life of a recording, and what its answers change.
 *
 * A recording belongs to one half. Its owner's voice goes to the left channel, the other side's to the right one, by
 * leg and never by who spoke first. When it cannot be kept, the owner learns of it and the policy decides.
 */
import type { RecordingId } from '@tandem/media'
import { arrange, forgetHearing } from '../bridge/arrange.ts'
import type { RecordingState } from '../commands.ts'
import type { RecordingFailurePolicy } from '../directory.ts'
import { depositFailed } from '../feature/voicemail.ts'
import type { CallHalf } from '../half/half.ts'
import type { RecordingClosing } from '../recording-facts.ts'
import type { Core } from '../session/core.ts'
import { finishIfSettled, leaveCall } from '../session/finish.ts'
import { closingFacts, openingFacts } from './facts.ts'
import { Recording } from './recording.ts'
import { noteActivity } from './redirection-notes.ts'

/** How long the prompt `recordingFailed` is given: the policy has happened within 2 s (promise P4). */
export const FAILURE_PROMPT_MS = 1_800

/** Opens a recording for a half that talks, if its line's calls are always recorded and none goes on yet. */
export function recordIfAlways(core: Core, half: CallHalf): void {
  const { mode } = half.line.recording
  if (mode !== 'Always' && mode !== 'Always with Pause/Resume') return
  if (half.recording?.isOpen === true || half.leg === undefined || half.peer?.leg === undefined) return
  openRecording(core, half)
}

/** Begins a recording of `half`; `arrange` puts the legs into it. */
export function openRecording(core: Core, half: CallHalf): Recording {
  const recording = new Recording({ id: core.ids.uuid(), owner: half })
  half.recording = recording
  half.recordingState = 'pending'
  half.session.recordings.push(recording)
  core.recordings.set(recording.id, recording)
  const sip = half.leg?.sip
  const sipCallId = sip === undefined ? undefined : core.endpoint.describe(sip)?.callId
  const context = { domain: core.domainOf(half.session.orgId), at: core.wallNow }
  const facts = openingFacts(half, { ...context, recordingId: recording.id, sipCallId })
  core.media({
    kind: 'openRecording',
    recording: recording.id,
    at: context.at,
    facts: JSON.stringify(facts),
  })
  noteActivity(core, half)
  return recording
}

/** Asks for the end of a recording. Safe to repeat. */
export function closeRecording(
  core: Core,
  recording: Recording,
  extra: Pick<RecordingClosing, 'discarded' | 'callContinues'> = {},
): void {
  if (!recording.isOpen) return
  recording.closing = true
  const context = { domain: core.domainOf(recording.owner.session.orgId), at: core.wallNow }
  const facts: RecordingClosing = { ...closingFacts(recording.owner, context), ...extra }
  core.media({
    kind: 'closeRecording',
    recording: recording.id,
    at: context.at,
    facts: JSON.stringify(facts),
  })
  setState(recording, 'stopped')
}

/** The opening is on disk. */
export function recordingOpened(core: Core, id: RecordingId): void {
  const recording = core.recordings.get(id)
  if (recording === undefined || recording.state !== 'pending') return
  setState(recording, 'started')
  // A message, or what is kept beside it, is not the caller's own recording: it shows in no call's view.
  if (recording.owner.recording === recording) core.publish(recording.owner, 'updated', 'recording')
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
  recording.why = why
  setState(recording, 'failed')
  core.recordings.delete(id)
  core.notice('recording failed', { recording: id, why })
  const half = recording.owner
  if (half.phase !== 'connected') {
    finishIfSettled(core, half.session)
    return
  }
  if (half.machine?.kind === 'voicemail' && half.machine.recording === recording) depositFailed(core, half)
  if (half.recording !== recording) return
  core.publish(half, 'updated', 'recording')
  if (policyOf(core, half) === 'proceed' || half.leg === undefined) return
  core.media({ kind: 'play', leg: half.leg.id, sound: { kind: 'prompt', name: 'recordingFailed' } })
  core.arm({ kind: 'half', owner: half, wait: 'announcement' }, FAILURE_PROMPT_MS)
}

/** The prompt is over: the talk goes on, or ends, as the policy says. */
export function announcementOver(core: Core, half: CallHalf): void {
  if (half.phase !== 'connected' || half.leg === undefined) return
  if (policyOf(core, half) === 'endCallWithAnnouncement') {
    leaveCall(core, half, { cause: 'recordingFailed', callerStatus: 480 })
    return
  }
  forgetHearing(half.leg)
  arrange(core, half.session)
}

/** What its location says is done when the calls of a half cannot be recorded. */
function policyOf(core: Core, half: CallHalf): RecordingFailurePolicy {
  const location = core.realmOf(half.line.orgId)?.locations.get(half.line.locationId)
  return location?.recordingFailure ?? core.limits.recordingFailure ?? 'proceedWithAnnouncement'
}

/** The state of a recording is that of its half while it is the half's last one. */
function setState(recording: Recording, state: RecordingState): void {
  recording.state = state
  if (recording.owner.recording === recording) recording.owner.recordingState = state
}
