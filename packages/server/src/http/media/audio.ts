/**
 * `GET /media/{recordingId}/audio`: the MP3 behind a signed link (converged-recordings §5, promise P13). No token is
 * asked for or looked at. Checked in the contract's order: signature, three hours, recording and status, person.
 */
import type { Role } from '@tandem/contract'
import type { LinkVerdict, Recording } from '@tandem/recordings'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../failure.ts'
import type { Services } from '../operation.ts'
import { requestedRange } from './byte-range.ts'
import { attachment } from './content-disposition.ts'

type ValidLink = Extract<LinkVerdict, { kind: 'valid' }>

/** Serves the file, a range of it, or its headers. */
export async function serveAudio(
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
): Promise<FastifyReply> {
  const recording = await linkedRecording(request, services)
  const etag = `"${recording.sha256}"`
  reply.headers({
    'accept-ranges': 'bytes',
    etag,
    'last-modified': new Date(recording.createTime).toUTCString(),
    'cache-control': 'private, no-cache', // Every use asks again: the right may have gone meanwhile.
    'content-disposition': attachment(recording.topic, 'mp3'),
    'x-content-type-options': 'nosniff',
  })
  if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(etag)) return reply.code(304).send()

  const { sizeBytes } = recording
  const ifRange = request.headers['if-range']
  const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined
  const range = requestedRange(wanted, sizeBytes)
  if (range === 'unsatisfiable')
    throw new Failure('range_not_satisfiable', undefined, { 'content-range': `bytes */${sizeBytes}` })
  const part = range === 'whole' ? undefined : range
  const file = await services.recordings.openAudio(recording.id, part)
  if (file === undefined) throw new Failure('link_expired') // The media is gone.
  reply
    .type('audio/mpeg')
    .header('content-length', part === undefined ? sizeBytes : part.end - part.start + 1)
  if (part !== undefined)
    reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${sizeBytes}`)
  if (request.method !== 'HEAD') return reply.send(file.stream)
  file.stream.destroy()
  return reply.send()
}

async function linkedRecording(request: FastifyRequest, services: Services): Promise<Recording> {
  const recordingId = request.exchange.params?.['recordingId'] ?? ''
  const query = (request.raw.url ?? '').split('?').slice(1).join('?')
  const verdict = services.recordings.links.check({ recordingId, file: 'audio', query }, services.now())
  if (verdict.kind === 'forged') throw new Failure('link_tampered')
  if (verdict.kind === 'expired') throw new Failure('link_expired')
  const recording = await services.recordings.find(recordingId)
  if (recording === undefined) throw new Failure('link_expired')
  if (verdict.role === 'owner' && recording.status !== verdict.status) throw new Failure('link_expired')
  if (!(await mayStillHave(verdict, recording, services))) throw new Failure('link_forbidden')
  return recording
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
  if (link.role === 'owner') return recording.ownerId === link.personId
  return (JSON.parse(person.roles) as Role[]).includes('complianceOfficer') // Written by the directory.
}
