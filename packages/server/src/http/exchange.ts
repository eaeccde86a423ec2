/**
 * The first look at every request, before its body is read: tracking id, path, token, scope, in the contract's order
 * (README §4). What passes here has a caller that may at least ask.
 */
import { randomUUID } from 'node:crypto'
import {
  ANY_TOKEN,
  BASE_PATH,
  type Caller,
  grantsOf,
  matchRoute,
  type OperationId,
  RIGHTS,
  ROUTES,
  type Route,
  type RouteMatch,
  TANDEM_PATH,
  type TokenOperationId,
} from '@tandem/contract'
import type { FastifyRequest } from 'fastify'
import { type Family, familyOf } from '../limits/family.ts'
import type { Gate, Visit } from '../limits/gate.ts'
import { sourceOf } from '../limits/source.ts'
import type { Access } from '../oauth/access.ts'
import type { RequestSpan } from '../observe/request-tracer.ts'
import { isTokenText } from '../tokens/token-text.ts'
import type { Arrival } from './arrival.ts'
import { Failure } from './failure.ts'

/** Longest tracking id of a client that is echoed; wxc_sdk sends 43 characters. */
const TRACKING_CHARS_MAX = 128

/** What is known of a request before its body is read. */
export interface Exchange {
  readonly trackingId: string
  operation?: OperationId
  params?: Readonly<Record<string, string>>
  caller?: Caller
  /** How long the body may take. */
  arrival?: Arrival
  /** Its answer goes on, and is counted when the connection closes. */
  isLive?: true
  /** While a collector of traces is configured. */
  span?: RequestSpan
  /** Its place among the requests in progress, where there are limits. */
  visit?: Visit
}

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange
  }
}

/** The client's tracking id when it is plain text of sensible length, else a new one. */
export function trackingIdOf(header: unknown): string {
  const given =
    typeof header === 'string' && header.length <= TRACKING_CHARS_MAX && /^[\x21-\x7e]+$/.test(header)
  return given ? header : `ROUTER_${randomUUID().toUpperCase()}`
}

/** Lets a request in or throws the `Failure` that it earns. Without a gate nothing is limited. */
export async function admit(
  request: FastifyRequest,
  services: { readonly access: Access; now(): number },
  gate?: Gate,
): Promise<void> {
  const { exchange } = request
  const path = (request.raw.url ?? '/').split('?', 1)[0] ?? '/'
  const match = matchRoute(request.method, path)
  const route: Route | undefined = match.kind === 'operation' ? ROUTES[match.operation] : undefined
  const needsToken = route === undefined ? isApi(path) : route.access === 'token'
  const family = match.kind === 'operation' ? familyOf(match.operation) : 'own'
  if (gate !== undefined && family !== undefined) await enter(gate, request, { needsToken, family, match })
  if (needsToken) exchange.caller = await callerOf(request, services)
  await exchange.visit?.authenticated(true)
  if (match.kind === 'unknown') throw new Failure('not_found')
  if (match.kind === 'method') {
    const allow = match.allow.join(', ')
    throw new Failure('method_not_allowed', `This path offers ${allow}`, { allow })
  }
  if (exchange.caller !== undefined) checkScope(match.operation as TokenOperationId, exchange.caller) // It needs a token.
  exchange.operation = match.operation
  exchange.params = match.params
}

/** Before authentication: a request without a well-formed token costs no more than its 401. */
async function enter(
  gate: Gate,
  request: FastifyRequest,
  of: { readonly needsToken: boolean; readonly family: Family; readonly match: RouteMatch },
): Promise<void> {
  const token = of.needsToken ? tokenOf(request) : undefined
  if (of.needsToken && (token === undefined || !isTokenText(token))) return
  request.exchange.visit = await gate.enter({
    ...(token === undefined ? {} : { token }),
    source: sourceOf(request.ip),
    connection: request.raw.socket,
    what: `${request.method} ${request.raw.url}`,
    family: of.family,
    isStream: of.match.kind === 'operation' && of.match.operation === 'streamEvents',
  })
}

/** The token of the `Authorization` header, the only place where one is looked for. */
function tokenOf(request: FastifyRequest): string | undefined {
  return /^Bearer +([^\s,]+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** Whether a path, known or not, lies where everything needs a token. */
function isApi(path: string): boolean {
  return [BASE_PATH, TANDEM_PATH].some((base) => path === base || path.startsWith(`${base}/`))
}

async function callerOf(
  request: FastifyRequest,
  services: { readonly access: Access; now(): number },
): Promise<Caller> {
  const token = tokenOf(request)
  const caller =
    token === undefined ? undefined : await services.access.callers.authenticate(token, services.now())
  if (caller === undefined) {
    await request.exchange.visit?.authenticated(false)
    throw new Failure('unauthorized', undefined, { 'www-authenticate': 'Bearer realm="tandem"' })
  }
  return caller
}

function checkScope(operation: TokenOperationId, caller: Caller): void {
  if (grantsOf(operation, caller).length > 0 || ANY_TOKEN.includes(operation)) return
  const scopes = (RIGHTS[operation] ?? []).map((grant) => grant.scope).join(' or ')
  const wide = [...caller.scopes].some((scope) => /^spark-(admin|compliance):recordings_read$/.test(scope))
  const elsewhere =
    operation === 'listConvergedRecordings' && wide
      ? '; the recordings of an organisation are at /admin/convergedRecordings'
      : ''
  throw new Failure(
    'scope_missing',
    `This operation needs the scope ${scopes}, held by a person with its role${elsewhere}`,
  )
}
