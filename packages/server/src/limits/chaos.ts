/**
 * Trouble on request, for people who test their clients: the setting `chaos`, such as
 * `429=0.05,500=0.01,latency=200ms,reset=0.01,seed=7`, gives that share of the answers of the API as failures, holds each
 * back, or cuts connections. Requests are refused *before* they are carried out, so that a retry is always safe. The same
 * seed gives the same sequence of trouble to the same sequence of requests.
 *
 * Never touched are sign-in, health, metrics and pages; whatever is touched says so in the header `x-tandem-chaos`.
 */
import type { ErrorName } from '@tandem/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../http/failure.ts'
import { StartFailure } from '../start-failure.ts'
import { familyOf } from './family.ts'

/** What is asked for. Shares are from 0 to 1. */
export interface ChaosPlan {
  /** Share of answers with this status. */
  readonly failures: ReadonlyMap<number, number>
  /** Share of connections that are cut without an answer. */
  readonly reset: number
  readonly latencyMs: number
  readonly seed: number
}

/** Marks what was simulated, for whoever reads a log of a client. */
export const CHAOS_HEADER = 'x-tandem-chaos'
/** Longest hold-up that makes sense: clients give up at a minute or before. */
const LATENCY_MS_MAX = 60_000
/** Simulated refusals of the limit say the least time that there is. */
const RETRY_SECONDS = 1

const STATUSES: ReadonlyMap<number, ErrorName> = new Map<number, ErrorName>([
  [429, 'too_many_requests'],
  [500, 'internal'],
  [503, 'overloaded'],
  [504, 'calls_timeout'],
])

/** Reads the setting; nothing when it is empty. Throws `StartFailure` with one sentence. */
export function readChaos(setting: string): ChaosPlan | undefined {
  if (setting.trim() === '') return undefined
  const failures = new Map<number, number>()
  let [reset, latencyMs, seed] = [0, 0, 1]
  for (const part of setting.split(',')) {
    const [name = '', value = ''] = part.split('=', 2).map((piece) => piece.trim())
    if (name === 'latency') latencyMs = milliseconds(value)
    else if (name === 'seed') seed = wholeNumber(value)
    else if (name === 'reset') reset = share(name, value)
    else if (STATUSES.has(Number(name))) failures.set(Number(name), share(name, value))
    else
      throw new StartFailure(
        `The setting chaos names ${name.slice(0, 40) || 'nothing'}, which is none of ${[...STATUSES.keys()].join(', ')}, latency, reset, seed.`,
      )
  }
  const sum = [...failures.values(), reset].reduce((total, one) => total + one, 0)
  if (sum > 1) throw new StartFailure('The shares of the setting chaos come to more than 1.')
  return { failures, reset, latencyMs, seed }
}

function share(name: string, value: string): number {
  const number = /^(0|1|0?\.\d{1,9}|1\.0+)$/.test(value) ? Number(value) : Number.NaN
  if (number >= 0 && number <= 1) return number
  throw new StartFailure(`The setting chaos must say of ${name} a share from 0 to 1, such as ${name}=0.05.`)
}

function milliseconds(value: string): number {
  const ms = Number(/^(\d{1,6})ms$/.exec(value)?.[1] ?? Number.NaN)
  if (ms <= LATENCY_MS_MAX) return ms
  throw new StartFailure(
    `The setting chaos must say latency in milliseconds up to ${LATENCY_MS_MAX}, such as latency=200ms.`,
  )
}

function wholeNumber(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw new StartFailure('The setting chaos must say seed as a whole number, such as seed=7.')
}

/** What one request gets. */
export type Trouble =
  | { readonly kind: 'none' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'failure'; readonly status: number }

/** The trouble of one server. */
export class Chaos {
  readonly #plan: ChaosPlan
  readonly #wait: (ms: number) => Promise<void>
  #state: number

  constructor(plan: ChaosPlan, wait: (ms: number) => Promise<void>) {
    this.#plan = plan
    this.#wait = wait
    this.#state = plan.seed >>> 0
  }

  /** Draws for the next request. */
  draw(): Trouble {
    let at = this.#random()
    if (at < this.#plan.reset) return { kind: 'reset' }
    at -= this.#plan.reset
    for (const [status, portion] of this.#plan.failures) {
      if (at < portion) return { kind: 'failure', status }
      at -= portion
    }
    return { kind: 'none' }
  }

  /** Does to an admitted request what is drawn for it: waits, cuts, throws a `Failure`, or nothing. */
  async strike(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const family = familyOf(request.exchange.operation)
    if (request.exchange.caller === undefined && family !== 'downloads') return
    if (family === 'oauth' || family === undefined) return
    const trouble = this.draw()
    const { latencyMs } = this.#plan
    const marks = latencyMs === 0 ? [] : [`latency=${latencyMs}ms`]
    if (trouble.kind === 'failure') marks.push(String(trouble.status))
    if (marks.length > 0) reply.header(CHAOS_HEADER, marks.join(','))
    if (latencyMs > 0) await this.#wait(latencyMs)
    if (trouble.kind === 'reset') cut(request, reply)
    if (trouble.kind === 'failure') throw failureOf(trouble.status)
  }

  /** From 0 to 1, by the generator that is known as mulberry32. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The handler is not run, and the client's next read fails. */
function cut(request: FastifyRequest, reply: FastifyReply): void {
  const { socket } = request.raw
  reply.hijack()
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}

function failureOf(status: number): Failure {
  const error = STATUSES.get(status) ?? 'internal'
  const headers = status === 429 ? { 'retry-after': String(RETRY_SECONDS) } : {}
  return new Failure(error, 'Simulated by the setting chaos of this server', headers)
}
