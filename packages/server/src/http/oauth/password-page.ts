/** `/password/{secret}`: the page behind a one-time link with which a person sets a password. Looking does not use it up. */
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { linkedPerson, passwordFault, setPassword, useLink } from '../../oauth/passwords.ts'
import type { Services } from '../operation.ts'
import { sendPage } from './browser.ts'
import { newPasswordPage, noticePage } from './sign-in-page.ts'

/** Asks for the password. */
export function showPasswordPage(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const person = await linkedPerson(services.db, secretOf(request), services.now())
    return person === undefined ? gonePage(reply) : sendPage(reply, 200, newPasswordPage(person.email))
  }
}

/** Sets the password and uses the link up. */
export function completePassword(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const [secret, now] = [secretOf(request), services.now()]
    const person = await linkedPerson(services.db, secret, now)
    if (person === undefined) return gonePage(reply)
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
    const password = form.get('password') ?? ''
    const fault = passwordFault(password, person.email)
    if (fault !== undefined)
      return sendPage(reply, 400, newPasswordPage(person.email, `The password ${fault}.`))
    if (form.get('again') !== password)
      return sendPage(reply, 400, newPasswordPage(person.email, 'The two passwords are not the same.'))
    if (!(await useLink(services.db, secret, now))) return gonePage(reply)
    const { orgId, personId } = person
    await services.recordings.audit.add([
      {
        actor: { orgId, personId, as: 'user', trackingId: request.exchange.trackingId },
        action: 'password.set',
        detail: { by: 'link' },
      },
    ])
    await setPassword(services.db, services.access.hasher, { orgId, personId, password, now })
    const rest = '<p><a href="/signin">Sign in</a></p>'
    return sendPage(reply, 200, noticePage('Your password is set', 'You can sign in with it now.', rest))
  }
}

function gonePage(reply: FastifyReply): FastifyReply {
  return sendPage(
    reply,
    410,
    noticePage(
      'This link no longer works',
      'It was used, is too old or was replaced by a newer one: ask for another.',
    ),
  )
}

function secretOf(request: FastifyRequest): string {
  return request.exchange.params?.['secret'] ?? ''
}
