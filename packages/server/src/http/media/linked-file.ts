/**
 * The four checks of a signed link, in the contract's order (converged-recordings §5; promise P13): signature, three
 * hours, recording with its media and status, person. Each use asks again, so that a link is dead within the moment in
 * which the right is gone.
 */
import type { Role, Scope } from '@tandem/contract'
import {
  type Actor,
  type FileFacts,
  LINKED_FILES,
  type LinkedFile,
  type LinkVerdict,
  type Recording,
} from '@tandem/recordings'
import type { FastifyRequest } from 'fastify'
import { authorizedScopes } from '../../tokens/app-scopes.ts'
import { Failure } from '../failure.ts'
import { isSharedWith } from '../meeting-recordings/found-meeting.ts'
import type { Services } from '../operation.ts'

/** What a good link opens. */
export interface LinkedRecordingFile {
  readonly recording: Recording
  readonly file: LinkedFile
  readonly facts: FileFacts
  /** Whom the link was issued to, in which role. */
  readonly actor: Actor
}

/** The scopes with which a service app gets links, by the role acted in (rights table). */
const OFFICER_SCOPES: readonly Scope[] = [
  'spark-compliance:recordings_read',
  'spark-compliance:meetings_read',
]
const ADMINISTRATOR_SCOPES: readonly Scope[] = [
  'meeting:group_meeting_read',
  'meeting:admin_recordings_read',
  'spark-admin:recordings_read',
]

type ValidLink = Extract<LinkVerdict, { kind: 'valid' }>

/** The file behind a link; throws what the first check that fails earns. */
export async function linkedFile(request: FastifyRequest, services: Services): Promise<LinkedRecordingFile> {
  const { recordingId = '', file: name = '' } = request.exchange.params ?? {}
  const query = (request.raw.url ?? '').split('?').slice(1).join('?')
  const verdict = services.recordings.links.check({ recordingId, file: name, query }, services.now())
  if (verdict.kind === 'forged') throw new Failure('link_tampered')
  if (verdict.kind === 'expired') throw new Failure('link_expired')
  const file = LINKED_FILES.find((known) => known === name)
  if (file === undefined) throw new Failure('not_found')
  const recording = await services.recordings.find(recordingId)
  if (recording === undefined) throw new Failure('link_expired')
  const actor: Actor = {
    orgId: recording.orgId,
    personId: verdict.personId,
    as: verdict.role === 'compliance' ? 'complianceOfficer' : 'user',
    trackingId: request.exchange.trackingId,
  }
  const refuse = (error: 'link_expired' | 'link_forbidden'): Failure => {
    services.recordings.audit.addSoon({
      actor,
      action: 'refused',
      recordingId: recording.id,
      detail: { operation: 'getRecordingFile', file, error },
    })
    return new Failure(error)
  }
  if (verdict.role !== 'compliance' && recording.status !== verdict.status) throw refuse('link_expired')
  const files = await services.recordings.files(recording, { measured: true })
  if (files.size === 0) throw refuse('link_expired') // The media is gone.
  if (!(await mayStillHave(verdict, { recording, file }, services))) throw refuse('link_forbidden')
  const facts = files.get(file)
  if (facts === undefined)
    throw new Failure(file === 'transcript' ? 'transcript_not_found' : 'recording_not_found')
  return { recording, file, facts, actor }
}

/** Whether a service app that the link was issued to still has a scope that it could have come by. */
async function mayAppStillHave(link: ValidLink, recording: Recording, services: Services): Promise<boolean> {
  const scopes = await authorizedScopes(services.db, recording.orgId, link.personId)
  const opening = link.role === 'compliance' ? OFFICER_SCOPES : ADMINISTRATOR_SCOPES
  if (!opening.some((scope) => scopes.has(scope))) return false
  // As for administrators: links of meetings alone, and none that was prevented.
  return link.role === 'compliance' || (recording.serviceType === 'meeting' && !recording.downloadPrevented)
}

/** Whether the person that the link was issued to would still be given it. */
async function mayStillHave(
  link: ValidLink,
  { recording, file }: Pick<LinkedRecordingFile, 'recording' | 'file'>,
  services: Services,
): Promise<boolean> {
  // Whoever knew the password (`http/pages`) is nobody of the directory; what was prevented meanwhile is prevented.
  if (link.role === 'play') return file !== 'transcript' || !recording.downloadPrevented
  if (link.role === 'download') return !recording.downloadPrevented
  const person = await services.db.kysely
    .selectFrom('people')
    .select(['roles', 'email'])
    .where('org_id', '=', recording.orgId)
    .where('id', '=', link.personId)
    .executeTakeFirst()
  if (person === undefined) return await mayAppStillHave(link, recording, services)
  const roles = JSON.parse(person.roles) as Role[] // Written by the directory.
  if (link.role === 'compliance') return roles.includes('complianceOfficer')
  if (recording.downloadPrevented) return false
  if (recording.ownerId !== link.personId) {
    // A meeting recording's link may also be of an administrator in the host's name, or of whom it is shared with.
    if (recording.serviceType !== 'meeting') return false
    if (roles.includes('admin')) return true
    const meeting = await services.recordings.meetings.get(recording.orgId, recording.id)
    if (meeting === undefined || recording.status !== 'available') return false
    if (!isSharedWith(meeting, person.email)) return false
  }
  const access = await services.lines.recordingAccess(recording.orgId, recording.ownerId)
  return access.viewAndPlayRecordingsEnabled && access.downloadRecordingsEnabled
}
