/**
 * The SIP user agent core as one machine: RFC 3261 §8, §12 to §15, §17, §18. Its contract is in `endpoint-api.ts`.
 *
 * This file takes the user's inputs and hands each to the one it is for. Messages of peers find their way in
 * `endpoint/reception.ts`; what transactions and calls do is in `transaction/` and `dialog/`.
 */
import { assert, DeadlineHeap, type Instant } from '@tandem/base'
import { OutgoingCall } from './dialog/outgoing-call.ts'
import { CALLS_MAX, TRANSACTIONS_MAX } from './endpoint/admission.ts'
import { CallTable } from './endpoint/call-table.ts'
import { type Core, respond } from './endpoint/core.ts'
import { factsOf } from './endpoint/facts.ts'
import { sendOutside } from './endpoint/outgoing.ts'
import { Reception } from './endpoint/reception.ts'
import { madeHere } from './endpoint/response.ts'
import { Tokens } from './endpoint/tokens.ts'
import type {
  ClientTransactionId,
  EndpointOptions,
  EndpointOutput,
  InviteOptions,
  OutgoingRequest,
  ServerTransactionId,
  SipCallId,
  SipEndpoint,
  Started,
} from './endpoint-api.ts'
import type { SipMessage } from './message/message.ts'
import type { SessionDescription } from './sdp/description.ts'
import type { Timed } from './transaction/entry.ts'
import { TransactionTable } from './transaction/table.ts'
import type { Flow } from './transport/flow.ts'

type Fields = Iterable<readonly [string, string]>

/** One SIP user agent: all its transactions, dialogs and calls. */
export class Endpoint implements SipEndpoint {
  readonly #options: EndpointOptions
  readonly #heap = new DeadlineHeap<Timed>()
  readonly #tokens: Tokens
  readonly #table: TransactionTable
  readonly #core: Core
  readonly #calls = new CallTable()
  readonly #reception: Reception
  /** What the present step has caused so far. */
  #outputs: EndpointOutput[] = []

  constructor(options: EndpointOptions) {
    this.#options = options
    this.#tokens = new Tokens(options.crypto)
    this.#table = new TransactionTable({
      heap: this.#heap,
      product: options.product,
      advertised: (transport, remote) => options.advertised(transport, remote),
      branch: () => this.#tokens.branch(),
      transmit: (destination, message) => this.#outputs.push({ kind: 'transmit', destination, message }),
      forgotten: (id) => this.#calls.forgetInvite(id),
    })
    this.#core = {
      options,
      tokens: this.#tokens,
      table: this.#table,
      heap: this.#heap,
      emit: (output) => this.#outputs.push(output),
      release: (call) => this.#calls.release(call),
    }
    const maxima = { callsMax: this.#callsMax, transactionsMax: this.#transactionsMax }
    this.#reception = new Reception(this.#core, this.#calls, () => ({ ...this.counts, ...maxima }))
  }

  get deadline(): Instant {
    return this.#heap.next
  }

  get counts(): { readonly calls: number; readonly transactions: number } {
    return { calls: this.#calls.size, transactions: this.#table.size }
  }

  tick(now: Instant): EndpointOutput[] {
    return this.#step(() => {
      for (;;) {
        const due = this.#heap.popDue(now)
        if (due === undefined) return
        due.wake(now)
      }
    })
  }

  receive(now: Instant, message: SipMessage, flow: Flow): EndpointOutput[] {
    return this.#step(() => {
      if (message.kind === 'response') this.#reception.receiveResponse(now, message, flow)
      else this.#reception.receiveRequest(now, message, flow)
    })
  }

  sendFailed(now: Instant, message: SipMessage): EndpointOutput[] {
    return this.#step(() => {
      const facts = factsOf(message)
      if (facts !== undefined) this.#table.sendFailed(now, message, facts)
    })
  }

  invite(now: Instant, options: InviteOptions): Started<SipCallId> {
    const id = this.#table.nextId()
    const outputs = this.#step(() => {
      if (this.#calls.size >= this.#callsMax || this.#table.size >= this.#transactionsMax)
        this.#core.emit({ kind: 'rejected', call: id, status: 503 })
      else this.#calls.add(new OutgoingCall(this.#core, now, id, options))
    })
    return { id, outputs }
  }

  progress(
    now: Instant,
    call: SipCallId,
    status: number,
    options?: { answer?: SessionDescription; headers?: Fields },
  ): EndpointOutput[] {
    assert(status > 100 && status < 200, 'progress is 101 to 199')
    return this.#step(() => this.#calls.incoming(call)?.progress(now, status, options))
  }

  accept(
    now: Instant,
    call: SipCallId,
    description: SessionDescription,
    options?: { contactUser?: string; headers?: Fields },
  ): EndpointOutput[] {
    return this.#step(() => this.#calls.incoming(call)?.accept(now, description, options))
  }

  reject(
    now: Instant,
    call: SipCallId,
    status: number,
    options?: { reason?: string; headers?: Fields },
  ): EndpointOutput[] {
    assert(status >= 300 && status < 700, 'a rejection is 300 to 699')
    return this.#step(() => this.#calls.incoming(call)?.reject(now, status, options))
  }

  acknowledge(now: Instant, call: SipCallId, answer: SessionDescription): EndpointOutput[] {
    return this.#step(() => this.#calls.session(call)?.acknowledge(now, answer))
  }

  end(now: Instant, call: SipCallId, options?: { status?: number; reason?: string }): EndpointOutput[] {
    return this.#step(() => this.#calls.get(call)?.end(now, options ?? {}))
  }

  offer(
    now: Instant,
    call: SipCallId,
    offer: SessionDescription,
    options?: { headers?: Fields },
  ): EndpointOutput[] {
    return this.#step(() => this.#calls.session(call)?.offer(now, offer, options?.headers))
  }

  update(now: Instant, call: SipCallId, headers: Fields): EndpointOutput[] {
    return this.#step(() => this.#calls.get(call)?.update(now, headers))
  }

  answerOffer(now: Instant, call: SipCallId, description: SessionDescription): EndpointOutput[] {
    return this.#step(() => this.#calls.session(call)?.answerOffer(now, description))
  }

  rejectOffer(now: Instant, call: SipCallId, status: number): EndpointOutput[] {
    assert(status >= 300 && status < 700, 'a refusal is 300 to 699')
    return this.#step(() => this.#calls.session(call)?.rejectOffer(now, status))
  }

  requestInCall(
    now: Instant,
    call: SipCallId,
    request: { method: string; headers?: Fields; body?: Uint8Array; dialog?: string },
  ): Started<ClientTransactionId> {
    const id = this.#table.nextId()
    const outputs = this.#step(() => this.#sendInCall(now, id, call, request))
    return { id, outputs }
  }

  respond(
    now: Instant,
    transaction: ServerTransactionId,
    status: number,
    options?: { reason?: string; headers?: Fields; body?: Uint8Array },
  ): EndpointOutput[] {
    assert(status >= 100 && status < 700, 'a status has three digits')
    return this.#step(() => {
      const entry = this.#table.serverById(transaction)
      if (entry !== undefined) respond(this.#core, now, entry, status, options)
    })
  }

  send(now: Instant, request: OutgoingRequest): Started<ClientTransactionId> {
    assert(request.method !== 'INVITE' && request.method !== 'ACK', 'calls are placed with invite')
    const id = this.#table.nextId()
    const outputs = this.#step(() => {
      if (this.#table.size >= this.#transactionsMax)
        this.#core.emit({ kind: 'response', transaction: id, response: madeHere(503) })
      else sendOutside(this.#core, now, id, request)
    })
    return { id, outputs }
  }

  describe(call: SipCallId):
    | {
        callId: string
        localTag: string
        remoteTag: string | undefined
        remoteTarget: string | undefined
        allow: readonly string[]
        allowEvents: readonly string[]
      }
    | undefined {
    const found = this.#calls.get(call)
    if (found === undefined) return undefined
    const dialog = found.dialog(undefined)
    const { callId, localTag } = found
    const { allow = [], allowEvents = [] } = dialog?.peer ?? {}
    const { remoteTag, remoteTarget } = dialog ?? {}
    return { callId, localTag, remoteTag, remoteTarget, allow, allowEvents }
  }

  findCall(dialog: { callId: string; localTag: string; remoteTag: string }): SipCallId | undefined {
    return this.#calls.ofDialog(dialog)?.id
  }

  /** Runs one input and returns what it caused. */
  #step(run: () => void): EndpointOutput[] {
    const outputs: EndpointOutput[] = []
    this.#outputs = outputs
    run()
    return outputs
  }

  #sendInCall(
    now: Instant,
    id: ClientTransactionId,
    callId: SipCallId,
    request: { method: string; headers?: Fields; body?: Uint8Array; dialog?: string },
  ): void {
    const call = this.#calls.get(callId)
    const dialog = call?.dialog(request.dialog)
    if (call === undefined || dialog === undefined) {
      this.#core.emit({ kind: 'callResponse', call: callId, transaction: id, response: madeHere(481) })
      return
    }
    if (call.session !== undefined && call.session.dialog === dialog) {
      call.session.request(now, id, request)
      return
    }
    const early = dialog.request(request.method, { headers: request.headers, body: request.body })
    this.#table.send(
      now,
      early,
      dialog.destination,
      {
        response: (_now, response) => {
          if (this.#calls.get(callId) === call && !call.silent)
            this.#core.emit({ kind: 'callResponse', call: callId, transaction: id, response })
        },
      },
      id,
    )
  }

  get #callsMax(): number {
    return this.#options.callsMax ?? CALLS_MAX
  }

  get #transactionsMax(): number {
    return this.#options.transactionsMax ?? TRANSACTIONS_MAX
  }
}
