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
  TANDEM_PATH,
  type TokenOperationId,
} from '@tandem/contract'
import type { FastifyRequest } from 'fastify'
import type { ServerDatabase } from '../data/open-data.ts'
import { authenticate } from '../tokens/tokens.ts'
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

/** Lets a request in or throws the `Failure` that it earns. */
export async function admit(
  request: FastifyRequest,
  services: { readonly db: ServerDatabase; now(): number },
): Promise<void> {
  const { exchange } = request
  const path = (request.raw.url ?? '/').split('?', 1)[0] ?? '/'
  const match = matchRoute(request.method, path)
  const route: Route | undefined = match.kind === 'operation' ? ROUTES[match.operation] : undefined
  const needsToken = route === undefined ? isApi(path) : route.access === 'token'
  if (needsToken) exchange.caller = await callerOf(request, services)
  if (match.kind === 'unknown') throw new Failure('not_found')
  if (match.kind === 'method') {
    const allow = match.allow.join(', ')
    throw new Failure('method_not_allowed', `This path offers ${allow}`, { allow })
  }
  if (route?.access === 'local' && !isLocal(request)) throw new Failure('not_found')
  if (exchange.caller !== undefined) checkScope(match.operation as TokenOperationId, exchange.caller) // It needs a token.
  exchange.operation = match.operation
  exchange.params = match.params
}

/** Whether a path, known or not, lies where everything needs a token. */
function isApi(path: string): boolean {
  return [BASE_PATH, TANDEM_PATH].some((base) => path === base || path.startsWith(`${base}/`))
}

async function callerOf(
  request: FastifyRequest,
  services: { readonly db: ServerDatabase; now(): number },
): Promise<Caller> {
  const match = /^Bearer +([^\s,]+)$/i.exec(request.headers.authorization ?? '')
  const caller =
    match === null ? undefined : await authenticate(services.db, match[1] as string, services.now())
  if (caller === undefined)
    throw new Failure('unauthorized', undefined, { 'www-authenticate': 'Bearer realm="tandem"' })
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

/** From this machine itself, and not by way of a proxy on it. */
function isLocal(request: FastifyRequest): boolean {
  const { headers } = request
  const proxied = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].some(
    (name) => headers[name] !== undefined,
  )
  return !proxied && /^(127\.|::1$|::ffff:127\.)/.test(request.socket.remoteAddress ?? '')
}
