/**
 * All transactions of one endpoint: found by key, moved by messages and by time, counted (RFC 3261 §17).
 *
 * It adds the Via of what leaves (§18.1.1), tells each client's listener what came back, and turns time-outs and
 * dead ways into the 408 and 503 that §8.1.3.1 asks for. It belongs to one `Endpoint`, which owns the heap.
 */
import { assert, type DeadlineHeap, type Instant } from '@tandem/base'
import { clientKey, type MessageFacts, mergeKey, serverKey } from '../endpoint/facts.ts'
import { responseTo } from '../endpoint/response.ts'
import type { ClientTransactionId, ServerTransactionId } from '../endpoint-api.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import { parseVia, printVia } from '../message/via.ts'
import {
  type Destination,
  type Flow,
  isReliable,
  type SocketAddress,
  type TransportName,
} from '../transport/flow.ts'
import { pickTransport } from '../transport/via.ts'
import {
  Client,
  type ClientEntry,
  type ClientListener,
  type ClientWay,
  DEAF,
  Server,
  type ServerEntry,
  type Timed,
} from './entry.ts'
import { type ClientOutput, InviteClientTransaction } from './invite-client.ts'
import { InviteServerTransaction, type ServerOutput } from './invite-server.ts'
import { NonInviteClientTransaction } from './non-invite-client.ts'
import { NonInviteServerTransaction } from './non-invite-server.ts'

/** Room for the Via that is still to be added, in bytes. */
const VIA_BYTES = 100

/** What the table needs of the endpoint around it. */
export interface TableParts {
  readonly heap: DeadlineHeap<Timed>
  readonly product: string
  advertised(transport: TransportName, remote: SocketAddress): SocketAddress
  branch(): string
  /** Puts a message among the outputs of the step. */
  transmit(destination: Destination, message: SipMessage): void
  /** A server transaction is over, and with it every chance to answer. */
  forgotten(id: ServerTransactionId): void
}

/** The transactions of one endpoint. */
export class TransactionTable {
  readonly #parts: TableParts
  readonly #clients = new Map<string, Client>()
  readonly #servers = new Map<string, Server>()
  readonly #serversById = new Map<ServerTransactionId, Server>()
  readonly #merged = new Map<string, Server>()
  readonly #wakeClient = (now: Instant, client: Client): void =>
    this.#actClient(now, client, client.way.machine.tick(now), undefined)
  readonly #wakeServer = (now: Instant, server: Server): void =>
    this.#actServer(server, server.parts.machine.tick(now))
  #lastId = 0

  constructor(parts: TableParts) {
    this.#parts = parts
  }

  /** How many transactions are alive. */
  get size(): number {
    return this.#clients.size + this.#servers.size
  }

  /** A number that names a call or a transaction, never given twice. */
  nextId(): number {
    return ++this.#lastId
  }

  /** Sends a request: adds its Via, picks TCP for a large one (§18.1.1), starts its transaction. */
  send(
    now: Instant,
    request: SipRequest,
    destination: Destination,
    listener: ClientListener,
    id: ClientTransactionId = this.nextId(),
  ): ClientEntry {
    const large = destination.transport === 'udp' && pickTransport(sizeOf(request) + VIA_BYTES) === 'tcp'
    const chosen: Destination = large ? { transport: 'tcp', address: destination.address } : destination
    const way = this.#way(now, request, chosen, large ? destination : undefined)
    return this.#start(now, new Client({ id, listener, way }, this.#wakeClient))
  }

  /** Sends the CANCEL of an INVITE: under the INVITE's own Via, the way that the INVITE went (§9.1). */
  sendCancel(now: Instant, cancel: SipRequest, invite: ClientEntry): void {
    const key = clientKey(branchOf(cancel), 'CANCEL')
    if (this.#clients.has(key)) return
    const { destination } = invite
    const reliable = isReliable(destination.transport)
    const machine = new NonInviteClientTransaction(now, cancel, { reliable })
    const way: ClientWay = { key, request: cancel, destination, machine, fallback: undefined }
    this.#start(now, new Client({ id: this.nextId(), listener: DEAF, way }, this.#wakeClient))
  }

  /** Adds a Via of ours on top of a request for this destination, with a new branch; returns the branch. */
  addVia(request: SipRequest, destination: Destination): string {
    const { transport, address } = destination
    const branch = this.#parts.branch()
    const params = new Map([
      ['branch', branch],
      ['rport', ''],
    ])
    const own = this.#parts.advertised(transport, address)
    request.headers.prepend('Via', printVia({ transport: transport.toUpperCase(), ...own, params }))
    return branch
  }

  /** Gives a response to its transaction; false when it belongs to none (§17.1.3). */
  receiveResponse(now: Instant, response: SipResponse, facts: MessageFacts, flow: Flow): boolean {
    const client = this.#clients.get(clientKey(facts.branch, facts.cseq.method))
    if (client === undefined) return false
    this.#actClient(now, client, client.way.machine.receive(now, response), flow)
    return true
  }

  /** Forgets a client transaction whose answer nobody waits for any more (§9.1). */
  drop(entry: ClientEntry): void {
    assert(entry instanceof Client, 'entries are made by the table')
    this.#endClient(entry)
  }

  /** The server transaction that a request is a copy of, or an ACK belongs to; undefined for none (§17.2.3). */
  findServer(key: string): ServerEntry | undefined {
    return this.#servers.get(key)
  }

  /** The server transaction of this name, if it still lives. */
  serverById(id: ServerTransactionId): ServerEntry | undefined {
    return this.#serversById.get(id)
  }

  /** The transaction of another copy of this request, which came by another way (§8.2.2.2). */
  findMerged(key: string): ServerEntry | undefined {
    return this.#merged.get(key)
  }

  /** Starts the transaction of a request that came in; its Via already tells where it came from. */
  serve(
    now: Instant,
    request: SipRequest,
    facts: MessageFacts,
    options: { readonly flow: Flow; readonly destination: Destination; readonly toTag: string },
  ): ServerEntry {
    const reliable = isReliable(options.flow.transport)
    const machine =
      request.method === 'INVITE'
        ? new InviteServerTransaction({ reliable })
        : new NonInviteServerTransaction(now, { reliable })
    const names = {
      id: this.nextId(),
      key: serverKey(request, facts),
      mergeKey: facts.toTag === undefined ? mergeKey(request, facts) : undefined,
    }
    const server = new Server({ ...options, ...names, request, facts, machine }, this.#wakeServer)
    this.#servers.set(names.key, server)
    this.#serversById.set(names.id, server)
    if (names.mergeKey !== undefined) this.#merged.set(names.mergeKey, server)
    this.#parts.heap.set(server, server.deadline)
    return server
  }

  /**
   * Gives a copy of a request or an ACK to its transaction.
   *
   * @returns whether it was an ACK of a 2xx under the branch of the INVITE, which is the call's business.
   */
  receiveCopy(now: Instant, entry: ServerEntry, request: SipRequest): boolean {
    assert(entry instanceof Server, 'entries are made by the table')
    const outputs = entry.parts.machine.receive(now, request)
    this.#actServer(entry, outputs)
    return outputs.some((output) => output.kind === 'acknowledged')
  }

  /** Sends a response through its transaction; dropped when the final one has been given. */
  respond(now: Instant, entry: ServerEntry, response: SipResponse): void {
    assert(entry instanceof Server, 'entries are made by the table')
    if (this.#serversById.get(entry.id) !== entry) return
    this.#actServer(entry, entry.parts.machine.respond(now, response))
  }

  /** Takes the news that a message could not be sent, for the transaction that sent it. */
  sendFailed(now: Instant, message: SipMessage, facts: MessageFacts): void {
    if (message.kind === 'response') {
      const server = this.#servers.get(serverKey({ method: facts.cseq.method }, facts))
      if (server !== undefined) this.#actServer(server, server.parts.machine.sendFailed())
      return
    }
    const isAck = message.method === 'ACK'
    const client = this.#clients.get(clientKey(facts.branch, isAck ? 'INVITE' : message.method))
    if (client === undefined) return
    const { fallback, machine } = client.way
    if (fallback === undefined || isAck || client.answered) {
      this.#actClient(now, client, machine.sendFailed(), undefined)
      return
    }

    // A large request that TCP did not carry goes by UDP after all (§18.1.1).
    this.#endClient(client)
    const headers = client.request.headers.clone()
    headers.shift('Via')
    client.way = this.#way(now, { ...client.request, headers }, fallback, undefined)
    this.#start(now, client)
  }

  #way(
    now: Instant,
    request: SipRequest,
    destination: Destination,
    fallback: Destination | undefined,
  ): ClientWay {
    const branch = this.addVia(request, destination)
    const reliable = isReliable(destination.transport)
    const machine =
      request.method === 'INVITE'
        ? new InviteClientTransaction(now, request, { reliable })
        : new NonInviteClientTransaction(now, request, { reliable })
    return { key: clientKey(branch, request.method), request, destination, machine, fallback }
  }

  #start(now: Instant, client: Client): ClientEntry {
    this.#clients.set(client.way.key, client)
    client.wake(now)
    return client
  }

  #actClient(now: Instant, client: Client, outputs: readonly ClientOutput[], flow: Flow | undefined): void {
    for (const output of outputs) {
      switch (output.kind) {
        case 'send':
          this.#parts.transmit(client.destination, output.request)
          break
        case 'response':
          if (output.response.status >= 200) client.answered = true
          client.listener.response(now, output.response, flow)
          break
        case 'ended': {
          this.#endClient(client)
          if (output.why === 'done' || client.answered) return
          client.answered = true
          const made = responseTo(client.request, output.why === 'timeout' ? 408 : 503, this.#parts.product)
          client.listener.response(now, made, undefined)
          return
        }
      }
    }
    if (this.#clients.get(client.way.key) === client) this.#parts.heap.set(client, client.deadline)
  }

  #actServer(server: Server, outputs: readonly ServerOutput[]): void {
    for (const output of outputs) {
      if (output.kind === 'send') this.#parts.transmit(server.parts.destination, output.response)
      if (output.kind !== 'ended') continue
      const { key, id, mergeKey } = server.parts
      this.#servers.delete(key)
      this.#serversById.delete(id)
      if (mergeKey !== undefined && this.#merged.get(mergeKey) === server) this.#merged.delete(mergeKey)
      this.#parts.heap.delete(server)
      this.#parts.forgotten(id)
      return
    }
    this.#parts.heap.set(server, server.deadline)
  }

  #endClient(client: Client): void {
    if (this.#clients.get(client.way.key) === client) this.#clients.delete(client.way.key)
    this.#parts.heap.delete(client)
  }
}

function branchOf(message: SipMessage): string {
  return parseVia(message.headers.get('Via') ?? '')?.params.get('branch') ?? ''
}

/** About how many bytes a request takes when printed. */
function sizeOf(request: SipRequest): number {
  let size = request.method.length + request.uri.length + request.body.length + 40
  for (const [name, value] of request.headers) size += name.length + value.length + 4
  return size
}
