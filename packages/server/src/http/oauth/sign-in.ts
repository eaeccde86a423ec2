/**
 * `/signin` and `/signout`. Wrong, unknown and without a password look and take the same; ten failures in ten minutes ban
 * source and account for fifteen (promise P8). The session's id is a new one after each sign-in.
 */
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { PasswordsBusy } from '../../oauth/argon2.ts'
import { PASSWORD_CHARS_MAX, type PersonKey, peopleWithEmail } from '../../oauth/passwords.ts'
import { beginSession, endSession, formToken, newSessionId } from '../../oauth/sessions.ts'
import { Failure } from '../failure.ts'
import type { Services } from '../operation.ts'
import { stalePage } from './authorize.ts'
import { browserOf, localTarget, ownForm, sendPage, sendTo, sessionIdOf, setSession } from './browser.ts'
import { bannedPage, signedInPage, signInPage } from './sign-in-page.ts'

const WRONG = 'Email or password is not right.'

/** The sign-in page, or who is signed in. */
export function showSignIn(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const search = new URLSearchParams((request.raw.url ?? '').split('?').slice(1).join('?'))
    const target = localTarget(search.get('return'))
    const { sessionId, person } = await browserOf(request, reply, services)
    const token = formToken(sessionId)
    if (person === undefined) {
      const provider = services.access.provider?.name
      return sendPage(reply, 200, signInPage({ token, target, provider }))
    }
    return target === undefined ? sendPage(reply, 200, signedInPage(person, token)) : sendTo(reply, target)
  }
}

/** Takes email and password. */
export function signIn(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const form = ownForm(request, services)
    if (form === undefined) return stalePage(reply)
    const { access } = services
    const email = (form.get('email') ?? '').trim()
    const target = localTarget(form.get('return'))
    const waitSeconds = access.attempts.begin(email, request.ip, services.now())
    if (waitSeconds > 0) {
      access.countSignIn('password', 'banned')
      return sendPage(reply.header('retry-after', String(waitSeconds)), 429, bannedPage(waitSeconds))
    }
    const organization = form.get('organization')?.trim() || undefined
    const found = await check(services, { email, password: form.get('password') ?? '', organization })
    if (found.kind === 'in') {
      access.attempts.succeeded(email, request.ip)
      return enter(request, reply, services, { person: found.person, how: 'password', target })
    }
    const asksOrganization = found.kind === 'ambiguous'
    if (asksOrganization) access.attempts.succeeded(email, request.ip)
    else noteRefused(request, services, found.people)
    const token = formToken(sessionIdOf(request, services) ?? '')
    const fault = asksOrganization ? 'Two organisations have this email: name yours as well.' : WRONG
    const provider = access.provider?.name
    return sendPage(
      reply,
      asksOrganization ? 200 : 401,
      signInPage({ token, target, email, fault, asksOrganization, provider }),
    )
  }
}

/** Ends the browser's session. */
export function signOut(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const form = ownForm(request, services)
    const sessionId = sessionIdOf(request, services)
    if (form === undefined || sessionId === undefined) return stalePage(reply)
    await endSession(services.db, sessionId)
    setSession(reply, services, newSessionId())
    const target = localTarget(form.get('return'))
    return sendTo(reply, target === undefined ? '/signin' : `/signin?return=${encodeURIComponent(target)}`)
  }
}

/** Lets somebody in whose password or provider has been believed. */
export async function enter(
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
  entry: {
    readonly person: PersonKey
    readonly how: 'password' | 'provider'
    readonly target: string | undefined
  },
): Promise<FastifyReply> {
  const { person, how, target } = entry
  const { orgId, personId } = person
  const old = sessionIdOf(request, services)
  if (old !== undefined) await endSession(services.db, old)
  setSession(reply, services, await beginSession(services.db, { orgId, personId }, services.now()))
  services.access.countSignIn(how, 'succeeded')
  await services.recordings.audit.add([
    {
      actor: { orgId, personId, as: 'user', trackingId: request.exchange.trackingId },
      action: 'signin.succeeded',
      detail: { how },
    },
  ])
  return sendTo(reply, target ?? '/signin')
}

type Checked =
  | { readonly kind: 'in'; readonly person: PersonKey }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'refused'; readonly people: readonly PersonKey[] }

/** Nobody with the email costs as much as somebody; each organisation that has the email costs as much again. */
async function check(
  services: Services,
  given: { readonly email: string; readonly password: string; readonly organization: string | undefined },
): Promise<Checked> {
  const { hasher } = services.access
  const people = await peopleWithEmail(services.db, given.email, given.organization)
  const isPossible = [...given.password].length <= PASSWORD_CHARS_MAX
  const password = isPossible ? given.password : ''
  const matches: PersonKey[] = []
  try {
    if (people.length === 0) await hasher.verify(password, undefined)
    for (const person of people)
      if ((await hasher.verify(password, person.hash)) && isPossible) matches.push(person)
  } catch (error) {
    if (error instanceof PasswordsBusy) throw new Failure('overloaded')
    throw error
  }
  const [match, another] = matches
  if (match === undefined) return { kind: 'refused', people }
  return another === undefined ? { kind: 'in', person: match } : { kind: 'ambiguous' }
}

/** Written down without making anybody wait, so that the time tells nothing. */
function noteRefused(request: FastifyRequest, services: Services, people: readonly PersonKey[]): void {
  services.access.countSignIn('password', 'refused')
  for (const { orgId, personId } of people)
    services.recordings.audit.addSoon({
      actor: { orgId, personId, as: 'user', trackingId: request.exchange.trackingId },
      action: 'signin.refused',
      detail: { how: 'password' },
    })
}
