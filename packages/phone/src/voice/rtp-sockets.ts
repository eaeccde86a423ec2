/**
 * A pair of UDP sockets for one call: RTP on an even port, RTCP on the odd one above it (RFC 3550 §11).
 *
 * Sending never fails towards the caller: an ICMP error of a peer that is gone is no reason for a phone to stop.
 */
import dgram from 'node:dgram'
import { PhoneError } from '../phone-error.ts'

const ATTEMPTS_MAX = 50 // Pairs to try: the odd port may be somebody else's.
const BUFFER_BYTES = 1 << 18 // Over ten seconds of G.711, for a process that is busy elsewhere.

/** What comes in. The packet is only lent. */
export interface RtpListener {
  rtp(packet: Uint8Array, length: number, host: string, port: number): void
  rtcp(packet: Uint8Array, length: number): void
}

/** Two bound sockets. */
export class RtpSockets {
  readonly #rtp: dgram.Socket
  readonly #rtcp: dgram.Socket
  /** The even port; RTCP is one above. */
  readonly port: number
  #open = true

  /** Made by `openRtpSockets`. */
  constructor(rtp: dgram.Socket, rtcp: dgram.Socket) {
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.port = rtp.address().port
    for (const socket of [rtp, rtcp]) socket.on('error', () => {})
  }

  /** Hands over what comes from now on. */
  listen(listener: RtpListener): void {
    this.#rtp.on('message', (packet, from) => listener.rtp(packet, packet.length, from.address, from.port))
    this.#rtcp.on('message', (packet) => listener.rtcp(packet, packet.length))
  }

  /** Sends a copy of the first `length` bytes: the kernel takes the packet after the caller has gone on. */
  sendRtp(packet: Uint8Array, length: number, host: string, port: number): void {
    if (this.#open) this.#rtp.send(packet.slice(0, length), port, host, ignore)
  }

  sendRtcp(packet: Uint8Array, length: number, host: string, port: number): void {
    if (this.#open) this.#rtcp.send(packet.slice(0, length), port, host, ignore)
  }

  /** Closes both once what was sent has left. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    setImmediate(() => {
      this.#rtp.close()
      this.#rtcp.close()
    })
  }
}

/** Binds a pair on any free ports of the address. */
export async function openRtpSockets(host: string): Promise<RtpSockets> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const first = await bind(host, 0)
    if (first === undefined) break
    const port = first.address().port
    const second = await bind(host, port % 2 === 0 ? port + 1 : port - 1)
    if (second !== undefined)
      return port % 2 === 0 ? new RtpSockets(first, second) : new RtpSockets(second, first)
    first.close()
  }
  throw new PhoneError(
    `no pair of UDP ports is free on ${host}: end other programs or choose another --listen address`,
  )
}

async function bind(host: string, port: number): Promise<dgram.Socket | undefined> {
  const socket = dgram.createSocket({
    type: host.includes(':') ? 'udp6' : 'udp4',
    recvBufferSize: BUFFER_BYTES,
    lookup: asGiven,
  })
  return await new Promise((resolve) => {
    socket.once('error', () => {
      socket.close()
      resolve(undefined)
    })
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}

/** Addresses here are numbers already; the resolver would cost a thread-pool trip for each packet. */
function asGiven(
  host: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, host, host.includes(':') ? 6 : 4)
}

function ignore(): void {}
