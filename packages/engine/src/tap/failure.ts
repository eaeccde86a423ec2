/**
 * A recording that cannot be kept: its owner learns of it, an operator does, and what the location's policy says happens
 * within two seconds (promise P4). And a leg from which nothing is heard although it should be recorded.
 */
import type { RecordingId } from '@tandem/media'
import type { RecordingFailurePolicy } from '../directory.ts'
import type { EngineEvent } from '../events.ts'
import { depositFailed } from '../feature/voicemail.ts'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import { finishIfSettled, leaveCall } from '../session/finish.ts'
import { announcementOf, tellAll } from './announcement.ts'

/** How long the words before the end of a call are given: all of the built-in ones, and less than two seconds. */
export const FAILURE_PROMPT_MS = 1_850

/** Nothing more of a recording is kept: says so, and does what the policy says. */
export function recordingFailed(core: Core, id: RecordingId, why: string): void {
  const recording = core.recordings.get(id)
  if (recording === undefined) return
  recording.outcome = 'failed'
  recording.why = why
  recording.become('failed')
  core.recordings.delete(id)
  core.notice('recording failed', { recording: id, why })
  const half = recording.owner
  alarm(core, half, 'recordingFailed')
  if (half.phase === 'disconnected') {
    finishIfSettled(core, half.session)
    return
  }
  if (half.machine?.kind === 'voicemail' && half.machine.recording === recording) depositFailed(core, half)
  if (half.recording !== recording || recording.closing) return
  core.disarm({ kind: 'half', owner: half, wait: 'beep' })
  core.publish(half, 'updated', 'recording')
  switch (policyOf(core, half)) {
    case 'proceed':
      return
    case 'proceedWithAnnouncement':
      tellAll(core, half, announcementOf(half.line, 'failureProceedWithCall').sound)
      return
    case 'endCallWithAnnouncement':
      tellAll(core, half, announcementOf(half.line, 'failureEndWithCall').sound)
      core.arm({ kind: 'half', owner: half, wait: 'announcement' }, FAILURE_PROMPT_MS)
      return
  }
}

/** The words before the end of a call are over. */
export function farewellOver(core: Core, half: CallHalf): void {
  if (half.phase !== 'disconnected') leaveCall(core, half, { cause: 'recordingFailed', callerStatus: 480 })
}

/** Nothing has come from a leg for long although it is to be recorded: an operator is told, once a leg. */
export function legSilent(core: Core, leg: Leg): void {
  if (leg.silence !== 'untold' || leg.half.leg !== leg) return
  leg.silence = 'told'
  alarm(core, leg.half, 'oneSideSilent')
}

/** It is heard after all. */
export function legHeard(core: Core, leg: Leg): void {
  if (leg.silence !== 'told') return
  leg.silence = 'over'
  alarm(core, leg.half, 'oneSideHeard')
}

function alarm(
  core: Core,
  half: CallHalf,
  what: Extract<EngineEvent, { readonly kind: 'alarm' }>['what'],
): void {
  const { id: callSessionId, orgId } = half.session
  core.emit({
    kind: 'event',
    event: { kind: 'alarm', what, at: core.wallNow, orgId, callSessionId, callId: half.id },
  })
}

/** What its location says is done when the calls of a half cannot be recorded. */
function policyOf(core: Core, half: CallHalf): RecordingFailurePolicy {
  const location = core.realmOf(half.line.orgId)?.locations.get(half.line.locationId)
  return location?.recordingFailure ?? core.limits.recordingFailure ?? 'proceedWithAnnouncement'
}
