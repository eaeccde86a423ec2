/**
 * One TCP connection that carries SIP: framing in, bounded queue out, keep-alives answered (RFC 5626 §4.4.1).
 *
 * It closes itself when the peer breaks the framing, sends half a message too slowly, says nothing of use at first,
 * is idle too long, or reads too slowly. Whatever was not handed to the network by then is reported as failed.
 */
import type net from 'node:net'
import {
  type Destination,
  type Flow,
  type ParseFailure,
  printMessage,
  type SipMessage,
  StreamFramer,
} from '@tandem/sip'
import { type RefusalBudget, refusalFor } from './refusal.ts'
import type { Intake } from './transports.ts'

/** A connection must have shown one whole message by then; so must each message once begun (64*T1). */
export const MESSAGE_MS_MAX = 32_000
/** How long a peer may take to accept our connection: three SYNs. */
export const CONNECT_MS_MAX = 7_000
/** Silence after which a connection is closed: longer than the longest registration, so that those refresh in it. */
export const IDLE_MS_MAX = 7_500_000
/** What may wait for a peer that reads slowly; beyond, the connection is of no use to a call. */
export const UNSENT_BYTES_MAX: number = 1 << 20

const PONG = new Uint8Array([13, 10])

/** The pool that a connection belongs to. */
export interface ConnectionOwner {
  readonly intake: Intake
  readonly refusals: RefusalBudget
  /** Called once, when the connection is closed for good. */
  gone(connection: Connection): void
}

/** A connection from its first byte, or from its connect, to its end. */
export class Connection {
  readonly flow: Flow
  readonly incoming: boolean
  readonly #socket: net.Socket
  readonly #owner: ConnectionOwner
  readonly #framer = new StreamFramer()
  readonly #unsent = new Map<number, { readonly destination: Destination; readonly message: SipMessage }>()
  #sends = 0
  #connected: boolean
  /** Whether a whole message has come: until then the peer has to prove itself. */
  #proven = false
  /** When the oldest byte of an unfinished message (or the connection itself) came. */
  #waitingSince = performance.now()
  #activeAt = performance.now()
  #isOpen = true

  constructor(options: { socket: net.Socket; flow: Flow; incoming: boolean; owner: ConnectionOwner }) {
    this.flow = options.flow
    this.incoming = options.incoming
    this.#socket = options.socket
    this.#owner = options.owner
    this.#connected = options.incoming
    const socket = options.socket
    socket.on('connect', () => {
      this.#connected = true
      this.#activeAt = performance.now()
    })
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('error', () => socket.destroy()) // `close` follows and says what is lost.
    socket.on('end', () => socket.destroy()) // No half-open SIP: what the peer cannot answer is of no use.
    socket.on('close', () => this.#closed())
  }

  /** Queues a message; its failure is reported when the connection ends without having sent it. */
  send(destination: Destination, message: SipMessage, bytes: Uint8Array): void {
    if (!this.#isOpen || this.#socket.destroyed) {
      this.#owner.intake.fail(message, destination)
      return
    }
    const id = ++this.#sends
    this.#unsent.set(id, { destination, message })
    this.#activeAt = performance.now()
    this.#socket.write(bytes, (error) => {
      if (error !== undefined && error !== null) return // `close` reports all that is unsent.
      if (this.#unsent.delete(id)) this.#owner.intake.counts.sent += 1
    })
    if (this.#socket.writableLength > UNSENT_BYTES_MAX) this.destroy()
  }

  /** Closes the connection if its time has run out. */
  check(now: number): void {
    const waited = now - this.#waitingSince
    const stuck = this.#connected
      ? (this.incoming && !this.#proven && waited > MESSAGE_MS_MAX) ||
        (this.#framer.heldBytes > 0 && waited > MESSAGE_MS_MAX)
      : waited > CONNECT_MS_MAX
    if (stuck || now - this.#activeAt > IDLE_MS_MAX) this.destroy()
  }

  /** Closes the connection now. */
  destroy(): void {
    this.#socket.destroy()
  }

  #receive(bytes: Uint8Array): void {
    const now = performance.now()
    if (this.#framer.heldBytes === 0 && this.#proven) this.#waitingSince = now
    this.#activeAt = now
    for (const item of this.#framer.push(bytes)) {
      if (this.#socket.destroyed) return // A handler, or an item before this one, has closed it.
      switch (item.kind) {
        case 'ping':
          if (this.#socket.writableLength === 0) this.#socket.write(PONG)
          break
        case 'failed':
          this.#owner.intake.counts.malformed += 1
          this.#refuse(item.failure)
          break
        case 'message':
          this.#proven = true
          this.#waitingSince = now
          this.#owner.intake.take(item.message, this.flow)
          break
      }
    }
    if (this.#framer.failed) this.#socket.end(() => this.#socket.destroy())
  }

  #refuse(failure: ParseFailure): void {
    if (!this.#owner.refusals.allows()) return
    const refusal = refusalFor(failure, this.flow)
    if (refusal !== undefined) this.#socket.write(printMessage(refusal.response))
  }

  #closed(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const { destination, message } of this.#unsent.values()) {
      this.#owner.intake.fail(message, destination)
    }
    this.#unsent.clear()
    this.#owner.gone(this)
  }
}
