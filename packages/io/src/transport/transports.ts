/**
 * The SIP transports of one process: RFC 3261 §18 over UDP and TCP, IPv4 and IPv6, with the connection reuse of
 * RFC 5626 §5.3 by flow id.
 *
 * They carry messages and know nothing of transactions. `send` never throws and never calls back before it has
 * returned: a message that could not be sent comes back through `onFailure`, so that the caller may feed it to a
 * machine as an input of its own.
 */
import type { Logger } from '@tandem/base'
import { type Destination, type Flow, printMessage, type SipMessage } from '@tandem/sip'
import { lastResort } from './last-resort.ts'
import { openTcp, type TcpTransport } from './tcp.ts'
import { openUdp, type UdpTransport } from './udp.ts'

/** Where to listen, or where one listens: port 0 asks for any free one. No brackets around IPv6. */
export interface ListenAddress {
  readonly transport: 'udp' | 'tcp'
  readonly host: string
  readonly port: number
}

/** What happened so far, for metrics. */
export interface TransportCounts {
  /** Messages taken and sent. */
  received: number
  sent: number
  /** Messages that were not SIP, or SIP that cannot be used. */
  malformed: number
  /** Messages that could not be sent. */
  sendFailures: number
  /** Connections refused for a limit, and closed for idleness or bad framing. */
  refusedConnections: number
  closedConnections: number
  /** Messages on which our own handler threw. */
  handlerErrors: number
}

/** What a transport tells and whom. */
export interface TransportOptions {
  readonly listen: readonly ListenAddress[]
  /** One whole message and the flow it came by. What it throws is counted and logged; the process goes on. */
  onMessage(message: SipMessage, flow: Flow): void
  /** A message given to `send` will never arrive, as far as we can know. */
  onFailure(message: SipMessage, destination: Destination): void
  /** A connection is gone. UDP flows never close. */
  onFlowClosed(flow: Flow): void
  readonly logger: Logger
}

/** The open transports. */
export interface SipTransports {
  /** Sends on the flow the destination prefers if it still stands, else to its address. */
  send(destination: Destination, message: SipMessage): void
  /** What is bound, with real port numbers, in the order of `listen`. */
  readonly addresses: readonly ListenAddress[]
  readonly counts: Readonly<TransportCounts>
  /** How many TCP connections stand. */
  readonly connections: number
  /** Closes every socket; messages still queued are dropped in silence. */
  close(): Promise<void>
}

/** What the transports share: the callbacks behind their guard, and the counts. */
export interface Intake {
  readonly counts: TransportCounts
  readonly logger: Logger
  take(message: SipMessage, flow: Flow): void
  /** Reports a failed send, later. */
  fail(message: SipMessage, destination: Destination): void
  closed(flow: Flow): void
}

/** Opens every address of `listen`, or none: the error names the one that failed in a sentence. */
export async function openTransports(options: TransportOptions): Promise<SipTransports> {
  const intake = intakeOf(options)
  const opened: (UdpTransport | TcpTransport)[] = []
  try {
    for (const address of options.listen)
      opened.push(await (address.transport === 'udp' ? openUdp(address, intake) : openTcp(address, intake)))
  } catch (error) {
    await Promise.all(opened.map((transport) => transport.close()))
    throw error
  }
  const udp = opened.filter((transport) => transport.kind === 'udp')
  const tcp = opened.filter((transport) => transport.kind === 'tcp')

  function send(destination: Destination, message: SipMessage): void {
    const bytes = printMessage(message)
    const family = destination.address.host.includes(':') ? 6 : 4
    const flowId = destination.flowId
    const candidates = destination.transport === 'udp' ? udp : destination.transport === 'tcp' ? tcp : []
    const transport =
      (flowId === undefined ? undefined : candidates.find((each) => each.owns(flowId))) ??
      candidates.find((each) => each.family === family)
    if (transport === undefined) intake.fail(message, destination)
    else transport.send(destination, message, bytes)
  }

  return {
    send,
    addresses: opened.map((transport) => transport.address),
    counts: intake.counts,
    get connections() {
      return tcp.reduce((sum, transport) => sum + transport.connections, 0)
    },
    async close() {
      await Promise.all(opened.map((transport) => transport.close()))
    },
  }
}

function intakeOf(options: TransportOptions): Intake {
  const counts: TransportCounts = {
    received: 0,
    sent: 0,
    malformed: 0,
    sendFailures: 0,
    refusedConnections: 0,
    closedConnections: 0,
    handlerErrors: 0,
  }
  const guard = lastResort(options.logger, () => counts.handlerErrors++)
  return {
    counts,
    logger: options.logger,
    take(message, flow) {
      counts.received += 1
      guard('a SIP message', () => options.onMessage(message, flow))
    },
    fail(message, destination) {
      counts.sendFailures += 1
      setImmediate(() => guard('a failed send', () => options.onFailure(message, destination)))
    },
    closed(flow) {
      guard('a closed connection', () => options.onFlowClosed(flow))
    },
  }
}
