/**
 * The set-up link: GET asks, POST uses it up and shows the first administrator token (once). Looking at the page does
 * not use the link, so that a chat program's preview cannot burn it.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { administrators, setupLinkWorks, useSetupLink } from '../../tokens/setup-link.ts'
import { Failure, invalid } from '../failure.ts'
import type { Services } from '../operation.ts'
import { PAGE_HEADERS } from '../pages/html-page.ts'
import { askPage, tokenPage } from './setup-page.ts'

/** `GET /setup/{secret}`. */
export async function showSetup(
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
): Promise<FastifyReply> {
  await workingSecret(request, services)
  return reply.headers(PAGE_HEADERS).send(askPage(await administrators(services.db)))
}

/** `POST /setup/{secret}` with the form's `person`. */
export async function completeSetup(
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
): Promise<FastifyReply> {
  const secret = await workingSecret(request, services)
  const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
  const personId = form.get('person') ?? ''
  const known = (await administrators(services.db)).some((person) => person.id === personId)
  if (!known) throw invalid('person', 'must be an administrator of the directory')
  const made = await useSetupLink(services.db, { secret, personId, now: services.now() })
  if (made === undefined) throw new Failure('setup_link_used')
  return reply.headers(PAGE_HEADERS).send(tokenPage(made.token, services.publicUrl))
}

async function workingSecret(request: FastifyRequest, services: Services): Promise<string> {
  const secret = request.exchange.params?.['secret'] ?? ''
  if (!(await setupLinkWorks(services.db, secret, services.now()))) throw new Failure('setup_link_used')
  return secret
}
