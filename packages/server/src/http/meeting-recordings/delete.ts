/**
 * `DELETE /recordings/{recordingId}` and `DELETE /admin/recordings/{recordingId}` (meeting-recordings §4, §8; README §3.1,
 * Rulings 26, 42): gone for users and administrators at once and for good; compliance officers keep it.
 */
import { grantsOf, type TokenOperationId } from '@tandem/contract'
import type { Actor, Recording } from '@tandem/recordings'
import { bodyReader } from '../body.ts'
import { actorOf, refused } from '../converged-recordings/actor.ts'
import { failureOf } from '../converged-recordings/outcome.ts'
import { Failure } from '../failure.ts'
import type { Operation, Services } from '../operation.ts'
import { CONTRACT_RULES } from '../recordings-port.ts'
import { type Acting, actingFor, hostEmailOf } from './acting.ts'
import { type FoundMeeting, foundMeeting, hidden } from './found-meeting.ts'

const operation = 'deleteMeetingRecording'
const read = bodyReader('DeleteMeetingRecordingRequest')

/** Deletes one meeting recording for its host, in the host's name, or as compliance officer. */
export const deleteMeetingRecording: Operation = {
  id: operation,
  async run(request, services) {
    const body = await read(request.body)
    const hostEmail = hostEmailOf(request, operation, request.query.raw('hostEmail'))
    const acting = await actingFor(request, services, operation, hostEmail)
    const found = await foundMeeting(services, operation, acting, request.params['recordingId'] ?? '')
    const { recording } = found
    // Whoever hosted it and may write as a user does so, whatever else the token holds (README §3.1).
    const isUser = grantsOf(operation, request.caller).some((grant) => grant.as === 'user')
    const isOwn = recording.ownerId === request.caller.personId && !acting.isNamed
    const actor = isUser && isOwn && recording.status !== 'purged' ? actorOf(request, 'user') : acting.actor
    const access = await services.lines.recordingAccess(recording.orgId, actor.personId)
    const isAllowed = actor.as !== 'user' || access.deleteRecordingsEnabled
    const failure =
      forbidden(services, { acting, actor, found, reason: body.reason }) ??
      (isAllowed ? undefined : new Failure('access_forbidden'))
    if (failure !== undefined)
      throw await refused(services, { actor, operation, recordingId: recording.id }, failure)
    await withdraw(services, {
      actor,
      operation,
      recording,
      why: actor.as === 'complianceOfficer' ? body : {},
    })
    return {}
  },
}

/** Deletes one meeting recording of the organisation, as administrator. */
export const deleteAdminMeetingRecording: Operation = {
  id: 'deleteAdminMeetingRecording',
  async run(request, services) {
    const id = 'deleteAdminMeetingRecording'
    const actor = actorOf(request, 'admin')
    const found = await services.recordings.meetings.get(actor.orgId, request.params['recordingId'] ?? '')
    if (found === undefined) throw new Failure('recording_not_found')
    const { recording } = found
    const [grant] = grantsOf(id, request.caller)
    if (!(grant?.statuses ?? []).includes(recording.status)) throw hidden(services, id, actor, found)
    await withdraw(services, { actor, operation: id, recording, why: {} })
    return {}
  },
}

function forbidden(
  services: Services,
  deletion: {
    readonly acting: Acting
    readonly actor: Actor
    readonly found: FoundMeeting
    readonly reason: string | undefined
  },
): Failure | undefined {
  const { acting, actor, found, reason } = deletion
  if (actor.as !== 'complianceOfficer' || acting.isNamed)
    if (!found.isHosted) return new Failure('not_the_host')
  if (actor.as !== 'complianceOfficer') return undefined
  const { reasonOptional } = services.rules ?? CONTRACT_RULES
  const isForeign = found.recording.ownerId !== actor.personId
  return isForeign && (reason ?? '').trim() === '' && !reasonOptional
    ? new Failure('reason_missing')
    : undefined
}

async function withdraw(
  services: Services,
  deletion: {
    readonly actor: Actor
    readonly operation: TokenOperationId
    readonly recording: Recording
    readonly why: { readonly reason?: string; readonly comment?: string }
  },
): Promise<void> {
  const { actor, operation, recording, why } = deletion
  const { id, ownerId } = recording
  const target = { only: 'meeting', ids: [id], ownerIds: [ownerId] } as const
  const failure = failureOf(await services.recordings.lifecycle.move(actor, 'withdraw', target, why))
  if (failure === undefined) return
  throw await refused(services, { actor, operation, recordingId: id }, failure)
}
