/**
 * `GET /media/{recordingId}/{file}`: audio, video or transcript behind a signed link (converged-recordings §5, promise
 * P13). No token is asked for or looked at. What is served is checked by the store while it is read: damage that is
 * found before the first byte is a 500, damage found later ends the connection, so that nobody takes half for whole.
 */
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { Failure } from '../failure.ts'
import type { Services } from '../operation.ts'
import { requestedRange } from './byte-range.ts'
import { attachment } from './content-disposition.ts'
import { DownloadNotes } from './download-notes.ts'
import { type LinkedRecordingFile, linkedFile } from './linked-file.ts'

/** The handler of the route. It remembers what it wrote down, so that a player is not written down a hundred times. */
export function serveFiles(services: Services): RouteHandlerMethod {
  const notes = new DownloadNotes()
  return async (request, reply) => {
    const linked = await linkedFile(request, services)
    return serve(request, reply, { linked, services, notes })
  }
}

interface Serving {
  readonly linked: LinkedRecordingFile
  readonly services: Services
  readonly notes: DownloadNotes
}

async function serve(request: FastifyRequest, reply: FastifyReply, serving: Serving): Promise<FastifyReply> {
  const { linked, services } = serving
  const { recording, file, facts } = linked
  const etag = `"${facts.sha256}"`
  reply.headers({
    'accept-ranges': 'bytes',
    etag,
    'last-modified': new Date(recording.createTime).toUTCString(),
    'cache-control': 'private, no-cache', // Every use asks again: the right may have gone meanwhile.
    'content-disposition': attachment(recording.topic, facts.extension),
    'x-content-type-options': 'nosniff',
  })
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()

  const { sizeBytes } = facts
  const ifRange = request.headers['if-range']
  const isRanged = request.method === 'GET' && (ifRange === undefined || ifRange === etag)
  const range = requestedRange(isRanged ? request.headers.range : undefined, sizeBytes)
  if (range === 'unsatisfiable')
    throw new Failure('range_not_satisfiable', undefined, { 'content-range': `bytes */${sizeBytes}` })
  const part = range === 'whole' ? undefined : range
  reply
    .type(facts.contentType)
    .header('content-length', part === undefined ? sizeBytes : part.end - part.start + 1)
  if (request.method === 'HEAD') return reply.send()

  await noteDownload(request, part !== undefined, serving)
  const opened = await services.recordings.openFile(recording.id, file, part)
  if (opened === undefined) throw new Failure('link_expired') // Erased since it was looked up.
  if (part !== undefined)
    reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${sizeBytes}`)
  return reply.send(opened.stream)
}

/** On disk before the first byte leaves (promise P17); stretches of one link are one use as long as a minute lasts. */
async function noteDownload(request: FastifyRequest, isPart: boolean, serving: Serving): Promise<void> {
  const { linked, services, notes } = serving
  const link = request.raw.url ?? ''
  if (isPart && notes.isNoted(link, services.now())) return
  await services.recordings.audit.add([
    {
      actor: linked.actor,
      action: 'recording.downloaded',
      recordingId: linked.recording.id,
      detail: { file: linked.file, ...(isPart ? { part: true } : {}) },
    },
  ])
  if (isPart) notes.note(link, services.now())
}

/** Whether `If-None-Match` names the file's tag; the comparison is the weak one (RFC 9110 §13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || header?.trim() === '*'
}
