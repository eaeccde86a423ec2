/**
 * The four checks of a signed link, in the contract's order (converged-recordings §5; promise P13): signature, three
 * hours, recording with its media and status, person. Each use asks again, so that a link is dead within the moment in
 * which the right is gone.
 */
import type { Role } from '@tandem/contract'
import {
  type Actor,
  type FileFacts,
  LINKED_FILES,
  type LinkedFile,
  type LinkVerdict,
  type Recording,
} from '@tandem/recordings'
import type { FastifyRequest } from 'fastify'
import { Failure } from '../failure.ts'
import type { Services } from '../operation.ts'

/** What a good link opens. */
export interface LinkedRecordingFile {
  readonly recording: Recording
  readonly file: LinkedFile
  readonly facts: FileFacts
  /** Whom the link was issued to, in which role. */
  readonly actor: Actor
}

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
    as: verdict.role === 'owner' ? 'user' : 'complianceOfficer',
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
  if (verdict.role === 'owner' && recording.status !== verdict.status) throw refuse('link_expired')
  const files = await services.recordings.files(recording)
  if (files.size === 0) throw refuse('link_expired') // The media is gone.
  if (!(await mayStillHave(verdict, recording, services))) throw refuse('link_forbidden')
  const facts = files.get(file)
  if (facts === undefined)
    throw new Failure(file === 'transcript' ? 'transcript_not_found' : 'recording_not_found')
  return { recording, file, facts, actor }
}

/** Whether the person that the link was issued to would still be given it. */
async function mayStillHave(link: ValidLink, recording: Recording, services: Services): Promise<boolean> {
  const person = await services.db.kysely
    .selectFrom('people')
    .select('roles')
    .where('org_id', '=', recording.orgId)
    .where('id', '=', link.personId)
    .executeTakeFirst()
  if (person === undefined) return false
  if (link.role === 'compliance') return (JSON.parse(person.roles) as Role[]).includes('complianceOfficer') // Written by the directory.
  if (recording.ownerId !== link.personId || recording.downloadPrevented) return false
  const access = await services.lines.recordingAccess(recording.orgId, recording.ownerId)
  return access.viewAndPlayRecordingsEnabled && access.downloadRecordingsEnabled
}
