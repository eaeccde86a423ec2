/**
 * The SIP user agent core as one machine: RFC 3261 §8, §12 to §15, §17, §18. Its contract is in `endpoint-api.ts`.
 *
 * This file finds whom a message is for: a transaction, a call, the user. What they do with it is in `transaction/`
 * and `dialog/`. Whatever a peer sends is answered or dropped, never thrown at the caller.
 */
import { assert, DeadlineHeap, type Instant } from '@tandem/base'
import { answerChallenge } from './auth/answer.ts'
import type { Call } from './dialog/call.ts'
import { dialogOfInvite } from './dialog/dialog.ts'
import { IncomingCall } from './dialog/incoming-call.ts'
import { OutgoingCall } from './dialog/outgoing-call.ts'
import type { Session } from './dialog/session.ts'
import { CALLS_MAX, refuseInside, refuseOutside, TRANSACTIONS_MAX } from './endpoint/admission.ts'
import { abilityFields, type Core, respond } from './endpoint/core.ts'
import { cancelledKey, factsOf, type MessageFacts, mergeKey, serverKey } from './endpoint/facts.ts'
import { complete } from './endpoint/outgoing.ts'
import { madeHere, responseTo } from './endpoint/response.ts'
import { describedBody } from './endpoint/sdp-body.ts'
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
import type { SipMessage, SipRequest, SipResponse } from './message/message.ts'
import { refusalOf } from './message/refusal.ts'
import { type Refusal, validateResponse } from './message/validate.ts'
import type { SessionDescription } from './sdp/description.ts'
import type { ClientListener, ServerEntry, Timed } from './transaction/entry.ts'
import { TransactionTable } from './transaction/table.ts'
import type { Flow } from './transport/flow.ts'
import { receivedVia, responseDestination } from './transport/via.ts'

type Fields = Iterable<readonly [string, string]>

/** One SIP user agent: all its transactions, dialogs and calls. */
export class Endpoint implements SipEndpoint {
  readonly #options: EndpointOptions
  readonly #heap = new DeadlineHeap<Timed>()
  readonly #tokens: Tokens
  readonly #table: TransactionTable
  readonly #core: Core
  readonly #calls = new Map<SipCallId, Call>()
  /** The same calls by Call-ID and local tag: how requests in a dialog find them. */
  readonly #byDialog = new Map<string, Call>()
  /** The call of an INVITE that is still to be answered: how a CANCEL finds it. */
  readonly #byInvite = new Map<ServerTransactionId, IncomingCall>()
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
      forgotten: (id) => this.#byInvite.delete(id),
    })
    this.#core = {
      options,
      tokens: this.#tokens,
      table: this.#table,
      heap: this.#heap,
      emit: (output) => this.#outputs.push(output),
      release: (call) => this.#release(call),
    }
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
      if (message.kind === 'response') this.#receiveResponse(now, message, flow)
      else this.#receiveRequest(now, message, flow)
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
      else this.#add(new OutgoingCall(this.#core, now, id, options))
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
    return this.#step(() => this.#incoming(call)?.progress(now, status, options))
  }

  accept(
    now: Instant,
    call: SipCallId,
    description: SessionDescription,
    options?: { contactUser?: string; headers?: Fields },
  ): EndpointOutput[] {
    return this.#step(() => this.#incoming(call)?.accept(now, description, options))
  }

  reject(
    now: Instant,
    call: SipCallId,
    status: number,
    options?: { reason?: string; headers?: Fields },
  ): EndpointOutput[] {
    assert(status >= 300 && status < 700, 'a rejection is 300 to 699')
    return this.#step(() => this.#incoming(call)?.reject(now, status, options))
  }

  acknowledge(now: Instant, call: SipCallId, answer: SessionDescription): EndpointOutput[] {
    return this.#step(() => this.#session(call)?.acknowledge(now, answer))
  }

  end(now: Instant, call: SipCallId, options?: { status?: number; reason?: string }): EndpointOutput[] {
    return this.#step(() => this.#calls.get(call)?.end(now, options ?? {}))
  }

  offer(now: Instant, call: SipCallId, offer: SessionDescription): EndpointOutput[] {
    return this.#step(() => this.#session(call)?.offer(now, offer))
  }

  answerOffer(now: Instant, call: SipCallId, description: SessionDescription): EndpointOutput[] {
    return this.#step(() => this.#session(call)?.answerOffer(now, description))
  }

  rejectOffer(now: Instant, call: SipCallId, status: number): EndpointOutput[] {
    assert(status >= 300 && status < 700, 'a refusal is 300 to 699')
    return this.#step(() => this.#session(call)?.rejectOffer(now, status))
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
    const outputs = this.#step(() => this.#sendOutside(now, id, request))
    return { id, outputs }
  }

  describe(
    call: SipCallId,
  ):
    | { callId: string; localTag: string; remoteTag: string | undefined; remoteTarget: string | undefined }
    | undefined {
    const found = this.#calls.get(call)
    if (found === undefined) return undefined
    const dialog = found.dialog(undefined)
    const { callId, localTag } = found
    return { callId, localTag, remoteTag: dialog?.remoteTag, remoteTarget: dialog?.remoteTarget }
  }

  /** Runs one input and returns what it caused. */
  #step(run: () => void): EndpointOutput[] {
    const outputs: EndpointOutput[] = []
    this.#outputs = outputs
    run()
    return outputs
  }

  #receiveResponse(now: Instant, response: SipResponse, flow: Flow): void {
    const facts = factsOf(response)
    if (facts === undefined || validateResponse(response) !== undefined) this.#drop('malformed response')
    else if (!this.#table.receiveResponse(now, response, facts, flow)) this.#drop('stray response')
  }

  #receiveRequest(now: Instant, request: SipRequest, flow: Flow): void {
    const facts = factsOf(request)
    const known = facts === undefined ? undefined : this.#table.findServer(serverKey(request, facts))
    if (request.method === 'ACK') this.#receiveAck(now, request, facts, known)
    else if (known !== undefined) this.#table.receiveCopy(now, known, request)
    else if (!receivedVia(request, flow)) this.#drop('no way back')
    else if (facts === undefined) this.#refuse(request, flow, { status: 400, reason: 'Bad Request' })
    else if (request.method === 'CANCEL') this.#receiveCancel(now, request, facts, flow)
    else if (facts.toTag !== undefined) this.#receiveInside(now, request, facts, flow)
    else this.#receiveOutside(now, request, facts, flow)
  }

  /** An ACK belongs to a rejection's transaction or to the dialog of a 2xx; any other is dropped, never answered. */
  #receiveAck(
    now: Instant,
    ack: SipRequest,
    facts: MessageFacts | undefined,
    known: ServerEntry | undefined,
  ): void {
    if (known !== undefined && !this.#table.receiveCopy(now, known, ack)) return
    const call = facts === undefined ? undefined : this.#callOf(facts)
    if (facts === undefined || call === undefined) this.#drop('stray ACK')
    else call.takeAck(now, ack, facts)
  }

  /** A CANCEL is matched by branch; where a NAT moved the sent-by, by the names of the INVITE and its branch (§9.2). */
  #receiveCancel(now: Instant, cancel: SipRequest, facts: MessageFacts, flow: Flow): void {
    const refusal = refuseInside(cancel, this.#load)
    if (refusal !== undefined) {
      this.#refuse(cancel, flow, refusal)
      return
    }
    const moved = this.#table.findMerged(mergeKey({ method: 'INVITE' }, facts))
    const invite =
      this.#table.findServer(cancelledKey(facts)) ??
      (moved?.facts.branch === facts.branch ? moved : undefined)
    if (invite === undefined) {
      this.#refuse(cancel, flow, { status: 481, reason: 'Call/Transaction Does Not Exist' })
      return
    }
    const entry = this.#serve(now, cancel, facts, flow, invite.toTag)
    if (entry === undefined) return
    respond(this.#core, now, entry, 200)
    // A re-INVITE is answered by its user all the same: the CANCEL came too late for it, which §9.2 allows.
    this.#byInvite.get(invite.id)?.takeCancel(now, cancel)
  }

  #receiveInside(now: Instant, request: SipRequest, facts: MessageFacts, flow: Flow): void {
    const refusal = refuseInside(request, this.#load)
    const call = this.#callOf(facts)
    if (refusal !== undefined) this.#refuse(request, flow, refusal)
    else if (call?.dialog(facts.fromTag) === undefined)
      this.#refuse(request, flow, { status: 481, reason: 'Call/Transaction Does Not Exist' })
    else {
      const entry = this.#serve(now, request, facts, flow, call.localTag)
      if (entry !== undefined) call.takeRequest(now, entry)
    }
  }

  #receiveOutside(now: Instant, request: SipRequest, facts: MessageFacts, flow: Flow): void {
    const refusal = this.#table.findMerged(mergeKey(request, facts))
      ? { status: 482, reason: 'Loop Detected' }
      : refuseOutside(request, this.#load)
    if (refusal !== undefined) this.#refuse(request, flow, refusal)
    else if (request.method === 'INVITE') this.#receiveInvite(now, request, facts, flow)
    else {
      const entry = this.#serve(now, request, facts, flow, this.#tokens.name())
      if (entry !== undefined)
        this.#core.emit({ kind: 'request', transaction: entry.id, request: entry.request, flow })
    }
  }

  #receiveInvite(now: Instant, request: SipRequest, facts: MessageFacts, flow: Flow): void {
    const body = describedBody(request)
    const localTag = this.#tokens.name()
    const { fromTag: remoteTag, cseq } = facts
    const dialog = dialogOfInvite(request, { localTag, remoteTag, cseq: cseq.number, flow })
    if (body.kind === 'bad' || dialog === undefined) {
      const bad = { status: 488, reason: 'Not Acceptable Here' }
      this.#refuse(request, flow, dialog === undefined ? { status: 400, reason: 'Missing Contact' } : bad)
      return
    }
    const entry = this.#serve(now, request, facts, flow, localTag)
    if (entry === undefined) return
    const id = this.#table.nextId()
    const call = new IncomingCall(this.#core, now, { id, entry, dialog, offered: body.kind === 'sdp' })
    this.#add(call)
    this.#byInvite.set(entry.id, call)
    const offer = body.kind === 'sdp' ? { offer: body.description } : {}
    this.#core.emit({ kind: 'invited', call: id, request, flow, ...offer })
  }

  /** Starts the transaction of a request; without a way back there is none. */
  #serve(
    now: Instant,
    request: SipRequest,
    facts: MessageFacts,
    flow: Flow,
    toTag: string,
  ): ServerEntry | undefined {
    const probe = responseTo(request, 100, this.#options.product)
    const destination = responseDestination(probe, flow)
    if (destination === undefined) {
      this.#drop('no way back')
      return undefined
    }
    return this.#table.serve(now, request, facts, { flow, destination, toTag })
  }

  /** Answers without keeping state (§8.2.7). */
  #refuse(request: SipRequest, flow: Flow, refusal: Refusal): void {
    const message = refusalOf(request, refusal)
    message.headers.append('Server', this.#options.product)
    if (refusal.status === 405)
      for (const [name, value] of abilityFields(this.#core)) message.headers.append(name, value)
    const destination = responseDestination(message, flow)
    if (destination !== undefined) this.#core.emit({ kind: 'transmit', destination, message })
    this.#drop(`${refusal.status} ${request.method}`)
  }

  #drop(why: string): void {
    this.#core.emit({ kind: 'refused', why })
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

  #sendOutside(now: Instant, id: ClientTransactionId, outgoing: OutgoingRequest): void {
    if (this.#table.size >= this.#transactionsMax) {
      this.#core.emit({ kind: 'response', transaction: id, response: madeHere(503) })
      return
    }
    const request = complete(this.#core, outgoing)
    const { credentials, destination } = outgoing
    const last: ClientListener = {
      response: (_now, response, flow) =>
        this.#core.emit({
          kind: 'response',
          transaction: id,
          response,
          ...(flow === undefined ? {} : { flow }),
        }),
    }
    const first: ClientListener = {
      response: (at, response, flow) => {
        const { crypto } = this.#options
        const field =
          credentials === undefined || flow === undefined
            ? undefined
            : answerChallenge(crypto, request, response, { credentials, cnonce: this.#tokens.name() })
        if (field === undefined) last.response(at, response, flow)
        else
          this.#table.send(
            at,
            complete(this.#core, outgoing, { after: request, field }),
            destination,
            last,
            id,
          )
      },
    }
    this.#table.send(now, request, destination, first, id)
  }

  get #callsMax(): number {
    return this.#options.callsMax ?? CALLS_MAX
  }

  get #transactionsMax(): number {
    return this.#options.transactionsMax ?? TRANSACTIONS_MAX
  }

  get #load(): { calls: number; callsMax: number; transactions: number; transactionsMax: number } {
    return { ...this.counts, callsMax: this.#callsMax, transactionsMax: this.#transactionsMax }
  }

  #add(call: Call): void {
    this.#calls.set(call.id, call)
    this.#byDialog.set(`${call.callId} ${call.localTag}`, call)
  }

  #release(id: SipCallId): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    this.#calls.delete(id)
    this.#byDialog.delete(`${call.callId} ${call.localTag}`)
  }

  #callOf(facts: MessageFacts): Call | undefined {
    return facts.toTag === undefined ? undefined : this.#byDialog.get(`${facts.callId} ${facts.toTag}`)
  }

  #incoming(id: SipCallId): IncomingCall | undefined {
    const call = this.#calls.get(id)
    return call instanceof IncomingCall ? call : undefined
  }

  #session(id: SipCallId): Session | undefined {
    return this.#calls.get(id)?.session
  }
}
