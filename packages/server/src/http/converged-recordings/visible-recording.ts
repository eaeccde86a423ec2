/**
 * Finds the recording that a path names and holds it to the rights table. Unknown, still being made, of another
 * organisation or not for this caller: all the same 404. Whoever knocks at a recording that is not theirs is written down.
 */
import { decide, type Role, type TokenOperationId } from '@tandem/contract'
import type { Recording } from '@tandem/recordings'
import { Failure } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'
import type { RecordingAccess } from '../ports.ts'
import { actorOf, refusal, refused } from './actor.ts'

/** A recording, the role in which the caller sees it, and whether links come with it. */
export interface VisibleRecording {
  readonly recording: Recording
  readonly as: Role
  readonly links: boolean
}

/** The recording of `{recordingId}`; throws `recording_not_found`. */
export async function visibleRecording(
  request: ApiRequest,
  services: Services,
  operation: TokenOperationId,
): Promise<VisibleRecording> {
  const recording = await services.recordings.get(request.caller.orgId, request.params['recordingId'] ?? '')
  if (recording === undefined) throw new Failure('recording_not_found')
  const verdict = decide(operation, request.caller, recording)
  if (verdict.kind === 'allowed') return { recording, as: verdict.as, links: verdict.links }
  const failure = new Failure('recording_not_found')
  const entry = { actor: actorOf(request, 'user'), operation, recordingId: recording.id }
  services.recordings.audit.addSoon(refusal(entry, failure)) // Waiting for it would tell that there is something.
  throw failure
}

/** The same, for a caller that the owner's access settings let read it; throws `access_forbidden`, written down. */
export async function readableRecording(
  request: ApiRequest,
  services: Services,
  operation: TokenOperationId,
): Promise<VisibleRecording & { readonly access: RecordingAccess }> {
  const visible = await visibleRecording(request, services, operation)
  const { recording, as } = visible
  const access = await services.lines.recordingAccess(recording.orgId, recording.ownerId)
  if (as !== 'user' || access.viewAndPlayRecordingsEnabled) return { ...visible, access }
  const entry = { actor: actorOf(request, as), operation, recordingId: recording.id }
  throw await refused(services, entry, new Failure('access_forbidden'))
}
