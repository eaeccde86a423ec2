/**
 * What is asked of the media port over the life of a recording, and what its answers change.
 *
 * A recording belongs to one half. Its owner's voice goes to the left channel, the other side's to the right one, by
 * leg and never by who spoke first: that is `arrange`'s. What happens when it cannot be kept is in `failure.ts`.
 */
import type { RecordingId } from '@tandem/media'
import type { CallHalf } from '../half/half.ts'
import type { RecordingClosing } from '../recording-facts.ts'
import type { Core } from '../session/core.ts'
import { finishIfSettled } from '../session/finish.ts'
import { armBeep } from './beep.ts'
import { closingFacts, openingFacts } from './facts.ts'
import { Recording } from './recording.ts'
import { noteActivity } from './redirection-notes.ts'

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
  recording.become('stopped')
  if (recording.owner.recording === recording)
    core.disarm({ kind: 'half', owner: recording.owner, wait: 'beep' })
}

/** The opening is on disk. */
export function recordingOpened(core: Core, id: RecordingId): void {
  const recording = core.recordings.get(id)
  if (recording === undefined || recording.state !== 'pending') return
  recording.become('started')
  // A message, or what is kept beside it, is not the caller's own recording: it shows in no call's view.
  if (recording.owner.recording !== recording) return
  armBeep(core, recording.owner)
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
