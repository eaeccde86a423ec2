/**
 * Requests inside a call that are no offer: DTMF by INFO passes to the other phone, everything else is refused.
 *
 * Nothing of the request but the digit's body and its type goes over, and only of the two types that phones use.
 */
import type { ServerTransactionId, SipRequest } from '@tandem/sip'
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import { infoReceived } from './digits.ts'
import { referred } from './refer.ts'

/** Methods that a phone may use inside a call, as `Allow` names them. */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, SUBSCRIBE, REGISTER'

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
      respond(infoReceived(core, leg, request))
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
