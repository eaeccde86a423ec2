/** An answer that is made once and is the same for everybody: with its tag, so that clients need not fetch it again. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Bytes with their tag (RFC 9110 §8.8.3). */
export interface KeptAnswer {
  readonly contentType: string
  readonly bytes: Buffer
  readonly etag: string
}

/** Makes it of its bytes. */
export function keptAnswer(contentType: string, bytes: Buffer): KeptAnswer {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`
  return { contentType, bytes, etag }
}

/** Sends it, or a 304 to whoever has it; `no-cache`, since another version of the server has another. */
export function sendKept(request: FastifyRequest, reply: FastifyReply, kept: KeptAnswer): FastifyReply {
  reply.headers({ etag: kept.etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' })
  const known = (request.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  if (known.includes(kept.etag)) return reply.code(304).send()
  return reply.type(kept.contentType).send(kept.bytes)
}

/** Makes something at the first call; when that fails, the next call tries again. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
