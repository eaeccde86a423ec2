/** Requests outside of calls: REGISTER of a device that logs in, OPTIONS, and a refusal for everything else. */
import type { Flow, ServerTransactionId, SipRequest } from '@tandem/sip'
import { parseNameAddr } from '@tandem/sip'
import { ALLOW } from '../feature/in-call.ts'
import type { Core } from '../session/core.ts'

/** Methods that exist but are not served here: 405 rather than 501 (RFC 3261 §21.4.6, §21.5.2). */
const KNOWN_METHODS = ['SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'MESSAGE', 'REFER', 'PRACK', 'INFO', 'UPDATE', 'BYE']

/** Answers a request outside of any call. */
export function answerRequest(
  core: Core,
  heard: { readonly transaction: ServerTransactionId; readonly request: SipRequest; readonly flow: Flow },
): void {
  const { transaction, request, flow } = heard
  const respond = (status: number, headers: Iterable<readonly [string, string]> = []): void =>
    core.sip(core.endpoint.respond(core.now, transaction, status, { headers }))
  if (request.method === 'OPTIONS') {
    respond(200, capabilities())
    return
  }
  if (request.method !== 'REGISTER') {
    respond(KNOWN_METHODS.includes(request.method) ? 405 : 501, [['Allow', ALLOW]])
    return
  }

  const login = core.login.check(core, request, flow)
  if (login.kind === 'refused') {
    respond(login.status, login.headers)
    return
  }
  const uri = parseNameAddr(request.headers.get('To') ?? '')?.uri
  const isOwn = uri?.kind === 'sip' && uri.user === login.device.sipUser
  if (!isOwn || core.directory.domain(uri.host) !== login.realm) {
    respond(403)
    return
  }
  const place = { orgId: login.device.orgId, deviceId: login.device.id, flow }
  core.registrar.register(core, transaction, request, place)
}

function capabilities(): [string, string][] {
  return [
    ['Allow', ALLOW],
    ['Accept', 'application/sdp'],
    ['Accept-Encoding', 'identity'],
    ['Accept-Language', 'en'],
  ]
}
