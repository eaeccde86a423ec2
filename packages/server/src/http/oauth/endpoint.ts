/** The token endpoints' frame: a form in, JSON out, nothing kept by anybody on the way (RFC 6749 §5.1). */
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { knownClient, type OAuthClient } from '../../oauth/clients.ts'
import { Failure } from '../failure.ts'
import type { Services } from '../operation.ts'
import { mediaType } from '../request-body.ts'
import { badRequest, OAuthFailure, oauthErrorBody } from './oauth-failure.ts'

/** A form whose parameters came once each; empty ones count as absent (RFC 6749 §3.2). */
export type Form = ReadonlyMap<string, string>

/** What an endpoint answers a form with. */
export type EndpointRun = (
  form: Form,
  request: FastifyRequest,
  services: Services,
) => Promise<Readonly<Record<string, unknown>>>

/** Makes the handler of an endpoint. */
export function endpoint(run: EndpointRun): (services: Services) => RouteHandlerMethod {
  return (services) => async (request, reply) => {
    try {
      return answer(reply, 200, await run(formOf(request), request, services))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      reply.headers(error.headers)
      return answer(reply, error.status, oauthErrorBody(error, request.exchange.trackingId))
    }
  }
}

/** Reads a form that must be one. */
export function formOf(request: FastifyRequest): Form {
  const form = new Map<string, string>()
  if (!(request.body instanceof URLSearchParams)) return form
  if (mediaType(request) !== 'application/x-www-form-urlencoded')
    throw new OAuthFailure('unsupported_media_type', 'invalid_request', {
      detail: 'The body must be sent as application/x-www-form-urlencoded',
    })
  for (const [name, value] of request.body) {
    if (form.has(name)) throw badRequest(`${name.slice(0, 40)} is given more than once`)
    if (value !== '') form.set(name, value)
  }
  return form
}

/** A parameter that must be there. */
export function required(form: Form, name: string): string {
  const value = form.get(name)
  if (value === undefined) throw badRequest(`${name} is required`)
  return value
}

/** The client that asks, known by its secret in the form or by HTTP Basic; a public one by its id alone. */
export async function clientOfRequest(
  form: Form,
  request: FastifyRequest,
  services: Services,
): Promise<OAuthClient> {
  const { authorization } = request.headers
  const credentials =
    authorization === undefined
      ? { id: required(form, 'client_id'), secret: form.get('client_secret') }
      : basicCredentials(authorization)
  const isTwofold =
    authorization !== undefined &&
    (form.has('client_secret') || (form.get('client_id') ?? credentials?.id) !== credentials?.id)
  if (isTwofold) throw badRequest('The client is named twice, in the form and in the Authorization header')
  const client = credentials === undefined ? undefined : await knownClient(services.db, credentials)
  if (client === undefined)
    throw new OAuthFailure('client_invalid', 'invalid_client', {
      headers: { 'www-authenticate': 'Basic realm="tandem"' },
    })
  return client
}

/** Id and secret are form-encoded before they are put together (RFC 6749 §2.3.1). */
function basicCredentials(header: string): { id: string; secret: string | undefined } | undefined {
  const match = /^Basic +([A-Za-z0-9+/=_-]{1,2000})$/i.exec(header)
  const text = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  const [id, secret] = [decoded(text.slice(0, colon)), decoded(text.slice(colon + 1))]
  if (id === undefined || secret === undefined) return undefined
  return { id, secret: secret === '' ? undefined : secret }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function answer(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .headers({
      'content-type': 'application/json;charset=UTF-8',
      'cache-control': 'no-store',
      pragma: 'no-cache',
    })
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body)
}
