/**
 * `GET` and `POST /authorize` (contract, auth §2): the person signs in, is told who asks for what, and decides. The form
 * carries the whole request, which is checked anew when it comes back; consent is asked for each time.
 */
import { BASE_PATH } from '@tandem/contract'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { makeCode } from '../../oauth/codes.ts'
import { formTarget } from '../../oauth/redirect-uri.ts'
import { formToken, type SignedIn } from '../../oauth/sessions.ts'
import type { Services } from '../operation.ts'
import { type AuthorizationRequest, answerUrl, readAuthorization } from './authorization-request.ts'
import { browserOf, ownForm, sendPage, sendTo } from './browser.ts'
import { consentPage } from './consent-page.ts'
import { noticePage, signOutForm } from './sign-in-page.ts'

const PATH = `${BASE_PATH}/authorize`

/** Shows the consent page, or the sign-in page first. */
export function authorize(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const search = (request.raw.url ?? '').split('?').slice(1).join('?')
    const read = await readAuthorization(services.db, new URLSearchParams(search))
    if (read.kind === 'page') return refusePage(reply, read.fault)
    if (read.kind === 'redirect') return sendTo(reply, read.location)
    const asked = read.request
    const { sessionId, person } = await browserOf(request, reply, services)
    const target = `${PATH}?${new URLSearchParams(Object.fromEntries(asked.parameters))}`
    if (person === undefined) return sendTo(reply, `/signin?return=${encodeURIComponent(target)}`)
    const token = formToken(sessionId)
    if (person.orgId !== asked.client.orgId) return foreignPage(reply, token, target)
    const note = `If you allow it, you go on to ${new URL(asked.redirectUri).host || asked.redirectUri}.`
    const { client, scopes } = asked
    const html = consentPage({
      ...{ client, scopes, person, token, target, note },
      action: PATH,
      fields: asked.parameters,
    })
    return sendPage(reply, 200, html, { formTarget: formTarget(asked.redirectUri) })
  }
}

/** Takes the decision and sends the browser back to the application. */
export function decideAuthorization(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const form = ownForm(request, services)
    if (form === undefined) return stalePage(reply)
    const read = await readAuthorization(services.db, form)
    if (read.kind === 'page') return refusePage(reply, read.fault)
    if (read.kind === 'redirect') return sendTo(reply, read.location)
    const { sessionId, person } = await browserOf(request, reply, services)
    if (person === undefined) return stalePage(reply)
    if (person.orgId !== read.request.client.orgId) return foreignPage(reply, formToken(sessionId))
    if (form.get('decision') !== 'allow')
      return sendTo(reply, answerUrl(read.request, { error: 'access_denied' }))
    const code = await consent(read.request, person, request, services)
    return sendTo(reply, answerUrl(read.request, { code }))
  }
}

async function consent(
  asked: AuthorizationRequest,
  person: SignedIn,
  request: FastifyRequest,
  services: Services,
): Promise<string> {
  const { client, redirectUri, scopes, challenge } = asked
  const { orgId, personId } = person
  await services.recordings.audit.add([
    {
      actor: { orgId, personId, as: 'user', trackingId: request.exchange.trackingId },
      action: 'app.authorized',
      detail: { clientId: client.id, clientName: client.name, scopes: scopes.join(' ') },
    },
  ])
  return makeCode(services.db, { client, personId, redirectUri, scopes, challenge }, services.now())
}

function refusePage(reply: FastifyReply, fault: string): FastifyReply {
  return sendPage(reply, 400, noticePage('This did not work', fault))
}

/** A form of another browser, of a session that is over, or of a page that is not ours. */
export function stalePage(reply: FastifyReply): FastifyReply {
  return sendPage(
    reply,
    403,
    noticePage(
      'This page is too old',
      'Your session is over, or this form is not from here. Please begin again.',
    ),
  )
}

function foreignPage(reply: FastifyReply, token: string, target?: string): FastifyReply {
  const rest = signOutForm(token, target, 'Use another account')
  return sendPage(
    reply,
    403,
    noticePage('Not for your organisation', 'This application belongs to another organisation.', rest),
  )
}
