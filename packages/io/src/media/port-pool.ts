/**
 * The sockets of one media worker: RTP on even ports, RTCP on the odd one above (RFC 3550 §11), each pair shared by
 * many legs.
 *
 * In Node the number of sockets costs more than the number of packets, so there are few: the machine says how many
 * pairs it wants, and pairs that nobody uses are closed again. Sending uses no callback and no closure a packet.
 */
import dgram from 'node:dgram'

/** Holds 300 ms of 500 calls while the thread is busy elsewhere; the default loses packets (limits, RTP relay). */
export const RTP_BUFFER_BYTES: number = 1 << 20

/** Pairs that are bound in one turn of the event loop: a burst of calls gets them soon, and packets still pass. */
const BINDS_AT_ONCE = 16

/** Which ports and addresses a worker may bind. */
export interface PortRange {
  /** Bound host and the host that peers are told, for each family that is served. */
  readonly hosts: readonly { readonly bind: string; readonly advertised: string }[]
  /** Even; the pairs are `min`, `min + step` ... up to `max`, the last RTCP port included. */
  readonly min: number
  readonly max: number
  /** 2 x the number of workers that share the range. */
  readonly step: number
}

/** What a pool does with what it hears. */
export interface PoolListener {
  rtp(localPort: number, packet: Uint8Array, length: number, host: string, port: number): void
  rtcp(localPort: number, packet: Uint8Array, length: number, host: string, port: number): void
  /** A pair is bound and may carry legs. */
  bound(localPort: number, advertisedHost: string): void
}

type Pair = { readonly rtp: dgram.Socket; readonly rtcp: dgram.Socket }

/** The pool. */
export class PortPool {
  readonly #range: PortRange
  readonly #listener: PoolListener
  /** By (RTP port - min) / 2: a list, since it is read for every packet. */
  readonly #pairs: (Pair | undefined)[] = []
  readonly #busy = new Set<number>()
  #next: number
  #family = 0
  #size = 0
  #sendErrors = 0
  #taken = 0
  /** The RTP packet that is being handled right now. */
  #received: Uint8Array | undefined

  constructor(range: PortRange, listener: PoolListener) {
    this.#range = range
    this.#listener = listener
    this.#next = range.min
  }

  /** Pairs that are bound. */
  get size(): number {
    return this.#size
  }

  /** Packets the kernel refused. */
  get sendErrors(): number {
    return this.#sendErrors
  }

  /** Ports of the range that another program had. */
  get taken(): number {
    return this.#taken
  }

  /** Binds up to `count` more pairs, some at a time, the families in turn; says how many it got. */
  async grow(count: number): Promise<number> {
    let got = 0
    while (got < count) {
      const asked = Math.min(BINDS_AT_ONCE, count - got)
      const bound = await Promise.all(Array.from({ length: asked }, () => this.#growByOne()))
      const more = bound.filter(Boolean).length
      got += more
      if (more < asked) return got
    }
    return got
  }

  /** Closes a pair, and makes its ports free for another. */
  shrink(localPort: number): void {
    const index = (localPort - this.#range.min) >> 1
    const pair = this.#pairs[index]
    if (pair === undefined) return
    this.#pairs[index] = undefined
    this.#size -= 1
    pair.rtp.close()
    pair.rtcp.close()
  }

  /** Bound RTP ports, newest last. */
  ports(): number[] {
    return this.#pairs.flatMap((pair, index) => (pair === undefined ? [] : [this.#range.min + 2 * index]))
  }

  sendRtp(localPort: number, packet: Uint8Array, length: number, host: string, port: number): void {
    const pair = this.#pairs[(localPort - this.#range.min) >> 1]
    if (pair !== undefined) this.#send(pair.rtp, packet, length, host, port)
  }

  sendRtcp(localPort: number, packet: Uint8Array, length: number, host: string, port: number): void {
    const pair = this.#pairs[(localPort - this.#range.min) >> 1]
    if (pair !== undefined) this.#send(pair.rtcp, packet, length, host, port)
  }

  close(): void {
    for (const port of this.ports()) this.shrink(port)
  }

  /**
   * The kernel takes a datagram at once unless its buffer is full; then Node keeps our bytes for later. What was just
   * received belongs to nobody else and may be kept; anything else is the machine's own scratch and is copied.
   */
  #send(socket: dgram.Socket, packet: Uint8Array, length: number, host: string, port: number): void {
    if (packet === this.#received) {
      this.#received = undefined // A second copy of it, restamped, must not change the first.
      if (length === packet.length) socket.send(packet, port, host)
      else socket.send(packet, 0, length, port, host)
    } else socket.send(packet.slice(0, length), port, host)
  }

  async #growByOne(): Promise<boolean> {
    const host = this.#range.hosts[this.#family++ % this.#range.hosts.length]
    const port = host === undefined ? undefined : await this.#bindSomewhere(host.bind)
    if (host === undefined || port === undefined) return false
    this.#listener.bound(port, host.advertised)
    return true
  }

  async #bindSomewhere(host: string): Promise<number | undefined> {
    const { min, max, step } = this.#range
    for (let tried = min; tried + 1 <= max; tried += step) {
      const port = this.#next
      this.#next = port + step + 1 > max ? min : port + step
      const index = (port - min) >> 1
      if (this.#pairs[index] !== undefined || this.#busy.has(port)) continue
      this.#busy.add(port)
      const pair = await bindPair(host, port)
      this.#busy.delete(port)
      if (pair === undefined) {
        this.#taken += 1
        continue
      }
      this.#pairs[index] = pair
      this.#size += 1
      this.#listen(pair, port)
      return port
    }
    return undefined
  }

  #listen(pair: Pair, localPort: number): void {
    const listener = this.#listener
    pair.rtp.on('message', (packet, from) => {
      this.#received = packet
      listener.rtp(localPort, packet, packet.length, from.address, from.port)
      this.#received = undefined
    })
    pair.rtcp.on('message', (packet, from) =>
      listener.rtcp(localPort, packet, packet.length, from.address, from.port),
    )
    const count = (): void => {
      this.#sendErrors += 1
    }
    pair.rtp.on('error', count)
    pair.rtcp.on('error', count)
  }
}

type Resolved = (error: NodeJS.ErrnoException | null, address: string, family: number) => void

/** Addresses come from packets and from SDP, numeric by then: there is nothing to look up, and nothing to check. */
function numeric4(host: string, _options: unknown, done: Resolved): void {
  done(null, host, 4)
}

function numeric6(host: string, _options: unknown, done: Resolved): void {
  done(null, host, 6)
}

async function bindPair(host: string, port: number): Promise<Pair | undefined> {
  const rtp = await bind(host, port)
  if (rtp === undefined) return undefined
  const rtcp = await bind(host, port + 1)
  if (rtcp !== undefined) return { rtp, rtcp }
  rtp.close()
  return undefined
}

/** A bound socket; undefined when another program has the port. */
function bind(host: string, port: number): Promise<dgram.Socket | undefined> {
  const family = host.includes(':') ? 6 : 4
  const socket = dgram.createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    lookup: family === 6 ? numeric6 : numeric4,
    recvBufferSize: RTP_BUFFER_BYTES,
    sendBufferSize: RTP_BUFFER_BYTES,
  })
  return new Promise((resolve) => {
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
