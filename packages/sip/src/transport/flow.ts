/**
 * A flow: the path that a message came by or leaves by (RFC 5626 §3). The transports in `io` make them;
 * here they are only compared and answered to.
 */

/** The transports of RFC 3261 §18 and RFC 7118. */
export type TransportName = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

/** An IP address in text without brackets, and a port. Never a host name: those are resolved before. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
}

/** One socket pair. Two flows are the same path when their `id` is the same. */
export interface Flow {
  /** Unique while the process lives; for UDP one per local socket and remote address. */
  readonly id: string
  readonly transport: TransportName
  /** Our bound end. */
  readonly local: SocketAddress
  /** The far end as the packet's source showed it. */
  readonly remote: SocketAddress
}

/** Where a message is to go: on this flow if it still stands, else to the address by the transport. */
export interface Destination {
  readonly transport: TransportName
  readonly address: SocketAddress
  /** The id of a flow to prefer, which for TCP and TLS is the open connection. */
  readonly flowId?: string
}

/** True over TCP, TLS and WebSocket, where nothing is ever sent twice. */
export function isReliable(transport: TransportName): boolean {
  return transport !== 'udp'
}
