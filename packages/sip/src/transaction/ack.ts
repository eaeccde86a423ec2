/**
 * The two requests that a client INVITE transaction brings forth on its own path: the ACK of a rejection
 * (RFC 3261 §17.1.1.3) and the CANCEL (RFC 3261 §9.1).
 *
 * Both repeat the top Via of the INVITE with its branch, so that every hop can match them.
 */
import { assert } from '@tandem/base'
import { Headers } from '../message/headers.ts'
import { NO_BODY, type SipRequest, type SipResponse } from '../message/message.ts'

/** The ACK of a response of 300 or above; it belongs to the transaction of the INVITE. */
export function ackFor(invite: SipRequest, response: SipResponse): SipRequest {
  const to = response.headers.get('To') ?? invite.headers.get('To')
  return follower(invite, 'ACK', to)
}

/** The CANCEL of an INVITE; a transaction of its own under the branch of the INVITE. */
export function cancelFor(invite: SipRequest): SipRequest {
  return follower(invite, 'CANCEL', invite.headers.get('To'))
}

function follower(invite: SipRequest, method: 'ACK' | 'CANCEL', to: string | undefined): SipRequest {
  assert(invite.method === 'INVITE', 'only an INVITE has an ACK and a CANCEL')
  const source = invite.headers
  const headers = new Headers()
  for (const name of ['Via', 'From', 'Call-ID'] as const) {
    const value = source.get(name)
    if (value !== undefined) headers.append(name, value)
  }
  if (to !== undefined) headers.append('To', to)
  const number = Number.parseInt(source.get('CSeq') ?? '', 10)
  assert(Number.isSafeInteger(number), 'our own INVITE has a CSeq')
  headers.append('CSeq', `${number} ${method}`).append('Max-Forwards', '70')
  for (const route of source.all('Route')) headers.append('Route', route)
  return { kind: 'request', method, uri: invite.uri, headers, body: NO_BODY }
}
