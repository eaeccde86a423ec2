/**
 * One TCP listener that carries SIP, and every connection of its family: RFC 3261 §18, framed by Content-Length
 * (§18.3). A destination's flow is preferred while it stands (RFC 5626 §5.3), else a connection to the same address
 * is used, else one is made.
 *
 * All limits against slow, idle and greedy peers are here (promises S08, S19, P7).
 */
import net from 'node:net'
import type { Destination, SipMessage } from '@tandem/sip'
import { bindError } from '../start-error.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { RefusalBudget } from './refusal.ts'
import type { Intake, ListenAddress } from './transports.ts'

/** Connections at once, of one listener: each costs a descriptor and some kilobytes. */
export const CONNECTIONS_MAX = 4_096
/** Connections that one address may open to us: an office behind one NAT fits, a lone attacker does not fill us. */
export const CONNECTIONS_PER_SOURCE_MAX = 512
/** How often idle and stuck connections are looked for. */
const SWEEP_MS = 1_000

/** An open TCP listener. */
export interface TcpTransport {
  readonly kind: 'tcp'
  readonly family: 4 | 6
  readonly address: ListenAddress
  readonly connections: number
  owns(flowId: string): boolean
  send(destination: Destination, message: SipMessage, bytes: Uint8Array): void
  close(): Promise<void>
}

/** The limits that tests make smaller. */
export interface TcpLimits {
  readonly connectionsMax: number
  readonly connectionsPerSourceMax: number
}

const LIMITS: TcpLimits = {
  connectionsMax: CONNECTIONS_MAX,
  connectionsPerSourceMax: CONNECTIONS_PER_SOURCE_MAX,
}

/** Listens, or throws a `StartError`. */
export async function openTcp(
  listen: ListenAddress,
  intake: Intake,
  limits: TcpLimits = LIMITS,
): Promise<TcpTransport> {
  const family = listen.host.includes(':') ? 6 : 4
  const server = net.createServer({ noDelay: true, keepAlive: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(bindError(error, 'SIP over TCP', listen)))
    server.listen({ host: listen.host, port: listen.port, ipv6Only: family === 6, exclusive: true }, resolve)
  })
  server.removeAllListeners('error')
  server.on('error', (error) => intake.logger.warn('A TCP listener reported an error', { error: error.name }))

  const bound = server.address() as net.AddressInfo // A listening TCP server always has one.
  const address: ListenAddress = { ...listen, port: bound.port }
  const pool = new ConnectionPool(address, intake, limits)
  server.on('connection', (socket) => pool.take(socket))
  const sweep = setInterval(() => pool.sweep(), SWEEP_MS)
  sweep.unref()

  return {
    kind: 'tcp',
    family,
    address,
    get connections() {
      return pool.size
    },
    owns: (flowId) => pool.has(flowId),
    send: (destination, message, bytes) => pool.send(destination, message, bytes),
    async close() {
      clearInterval(sweep)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      pool.close()
      await closed
    },
  }
}

/** The connections of one listener, by flow id and by far address. */
class ConnectionPool implements ConnectionOwner {
  readonly intake: Intake
  readonly refusals: RefusalBudget = new RefusalBudget()
  readonly #address: ListenAddress
  readonly #limits: TcpLimits
  readonly #byId = new Map<string, Connection>()
  readonly #byRemote = new Map<string, Connection>()
  readonly #perSource = new Map<string, number>()
  readonly #prefix: string
  #count = 0
  #isOpen = true

  constructor(address: ListenAddress, intake: Intake, limits: TcpLimits) {
    this.#address = address
    this.intake = intake
    this.#limits = limits
    this.#prefix = `tcp:${address.host}:${address.port}:`
  }

  get size(): number {
    return this.#byId.size
  }

  has(flowId: string): boolean {
    return this.#byId.has(flowId)
  }

  /** An incoming connection. */
  take(socket: net.Socket): void {
    const host = socket.remoteAddress
    const port = socket.remotePort
    if (host === undefined || port === undefined) {
      socket.destroy() // Gone before we saw it.
      return
    }
    const fromSource = this.#perSource.get(host) ?? 0
    if (
      this.#byId.size >= this.#limits.connectionsMax ||
      fromSource >= this.#limits.connectionsPerSourceMax
    ) {
      this.intake.counts.refusedConnections += 1
      socket.on('error', () => {}) // Its end is decided; how it takes it does not matter.
      socket.resetAndDestroy()
      return
    }
    this.#perSource.set(host, fromSource + 1)
    this.#add(socket, { host, port }, { incoming: true })
  }

  send(destination: Destination, message: SipMessage, bytes: Uint8Array): void {
    if (!this.#isOpen) return
    const { host, port } = destination.address
    const standing =
      (destination.flowId === undefined ? undefined : this.#byId.get(destination.flowId)) ??
      this.#byRemote.get(remoteKey(host, port))
    const connection = standing ?? this.#connect(host, port)
    if (connection === undefined) this.intake.fail(message, destination)
    else connection.send(destination, message, bytes)
  }

  sweep(): void {
    const now = performance.now()
    for (const connection of this.#byId.values()) connection.check(now)
  }

  close(): void {
    this.#isOpen = false
    for (const connection of this.#byId.values()) connection.destroy()
    this.#byId.clear()
    this.#byRemote.clear()
    this.#perSource.clear()
  }

  gone(connection: Connection): void {
    const { host, port } = connection.flow.remote
    this.#byId.delete(connection.flow.id)
    if (this.#byRemote.get(remoteKey(host, port)) === connection) this.#byRemote.delete(remoteKey(host, port))
    if (connection.incoming) {
      const left = (this.#perSource.get(host) ?? 1) - 1
      if (left === 0) this.#perSource.delete(host)
      else this.#perSource.set(host, left)
    }
    if (!this.#isOpen) return
    this.intake.counts.closedConnections += 1
    this.intake.closed(connection.flow)
  }

  #connect(host: string, port: number): Connection | undefined {
    if (this.#byId.size >= this.#limits.connectionsMax || port < 1 || port > 65_535 || net.isIP(host) === 0) {
      return undefined
    }
    const socket = net.connect({ host, port, noDelay: true, keepAlive: true, autoSelectFamily: false })
    return this.#add(socket, { host, port }, { incoming: false })
  }

  #add(socket: net.Socket, remote: { host: string; port: number }, how: { incoming: boolean }): Connection {
    const id = `${this.#prefix}${++this.#count}`
    const local = { host: this.#address.host, port: this.#address.port }
    const connection = new Connection({
      socket,
      flow: { id, transport: 'tcp', local, remote },
      incoming: how.incoming,
      owner: this,
    })
    this.#byId.set(id, connection)
    this.#byRemote.set(remoteKey(remote.host, remote.port), connection)
    return connection
  }
}

function remoteKey(host: string, port: number): string {
  return `${host} ${port}`
}
