/**
 * Health: no token, no personal data. Liveness and readiness are on the port of the API, for load balancers, and on the
 * management port, which alone has the metrics (decision 0022).
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GaugeReading } from '../../observe/metrics.ts'

/** A part of the server that does not work just now. */
export interface NotReady {
  readonly part: 'database' | 'calls' | 'disk' | 'vault'
  /** One of a few fixed texts: nothing of paths, hosts or errors. */
  readonly why: string
}

/** What a health check can ask; every answer is at hand, nothing is looked up for it. */
export interface Health {
  /** `ready` takes work; anything else says why not. */
  state(): 'starting' | 'ready' | 'draining' | 'failed'
  /** What does not work; nothing when absent. */
  notReady?(): readonly NotReady[]
  gauges(): Promise<readonly GaugeReading[]>
}

/** A health check's answer. */
export interface HealthAnswer {
  readonly code: 200 | 503
  readonly body: string
}

/** Media type of both checks. */
export const HEALTH_TYPE = 'application/json;charset=UTF-8'
/** `GET /healthz`: the process lives and answers. */
export const ALIVE: HealthAnswer = { code: 200, body: '{"status":"ok"}' }

/** `GET /readyz`: 200 while the server takes work, else 503 with what does not work. */
export function readiness(health: Health): HealthAnswer {
  const state = health.state()
  const notReady = health.notReady?.() ?? []
  const status = state === 'ready' && notReady.length > 0 ? 'failing' : state
  const body = JSON.stringify({ status, ...(notReady.length === 0 ? {} : { notReady }) })
  return { code: status === 'ready' ? 200 : 503, body }
}

/** `GET /healthz` on the port of the API. */
export async function serveLiveness(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return reply.type(HEALTH_TYPE).send(ALIVE.body)
}

/** `GET /readyz` on the port of the API. */
export function serveReadiness(health: Health) {
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { code, body } = readiness(health)
    return reply.code(code).type(HEALTH_TYPE).send(body)
  }
}
