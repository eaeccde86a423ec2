/**
 * `/signin/provider` and its callback: to the external OpenID Connect provider and back. What must come back is kept in a
 * cookie of its own for ten minutes, so that an answer counts only in the browser that asked. Whatever goes wrong is one
 * sentence on the sign-in page, where the password goes on working.
 */
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { type Provider, type ProviderFlow, ProviderRefusal } from '../../oauth/provider.ts'
import { formToken } from '../../oauth/sessions.ts'
import type { Services } from '../operation.ts'
import { browserOf, cookieOf, localTarget, sendPage, sendTo, setCookie } from './browser.ts'
import { enter } from './sign-in.ts'
import { noticePage, signInPage } from './sign-in-page.ts'

const COOKIE = 'provider'
const FLOW_SECONDS = 600

/** Sends the browser to the provider. */
export function startProviderSignIn(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const { provider } = services.access
    if (provider === undefined) return noProvider(reply)
    const search = new URLSearchParams((request.raw.url ?? '').split('?').slice(1).join('?'))
    const target = localTarget(search.get('return'))
    try {
      const { url, flow } = await provider.begin(callbackUrl(services))
      const kept = Buffer.from(JSON.stringify({ ...flow, target })).toString('base64url')
      setCookie(reply, services, COOKIE, kept, FLOW_SECONDS)
      return sendTo(reply, url)
    } catch (error) {
      return refuse(error, request, reply, { services, provider, target })
    }
  }
}

/** Takes the provider's answer. */
export function finishProviderSignIn(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const { provider } = services.access
    if (provider === undefined) return noProvider(reply)
    const flow = keptFlow(request, services)
    setCookie(reply, services, COOKIE, '', 0)
    try {
      if (flow === undefined) throw new ProviderRefusal('This sign-in was not begun here, or too long ago.')
      const search = (request.raw.url ?? '').split('?').slice(1).join('?')
      const email = await provider.finish(`${callbackUrl(services)}?${search}`, flow)
      const person = await provider.person(services.db, email)
      return await enter(request, reply, services, { person, how: 'provider', target: flow.target })
    } catch (error) {
      return refuse(error, request, reply, { services, provider, target: flow?.target })
    }
  }
}

async function refuse(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  at: { readonly services: Services; readonly provider: Provider; readonly target: string | undefined },
): Promise<FastifyReply> {
  if (!(error instanceof ProviderRefusal)) throw error
  const { services, provider, target } = at
  services.access.countSignIn('provider', 'refused')
  const { sessionId } = await browserOf(request, reply, services)
  const page = signInPage({
    token: formToken(sessionId),
    target,
    fault: error.message,
    provider: provider.name,
  })
  return sendPage(reply, 403, page)
}

function noProvider(reply: FastifyReply): FastifyReply {
  return sendPage(
    reply,
    404,
    noticePage('Nothing here', 'This server has no other way to sign in than a password.'),
  )
}

function callbackUrl(services: Services): string {
  return `${services.publicUrl}/signin/provider/callback`
}

function keptFlow(
  request: FastifyRequest,
  services: Services,
): (ProviderFlow & { readonly target: string | undefined }) | undefined {
  const kept = cookieOf(request, services, COOKIE)
  if (kept === undefined || kept === '') return undefined
  try {
    const read: unknown = JSON.parse(Buffer.from(kept, 'base64url').toString('utf8'))
    if (typeof read !== 'object' || read === null) return undefined
    const { state, nonce, verifier, target } = read as Record<string, unknown> // Any object may be looked at so.
    if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string')
      return undefined
    return { state, nonce, verifier, target: localTarget(typeof target === 'string' ? target : undefined) }
  } catch {
    return undefined // A cookie that somebody has changed is none.
  }
}
