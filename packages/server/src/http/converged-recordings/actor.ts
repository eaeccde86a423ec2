/** Who acts, for the audit log and the rules, and how what they do is written down (promise P17). */
import type { OperationId, Role } from '@tandem/contract'
import type { Actor, AuditAction, AuditEntry, Recording } from '@tandem/recordings'
import type { Failure } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'

/** The caller in the role that the rights table chose. */
export function actorOf(request: ApiRequest, as: Role): Actor {
  const { orgId, personId } = request.caller
  return { orgId, personId, as, trackingId: request.trackingId }
}

/** Writes down that somebody read something of a recording: on disk before the answer leaves. */
export async function noteRead(
  services: Services,
  entry: { readonly actor: Actor; readonly action: AuditAction; readonly recording: Recording },
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { actor, action, recording } = entry
  await services.recordings.audit.add([{ actor, action, recordingId: recording.id, detail }])
}

/** Writes down that somebody was refused, and gives back the refusal to throw. */
export async function refused(
  services: Services,
  entry: { readonly actor: Actor; readonly operation: OperationId; readonly recordingId?: string },
  failure: Failure,
): Promise<Failure> {
  await services.recordings.audit.add([refusal(entry, failure)])
  return failure
}

/** The row of a refusal. */
export function refusal(
  entry: { readonly actor: Actor; readonly operation: OperationId; readonly recordingId?: string },
  failure: Failure,
): AuditEntry {
  const { actor, operation, recordingId } = entry
  const detail = { operation, error: failure.error }
  return { actor, action: 'refused', ...(recordingId === undefined ? {} : { recordingId }), detail }
}
