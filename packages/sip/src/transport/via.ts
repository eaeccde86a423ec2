/**
 * What the transport layer does with the top Via: RFC 3261 §18.2.1 and §18.2.2, with `rport` (RFC 3581).
 *
 * `maddr` is not followed: it would let anyone aim our answers at a third party, and only multicast needs it.
 */
import type { SipRequest, SipResponse } from '../message/message.ts'
import { parseVia, printVia } from '../message/via.ts'
import { type Destination, type Flow, isReliable, type TransportName } from './flow.ts'

/** A request of more bytes goes by TCP: RFC 3261 §18.1.1 for a path whose MTU is unknown. */
export const UDP_BYTES_MAX = 1_300

/** The default port of each transport: RFC 3261 §19.1.2, RFC 7118 §5. */
const DEFAULT_PORTS: Readonly<Record<TransportName, number>> = {
  udp: 5060,
  tcp: 5060,
  tls: 5061,
  ws: 80,
  wss: 443,
}

/** The port that holds where a URI or a Via names none. */
export function defaultPort(transport: TransportName): number {
  return DEFAULT_PORTS[transport]
}

/**
 * Writes into the top Via of a request, in place, where the request really came from: `received` when that is not the
 * sent-by host or when `rport` was asked for, and `rport`. False when there is no readable Via.
 */
export function receivedVia(request: SipRequest, flow: Flow): boolean {
  const via = parseVia(request.headers.get('Via') ?? '')
  if (via === undefined) return false
  const wantsPort = via.params.has('rport')
  const params = new Map(via.params)
  params.delete('received') // Whatever the sender claims, only the source counts.
  if (wantsPort) params.set('rport', String(flow.remote.port))
  if (wantsPort || via.host !== flow.remote.host.toLowerCase()) params.set('received', flow.remote.host)
  if (params.has('received') || wantsPort || params.size !== via.params.size)
    request.headers.replaceFirst('Via', printVia({ ...via, params }))
  return true
}

/**
 * Where a response goes, by its top Via as `receivedVia` left it. Over a stream it is the connection that the request
 * came by, and the address only if that is gone; undefined when there is no readable Via.
 */
export function responseDestination(response: SipResponse, flow: Flow): Destination | undefined {
  const via = parseVia(response.headers.get('Via') ?? '')
  if (via === undefined) return undefined
  const { transport } = flow
  const host = via.params.get('received') ?? via.host
  const rport = via.params.get('rport')
  const sentByPort = via.port ?? defaultPort(transport)
  const port = !isReliable(transport) && rport !== undefined && rport !== '' ? Number(rport) : sentByPort
  return { transport, address: { host: withoutBrackets(host), port }, flowId: flow.id }
}

/** `received` may carry an IPv6 address with or without brackets: RFC 3261 §25.1. */
function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** The transport for a request of `sizeBytes`, when the peer takes both: TCP where a datagram might be cut up. */
export function pickTransport(sizeBytes: number): 'udp' | 'tcp' {
  return sizeBytes > UDP_BYTES_MAX ? 'tcp' : 'udp'
}
