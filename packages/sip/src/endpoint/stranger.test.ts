/**
 * Somebody who is no endpoint, for the tests beside this file: requests and responses written by hand, and an endpoint
 * that has nobody else to talk to.
 */
import { Headers } from '../message/headers.ts'
import { NO_BODY, type SipMessage, type SipRequest, type SipResponse } from '../message/message.ts'
import { encodeUtf8 } from '../message/utf8.ts'
import { printSdp } from '../sdp/print-sdp.ts'
import { briefMessage, description, Net, type Party } from './network.test.ts'

/** A request from somebody who is no endpoint, complete but for what `fields` replaces. */
export function raw(
  method: string,
  fields: Readonly<Record<string, string | undefined>> = {},
  uri = 'sip:bob@10.0.0.1',
): SipRequest {
  const all: Record<string, string | undefined> = {
    Via: 'SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKx1;rport',
    'Max-Forwards': '70',
    From: '<sip:eve@10.0.0.9>;tag=e1',
    To: '<sip:bob@10.0.0.1>',
    'Call-ID': 'raw1',
    CSeq: `1 ${method}`,
    Contact: '<sip:eve@10.0.0.9>',
    ...fields,
  }
  const headers = new Headers()
  for (const [name, value] of Object.entries(all)) if (value !== undefined) headers.append(name, value)
  return { kind: 'request', method, uri, headers, body: NO_BODY }
}

/** An endpoint, a peer without one that hears what is sent to it, and the messages that it heard. */
export function alone(options: Parameters<Net['party']>[1] = {}): {
  net: Net
  bob: Party
  eve: Party
  heard: SipMessage[]
} {
  const net = new Net()
  const bob = net.party('bob', options)
  const eve = new Net().party('eve')
  const heard: SipMessage[] = []
  const act = bob.act.bind(bob)
  bob.act = (outputs) => {
    for (const output of outputs) if (output.kind === 'transmit') heard.push(output.message)
    act(outputs)
  }
  Object.defineProperty(eve, 'host', { value: '10.0.0.9' })
  return { net, bob, eve, heard }
}

/** The same request with an offer. */
export function offering(request: SipRequest, sdpPort: number): SipRequest {
  const headers = request.headers.clone().append('Content-Type', 'application/sdp')
  const printed: Uint8Array | string = printSdp(description(sdpPort))
  return { ...request, headers, body: typeof printed === 'string' ? encodeUtf8(printed) : printed }
}

/** Messages in short, in order. */
export const inShort = (messages: readonly SipMessage[]): string[] => messages.map(briefMessage)

/** The response of a peer without an endpoint. */
export function replyTo(request: SipMessage, status: number, tag: string, sdpPort?: number): SipResponse {
  const headers = new Headers()
  for (const name of ['Via', 'From', 'Call-ID', 'CSeq']) headers.append(name, request.headers.get(name) ?? '')
  headers.append('To', `${request.headers.get('To')};tag=${tag}`).append('Contact', `<sip:${tag}@10.0.0.9>`)
  if (sdpPort !== undefined) headers.append('Content-Type', 'application/sdp')
  const printed: Uint8Array | string = sdpPort === undefined ? NO_BODY : printSdp(description(sdpPort))
  const body = typeof printed === 'string' ? encodeUtf8(printed) : printed
  return { kind: 'response', status, reason: '', headers, body }
}
