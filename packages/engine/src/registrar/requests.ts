/** Requests outside of calls: REGISTER and SUBSCRIBE of a device that logs in, OPTIONS, and a refusal for everything else. */
import type { Flow, ServerTransactionId, SipRequest } from '@tandem/sip'
import { parseNameAddr } from '@tandem/sip'
import { ALLOW } from '../feature/in-call.ts'
import type { Core } from '../session/core.ts'
import type { LoggedIn } from './login.ts'

/** What people dial to listen to their messages, and some phones subscribe to. */
const MAILBOX_CODE = '*86'

/** Methods that exist but are not served here: 405 rather than 501 (RFC 3261 §21.4.6, §21.5.2). */
const KNOWN_METHODS = ['NOTIFY', 'PUBLISH', 'MESSAGE', 'REFER', 'PRACK', 'INFO', 'UPDATE', 'BYE']

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
  if (request.method !== 'REGISTER' && request.method !== 'SUBSCRIBE') {
    respond(KNOWN_METHODS.includes(request.method) ? 405 : 501, [['Allow', ALLOW]])
    return
  }

  const login = core.login.check(core, request, flow)
  if (login.kind === 'refused') {
    respond(login.status, login.headers)
    return
  }
  if (request.method === 'SUBSCRIBE') {
    if (isOwnMailbox(login, request)) core.messageWaiting.subscribed(core, heard, login)
    else respond(403)
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

/** A phone may ask about its own line: by its user, extension or number, or by the code that opens the mailbox. */
function isOwnMailbox(login: LoggedIn, request: SipRequest): boolean {
  const uri = parseNameAddr(request.headers.get('To') ?? '')?.uri
  if (uri?.kind !== 'sip' || uri.user === undefined) return false
  const { device, line } = login
  return [device.sipUser, line.extension, ...line.numbers, MAILBOX_CODE].includes(uri.user)
}

function capabilities(): [string, string][] {
  return [
    ['Allow', ALLOW],
    ['Accept', 'application/sdp'],
    ['Accept-Encoding', 'identity'],
    ['Accept-Language', 'en'],
  ]
}
