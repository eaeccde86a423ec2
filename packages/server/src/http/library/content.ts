/**
 * What was said in a recording is for its owner and for compliance officers (contract README §3.1): whoever gets
 * download links of it. An administrator who is the owner has it as the owner, unless the operator has set otherwise.
 */
import { decide, type TokenOperationId } from '@tandem/contract'
import { actorOf, refused } from '../converged-recordings/actor.ts'
import { mayDownload } from '../converged-recordings/details.ts'
import { readableRecording, type VisibleRecording } from '../converged-recordings/visible-recording.ts'
import { Failure } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'

/** The recording of `{recordingId}` for a caller that may have its content; throws `access_forbidden`, written down. */
export async function recordingContent(
  request: ApiRequest,
  services: Services,
  operation: TokenOperationId,
): Promise<VisibleRecording> {
  const visible = await readableRecording(request, services, operation)
  const { recording } = visible
  const shown = decide('getConvergedRecordingDetails', request.caller, recording)
  const as = shown.kind === 'allowed' ? shown.as : visible.as
  if (mayDownload({ ...visible, as }, services)) return visible
  const entry = { actor: actorOf(request, visible.as), operation, recordingId: recording.id }
  throw await refused(services, entry, new Failure('access_forbidden'))
}
