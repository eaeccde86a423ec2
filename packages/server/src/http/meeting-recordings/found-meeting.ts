/**
 * Finds the meeting recording that a request names and holds it to the rights table (meeting-recordings §3, §4). A person
 * sees what the person hosted and what is shared and available; a share gives nothing of the host's recycle bin. A
 * compliance officer who names no host sees everything of the organisation. What is not seen is 404.
 */
import type { TokenOperationId } from '@tandem/contract'
import type { Actor, MeetingRecording } from '@tandem/recordings'
import { refusal } from '../converged-recordings/actor.ts'
import { Failure } from '../failure.ts'
import type { Services } from '../operation.ts'
import type { Acting } from './acting.ts'

/** A meeting recording, and whether it is the acting person's own. */
export interface FoundMeeting extends MeetingRecording {
  readonly isHosted: boolean
}

/** The recording with this id as the acting person sees it; throws `recording_not_found`. */
export async function foundMeeting(
  services: Services,
  operation: TokenOperationId,
  acting: Acting,
  id: string,
): Promise<FoundMeeting> {
  const found = await services.recordings.meetings.get(acting.actor.orgId, id)
  if (found === undefined) throw new Failure('recording_not_found')
  if (isSeen(acting, found)) return { ...found, isHosted: found.recording.ownerId === acting.person.id }
  throw hidden(services, operation, acting.actor, found)
}

/** The 404 for something that is there and not for this caller: whoever knocks is written down. */
export function hidden(
  services: Services,
  operation: TokenOperationId,
  actor: Actor,
  { recording }: MeetingRecording,
): Failure {
  const failure = new Failure('recording_not_found')
  // Not waited for: that would tell that there is something.
  services.recordings.audit.addSoon(refusal({ actor, operation, recordingId: recording.id }, failure))
  return failure
}

/** Whether a recording is shared with somebody, emails compared without case. */
export function isSharedWith({ sharedWith }: MeetingRecording, email: string): boolean {
  const folded = email.toLowerCase()
  return folded !== '' && sharedWith.some((each) => each.toLowerCase() === folded)
}

function isSeen({ actor, person, isNamed, grant }: Acting, found: MeetingRecording): boolean {
  const { ownerId, status } = found.recording
  if (!(grant.statuses ?? []).includes(status)) return false
  if (actor.as === 'complianceOfficer' && !isNamed) return true
  return ownerId === person.id || (status === 'available' && isSharedWith(found, person.email))
}
