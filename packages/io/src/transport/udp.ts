/**
 * One UDP socket that carries SIP: RFC 3261 §18, one message a datagram (§18.3).
 *
 * A flow is the socket and the far address. Keep-alives of CRLF or NUL (RFC 5626 §3.5.1) are swallowed. What cannot
 * be parsed is counted and, where its headers allow, answered without any state.
 */
import dgram from 'node:dgram'
import {
  type Destination,
  type Flow,
  parseMessage,
  printMessage,
  type SipMessage,
  type SocketAddress,
} from '@tandem/sip'
import { bindError } from '../start-error.ts'
import { numericLookup } from './numeric-lookup.ts'
import { RefusalBudget, refusalFor } from './refusal.ts'
import type { Intake, ListenAddress } from './transports.ts'

/** Holds 1,000 INVITEs while the thread is busy elsewhere. */
export const UDP_BUFFER_BYTES: number = 1 << 20
/** The most that one IPv4 datagram carries. */
export const UDP_PAYLOAD_BYTES_MAX = 65_507

/** An open UDP socket. */
export interface UdpTransport {
  readonly kind: 'udp'
  readonly family: 4 | 6
  readonly address: ListenAddress
  owns(flowId: string): boolean
  send(destination: Destination, message: SipMessage, bytes: Uint8Array): void
  close(): Promise<void>
}

/** Binds the socket, or throws a `StartError`. */
export async function openUdp(listen: ListenAddress, intake: Intake): Promise<UdpTransport> {
  const family = listen.host.includes(':') ? 6 : 4
  const socket = dgram.createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    lookup: numericLookup,
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(bindError(error, 'SIP over UDP', listen))
    })
    socket.bind({ address: listen.host, port: listen.port, exclusive: true }, resolve)
  })
  socket.removeAllListeners('error')
  socket.on('error', (error) => intake.logger.warn('A UDP socket reported an error', { error: error.name }))
  socket.setRecvBufferSize(UDP_BUFFER_BYTES)
  socket.setSendBufferSize(UDP_BUFFER_BYTES)

  const address: ListenAddress = { ...listen, port: socket.address().port }
  const prefix = `udp:${address.host}:${address.port}:`
  const refusals = new RefusalBudget()
  let isOpen = true

  function flowOf(remote: SocketAddress): Flow {
    const local = { host: address.host, port: address.port }
    return { id: `${prefix}${remote.host}:${remote.port}`, transport: 'udp', local, remote }
  }

  socket.on('message', (bytes, from) => {
    if (isKeepAlive(bytes)) return
    const flow = flowOf({ host: from.address, port: from.port })
    const parsed = parseMessage(bytes)
    if (parsed.kind !== 'failure') {
      intake.take(parsed, flow)
      return
    }
    intake.counts.malformed += 1
    const refusal = refusals.allows() ? refusalFor(parsed, flow) : undefined
    if (refusal !== undefined) {
      socket.send(printMessage(refusal.response), refusal.address.port, refusal.address.host, ignore)
    }
  })

  return {
    kind: 'udp',
    family,
    address,
    owns: (flowId) => flowId.startsWith(prefix),
    send(destination, message, bytes) {
      if (!isOpen) return
      const { host, port } = destination.address
      if (
        bytes.length > UDP_PAYLOAD_BYTES_MAX ||
        port < 1 ||
        port > 65_535 ||
        host.includes(':') !== (family === 6)
      ) {
        intake.fail(message, destination)
        return
      }
      socket.send(bytes, port, host, (error) => {
        if (error === null) intake.counts.sent += 1
        else if (isOpen) intake.fail(message, destination)
      })
    },
    close() {
      if (!isOpen) return Promise.resolve()
      isOpen = false
      return new Promise((resolve) => socket.close(() => resolve()))
    },
  }
}

/** CRLFs and NULs only: what phones and NAT boxes send to hold a pin-hole open. */
function isKeepAlive(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 13 && byte !== 10 && byte !== 0) return false
  return true
}

function ignore(): void {
  // A refusal is sent at best effort: the sender of a broken message has no claim on an answer.
}
