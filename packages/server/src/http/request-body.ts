/**
 * How the body of a request comes to its operation: as JSON, as the bytes of a sound, as text, or as a stream that nobody
 * holds in memory (contract README §1, §4). A content type without a body is tolerated everywhere; a body of a kind that
 * the operation does not take is a 415.
 */
import type { OperationId } from '@tandem/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Arrival } from './arrival.ts'
import { decodeUtf8, isJson, parseBody } from './body.ts'
import { Failure } from './failure.ts'
import { OAUTH_FORMS } from './oauth/forms.ts'
import { OPERATIONS } from './operations.ts'

/** What an operation takes. `jsonOrForm`: parsed JSON, or `URLSearchParams` (Ruling 40). `text`: a string of `text/*`, or parsed JSON. `stream`: an `IncomingBody`. */
export type BodyKind = 'json' | 'jsonOrForm' | 'audio' | 'text' | 'stream'

/** A body that is read while it arrives. */
export interface IncomingBody {
  /** What the sender announced in `Content-Length`; undefined when it did not say. */
  readonly lengthBytes: number | undefined
  /** The bytes as they come, once. Throws when the sender breaks off or stands still for too long. */
  readonly bytes: AsyncIterable<Uint8Array>
}

/** Text types that a `text` operation takes beside JSON. */
const TEXT_TYPES: readonly string[] = ['text/vtt', 'text/plain']

const KINDS: ReadonlyMap<OperationId, BodyKind> = new Map(
  OPERATIONS.map((operation) => [operation.id, operation.takes ?? 'json']),
)

/** Pages with a form, which are no operations. */
const FORMS: ReadonlySet<OperationId> = new Set(['completeSetup', 'openMeetingRecording', ...OAUTH_FORMS])

/** Media type of a body, lower case, without parameters. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Gathers bodies whole, within the limit of their route; the forms of pages are no operation's. */
export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    try {
      done(null, readBody(request, bytes))
    } catch (error) {
      done(error as Error) // Failures of ours, thrown by `readBody`.
    }
  })
}

/** Leaves bodies where they are: the operation reads them as they come. */
export function acceptStreams(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request, _payload, done) => done(null, incomingBody(request)))
}

function readBody(request: FastifyRequest, bytes: Buffer): unknown {
  const { operation } = request.exchange
  if (bytes.length === 0) return parseBody(bytes)
  if (operation !== undefined && FORMS.has(operation)) return new URLSearchParams(bytes.toString('utf8'))
  const kind = operation === undefined ? 'json' : (KINDS.get(operation) ?? 'json')
  if (kind === 'audio') {
    if (mediaType(request).startsWith('audio/')) return bytes
    throw new Failure('unsupported_media_type', 'The body must be a sound, sent as audio/*')
  }
  if (kind === 'text' && TEXT_TYPES.includes(mediaType(request))) return decodeUtf8(bytes)
  if (kind === 'jsonOrForm') return readJsonOrForm(request, bytes)
  if (isJson(request.headers['content-type'] ?? '')) return parseBody(bytes)
  if (kind !== 'text') throw new Failure('unsupported_media_type')
  throw new Failure(
    'unsupported_media_type',
    `The body must be sent as ${TEXT_TYPES.join(', ')} or application/json`,
  )
}

/** A form may come under a JSON content type: what begins as JSON does is JSON, whatever has pairs is a form. */
function readJsonOrForm(request: FastifyRequest, bytes: Buffer): unknown {
  const isForm = mediaType(request) === 'application/x-www-form-urlencoded'
  if (!isForm && !isJson(request.headers['content-type'] ?? '')) throw new Failure('unsupported_media_type')
  const text = decodeUtf8(bytes)
  const looksLikeForm = /^\s*[^\s{}["=]+=/.test(text)
  return isForm || looksLikeForm ? new URLSearchParams(text) : parseBody(bytes)
}

function incomingBody(request: FastifyRequest): IncomingBody {
  const length = request.headers['content-length']
  return {
    lengthBytes: length === undefined ? undefined : Number(length), // Node has checked that it is a number.
    bytes: arriving(request),
  }
}

/** Only waiting for the sender counts against it: a slow disk of ours does not. */
async function* arriving(request: FastifyRequest): AsyncGenerator<Uint8Array> {
  const arrival: Arrival | undefined = request.exchange.arrival
  const pieces = request.raw.iterator({ destroyOnReturn: false })
  try {
    for (;;) {
      arrival?.waitForPiece()
      const piece: IteratorResult<Uint8Array> = await pieces.next()
      arrival?.stopWaiting()
      if (piece.done === true) return
      yield piece.value
    }
  } finally {
    await pieces.return?.()
    arrival?.waitForRest() // What the operation did not want is thrown away, but not for ever.
  }
}
