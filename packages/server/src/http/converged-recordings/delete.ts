/**
 * `DELETE /convergedRecordings/{recordingId}` (converged-recordings §6; README §3.1; Rulings 1, 26): by its owner or an
 * administrator it goes to the recycle bin, by a compliance officer it is erased for everybody.
 */
import type { DeleteRecordingRequest } from '@tandem/contract'
import type { Actor, MoveOutcome, Recording } from '@tandem/recordings'
import { bodyReader } from '../body.ts'
import { Failure } from '../failure.ts'
import type { Operation, Services } from '../operation.ts'
import { CONTRACT_RULES } from '../recordings-port.ts'
import { actorOf, refused } from './actor.ts'
import { failureOf } from './outcome.ts'
import { visibleRecording } from './visible-recording.ts'

const operation = 'deleteConvergedRecording'
const read = bodyReader('DeleteRecordingRequest')

/** Deletes one recording in the way of the caller’s role. */
export const deleteConvergedRecording: Operation = {
  id: operation,
  async run(request, services) {
    const body = await read(request.body)
    const { recording, as } = await visibleRecording(request, services, operation)
    const actor = actorOf(request, as)
    const failure = await forbidden(services, { actor, recording, body })
    const outcome = failure ?? failureOf(await carryOut(services, { actor, recording, body }))
    if (outcome === undefined) return {}
    throw await refused(services, { actor, operation, recordingId: recording.id }, outcome)
  },
}

interface Deletion {
  readonly actor: Actor
  readonly recording: Recording
  readonly body: DeleteRecordingRequest
}

async function forbidden(
  services: Services,
  { actor, recording, body }: Deletion,
): Promise<Failure | undefined> {
  if (actor.as === 'complianceOfficer') {
    const { reasonOptional } = services.rules ?? CONTRACT_RULES
    const isForeign = recording.ownerId !== actor.personId
    const hasReason = (body.reason ?? '').trim() !== ''
    return isForeign && !hasReason && !reasonOptional ? new Failure('reason_missing') : undefined
  }
  if (actor.as !== 'user') return undefined
  const access = await services.lines.recordingAccess(recording.orgId, recording.ownerId)
  return access.deleteRecordingsEnabled ? undefined : new Failure('access_forbidden')
}

async function carryOut(services: Services, { actor, recording, body }: Deletion): Promise<MoveOutcome> {
  const { lifecycle } = services.recordings
  const { id, status } = recording
  if (actor.as === 'complianceOfficer') return lifecycle.erase(actor, id, body)
  const rules = services.rules ?? CONTRACT_RULES
  if (rules.deleteErases) return lifecycle.erase(actor, id, {})
  if (status === 'deleted') return { kind: 'done', count: 0 }
  const outcome = await lifecycle.move(actor, 'softDelete', { ids: [id] })
  // Somebody else was faster: it is where it should be.
  const isThere = outcome.kind === 'wrongStatus' && outcome.status === 'deleted'
  return isThere ? { kind: 'done', count: 0 } : outcome
}
