/**
 * Requests inside a call that are no offer: DTMF by INFO passes to the other phone, everything else is refused.
 *
 * Nothing of the request but the digit's body and its type goes over, and only of the two types that phones use.
 */
import type { ServerTransactionId, SipRequest } from '@tandem/sip'
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import { referred } from './refer.ts'

/** Methods that a phone may use inside a call, as `Allow` names them. */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, SUBSCRIBE, REGISTER'
/** Largest DTMF body, in bytes: `Signal` and `Duration` lines take under sixty. */
export const DTMF_BODY_BYTES_MAX = 128

const DTMF_TYPES = ['application/dtmf-relay', 'application/dtmf']

/** Answers a request inside the call of `leg`. */
export function requestedInCall(
  core: Core,
  leg: Leg,
  transaction: ServerTransactionId,
  request: SipRequest,
): void {
  const respond = (status: number, headers: [string, string][] = []): void =>
    core.sip(core.endpoint.respond(core.now, transaction, status, { headers }))
  switch (request.method) {
    case 'INFO':
      respond(infoStatus(core, leg, request))
      return
    case 'REFER':
      referred(core, leg, transaction, request)
      return
    case 'NOTIFY':
      respond(489)
      return
    default:
      respond(405, [['Allow', ALLOW]])
      return
  }
}

function infoStatus(core: Core, leg: Leg, request: SipRequest): number {
  if (request.body.length === 0) return 200
  const type = (request.headers.get('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!DTMF_TYPES.includes(type)) return 415
  if (request.body.length > DTMF_BODY_BYTES_MAX) return 413
  const other = leg.half.peer?.leg
  if (leg.half.phase === 'connected' && other?.sip !== undefined) {
    const { outputs } = core.endpoint.requestInCall(core.now, other.sip, {
      method: 'INFO',
      headers: [['Content-Type', type]],
      body: request.body,
    })
    core.sip(outputs)
  }
  return 200
}
