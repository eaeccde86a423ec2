/** `/device`: a signed-in person enters the code that a device shows, is told who asks for what, and decides (RFC 8628 §3.3). */
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { decideDevice, waitingDevice } from '../../oauth/devices.ts'
import { formToken, type SignedIn } from '../../oauth/sessions.ts'
import type { Services } from '../operation.ts'
import { stalePage } from './authorize.ts'
import { browserOf, ownForm, sendPage, sendTo } from './browser.ts'
import { consentPage, userCodePage } from './consent-page.ts'
import { bannedPage, noticePage } from './sign-in-page.ts'

const WRONG = 'No device waits with this code. Look at the device again: codes work for ten minutes.'
const NOTE =
  'Go on only if you see this code on a device in front of you. Whoever sent you a code or a link would get what you allow here.'

/** Asks for the code, or goes on with the one in the address. */
export function showDevicePage(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const search = new URLSearchParams((request.raw.url ?? '').split('?').slice(1).join('?'))
    const userCode = (search.get('user_code') ?? '').slice(0, 40)
    const { sessionId, person } = await browserOf(request, reply, services)
    if (person === undefined) {
      const target = userCode === '' ? '/device' : `/device?user_code=${encodeURIComponent(userCode)}`
      return sendTo(reply, `/signin?return=${encodeURIComponent(target)}`)
    }
    const token = formToken(sessionId)
    if (userCode === '') return sendPage(reply, 200, userCodePage(person, token))
    return answerCode(request, reply, services, { userCode, person, token, decision: 'look' })
  }
}

/** Takes the code, then the decision. */
export function decideDevicePage(services: Services): RouteHandlerMethod {
  return async (request, reply) => {
    const form = ownForm(request, services)
    if (form === undefined) return stalePage(reply)
    const { sessionId, person } = await browserOf(request, reply, services)
    if (person === undefined) return stalePage(reply)
    const [userCode, decision] = [form.get('user_code') ?? '', form.get('decision') ?? 'look']
    const token = formToken(sessionId)
    return answerCode(request, reply, services, { userCode, person, token, decision })
  }
}

async function answerCode(
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
  given: {
    readonly userCode: string
    readonly person: SignedIn
    readonly token: string
    readonly decision: string
  },
): Promise<FastifyReply> {
  const { userCode, person, token, decision } = given
  const { attempts } = services.access
  const [account, now] = [`device ${person.personId}`, services.now()]
  const waitSeconds = attempts.begin(account, request.ip, now)
  if (waitSeconds > 0) {
    services.access.countSignIn('device', 'banned')
    return sendPage(reply.header('retry-after', String(waitSeconds)), 429, bannedPage(waitSeconds))
  }
  const device = await waitingDevice(services.db, { userCode, orgId: person.orgId }, now)
  if (device === undefined) {
    services.access.countSignIn('device', 'refused')
    return sendPage(reply, 400, userCodePage(person, token, WRONG))
  }
  attempts.succeeded(account, request.ip)
  const { client, scopes } = device
  if (decision !== 'allow' && decision !== 'deny') {
    const page = consentPage({
      ...{ client, scopes, person, token },
      action: '/device',
      fields: [['user_code', userCode]],
      target: `/device?user_code=${encodeURIComponent(userCode)}`,
      note: NOTE,
    })
    return sendPage(reply, 200, page)
  }
  const isAllowed = decision === 'allow'
  if (isAllowed)
    await services.recordings.audit.add([
      {
        actor: {
          orgId: person.orgId,
          personId: person.personId,
          as: 'user',
          trackingId: request.exchange.trackingId,
        },
        action: 'app.authorized',
        detail: { clientId: client.id, clientName: client.name, scopes: scopes.join(' '), by: 'device' },
      },
    ])
  const decided = await decideDevice(services.db, device, { personId: person.personId, isAllowed, now })
  if (!decided) return sendPage(reply, 400, userCodePage(person, token, WRONG))
  const sentence = isAllowed ? 'The device is connected; you may close this page.' : 'The device was refused.'
  return sendPage(reply, 200, noticePage(isAllowed ? 'Connected' : 'Refused', sentence))
}
