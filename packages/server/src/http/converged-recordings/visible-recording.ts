/**
 * Finds the recording that a path names and holds it to the rights table. Unknown, still being made, of another
 * organisation or not for this caller: all the same 404.
 */
import { decide, type Role, type TokenOperationId } from '@tandem/contract'
import type { Recording } from '@tandem/recordings'
import { Failure } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'

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
  if (verdict.kind !== 'allowed') throw new Failure('recording_not_found')
  return { recording, as: verdict.as, links: verdict.links }
}
