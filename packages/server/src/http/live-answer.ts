/**
 * Answers that go on, such as streams of events. There may be thousands at a time, so each keeps what Node itself needs for
 * a connection and no more: the head is written past Fastify, whose request and reply are then let go of.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Exchange } from './exchange.ts'
import type { LiveAnswer } from './operation.ts'

/** How a request was answered. */
export interface Answered {
  readonly status: number
  readonly ms: number
}

/** Counts an answer. */
export type Tell = (exchange: Exchange, answered: Answered) => void

/** The listener by which Fastify notices the end of an answer, and which holds all of its objects. */
const FASTIFY_LISTENER = 'onResFinished'

/** Writes the head, lets the answer flow, and tells when the connection has closed, whoever closed it. */
export function goLive(
  request: FastifyRequest,
  reply: FastifyReply,
  live: LiveAnswer,
  tell: Tell,
): FastifyReply {
  const { raw } = reply
  const { exchange } = request
  const startedAt = performance.now() - reply.elapsedTime
  const headers = {
    ...reply.getHeaders(),
    'content-type': live.contentType,
    'x-content-type-options': 'nosniff',
  }
  reply.hijack()
  exchange.isLive = true
  // A stream is counted by the hub; the rest was for the way here.
  exchange.visit?.leave()
  raw.removeAllListeners('close') // That which leaves the gate, and holds all that was known of the request.
  for (const event of ['finish', 'error'] as const)
    for (const listener of raw.listeners(event))
      if (listener.name === FASTIFY_LISTENER) raw.off(event, listener as () => void) // It takes an error or nothing.
  const status = reply.statusCode
  const { trackingId, operation, span } = exchange
  const known = { trackingId, ...(operation && { operation }), ...(span && { span }) }
  raw.once('close', toldAtEnd(known, status, startedAt, tell))
  if (!raw.destroyed) raw.writeHead(status, headers as Record<string, string>) // Ours are all texts.
  live.flowInto(raw)
  return reply
}

/** A function of its own, so that it holds nothing but what it uses. */
function toldAtEnd(exchange: Exchange, status: number, startedAt: number, tell: Tell): () => void {
  return () => tell(exchange, { status, ms: performance.now() - startedAt })
}
