/** Health checks and metrics: no token, no personal data. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Counters } from '../../observe/counters.ts'
import { type GaugeReading, renderMetrics } from '../../observe/metrics.ts'

/** What a health check can ask. */
export interface Health {
  /** `ready` takes work; anything else says why not. */
  state(): 'starting' | 'ready' | 'draining' | 'failed'
  gauges(): Promise<readonly GaugeReading[]>
}

/** `GET /healthz`: the process lives and answers. */
export async function serveLiveness(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return reply.type('application/json;charset=UTF-8').send('{"status":"ok"}')
}

/** `GET /readyz`: 200 while the server takes work, 503 else. */
export function serveReadiness(health: Health) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const status = health.state()
    return reply
      .code(status === 'ready' ? 200 : 503)
      .type('application/json;charset=UTF-8')
      .send(JSON.stringify({ status }))
  }
}

/** `GET /metrics`. */
export function serveMetrics(health: Health, counters: Counters) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { contentType, text } = await renderMetrics(counters, await health.gauges())
    return reply.type(contentType).send(text)
  }
}
