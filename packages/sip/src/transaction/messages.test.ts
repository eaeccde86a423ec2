/** Requests and responses for the tests beside this file. */
import { Headers } from '../message/headers.ts'
import { NO_BODY, type SipRequest, type SipResponse } from '../message/message.ts'

/** A request as a client transaction gets it: with its Via. */
export function requestOf(method: string): SipRequest {
  const headers = new Headers([
    ['Via', 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1'],
    ['Route', '<sip:edge.example.test;lr>'],
    ['From', '<sip:ada@example.test>;tag=a'],
    ['To', '<sip:bob@example.test>'],
    ['Call-ID', 'c1'],
    ['CSeq', `7 ${method}`],
  ])
  return { kind: 'request', method, uri: 'sip:bob@example.test', headers, body: NO_BODY }
}

/** A response with a To tag. */
export function responseOf(status: number, method = 'INVITE'): SipResponse {
  const headers = new Headers([
    ['To', '<sip:bob@example.test>;tag=b'],
    ['CSeq', `7 ${method}`],
  ])
  return { kind: 'response', status, reason: '', headers, body: NO_BODY }
}
