/**
 * Finds whom a message is for: RFC 3261 §8.2, §9.2, §12.2.2, §17. A transaction, a call, the user, or nobody.
 *
 * What they do with it is in `transaction/` and `dialog/`. Whatever a peer sends is answered or dropped, never thrown at
 * the caller; under a flood it is refused from the message alone (`admission.ts`).
 */
import type { Instant } from '@tandem/base'
import { dialogOfInvite } from '../dialog/dialog.ts'
import { IncomingCall } from '../dialog/incoming-call.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { refusalOf } from '../message/refusal.ts'
import { type Abilities, type Refusal, validateResponse } from '../message/validate.ts'
import type { ServerEntry } from '../transaction/entry.ts'
import type { Flow } from '../transport/flow.ts'
import { receivedVia, responseDestination } from '../transport/via.ts'
import { type Load, refuseInside, refuseOutside } from './admission.ts'
import type { CallTable } from './call-table.ts'
import { abilityFields, type Core, extensionsOf, respond } from './core.ts'
import { cancelledKey, factsOf, type MessageFacts, mergeKey, serverKey } from './facts.ts'
import { responseTo } from './response.ts'
import { describedBody } from './sdp-body.ts'

/** The way in of one endpoint. */
export class Reception {
  readonly #core: Core
  readonly #calls: CallTable
  readonly #load: () => Load
  readonly #abilities: Abilities

  /** `load` says how full the endpoint is now. */
  constructor(core: Core, calls: CallTable, load: () => Load) {
    this.#core = core
    this.#calls = calls
    this.#load = load
    this.#abilities = { extensions: extensionsOf(core.options) }
  }

  /** Takes a response: it belongs to a client transaction, or to nobody. */
  receiveResponse(now: Instant, response: SipResponse, flow: Flow): void {
    const facts = factsOf(response)
    if (facts === undefined || validateResponse(response) !== undefined) this.#drop('malformed response')
    else if (!this.#core.table.receiveResponse(now, response, facts, flow)) this.#drop('stray response')
  }

  /** Takes a request: a copy, one in a dialog, or one that begins something. */
  receiveRequest(now: Instant, request: SipRequest, flow: Flow): void {
    const facts = factsOf(request)
    const known = facts === undefined ? undefined : this.#core.table.findServer(serverKey(request, facts))
    if (request.method === 'ACK') this.#receiveAck(now, request, facts, known)
    else if (known !== undefined) this.#core.table.receiveCopy(now, known, request)
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
    if (known !== undefined && !this.#core.table.receiveCopy(now, known, ack)) return
    const call = facts === undefined ? undefined : this.#calls.inDialog(facts)
    if (facts === undefined || call === undefined) this.#drop('stray ACK')
    else call.takeAck(now, ack, facts)
  }

  /** A CANCEL is matched by branch; where a NAT moved the sent-by, by the names of the INVITE and its branch (§9.2). */
  #receiveCancel(now: Instant, cancel: SipRequest, facts: MessageFacts, flow: Flow): void {
    const refusal = refuseInside(cancel, this.#load())
    if (refusal !== undefined) {
      this.#refuse(cancel, flow, refusal)
      return
    }
    const moved = this.#core.table.findMerged(mergeKey({ method: 'INVITE' }, facts))
    const invite =
      this.#core.table.findServer(cancelledKey(facts)) ??
      (moved?.facts.branch === facts.branch ? moved : undefined)
    if (invite === undefined) {
      this.#refuse(cancel, flow, { status: 481, reason: 'Call/Transaction Does Not Exist' })
      return
    }
    const entry = this.#serve(now, cancel, facts, flow, invite.toTag)
    if (entry === undefined) return
    respond(this.#core, now, entry, 200)
    // A re-INVITE is answered by its user all the same: the CANCEL came too late for it, which §9.2 allows.
    this.#calls.ofInvite(invite.id)?.takeCancel(now, cancel)
  }

  #receiveInside(now: Instant, request: SipRequest, facts: MessageFacts, flow: Flow): void {
    const refusal = refuseInside(request, this.#load(), this.#abilities)
    const call = this.#calls.inDialog(facts)
    if (refusal !== undefined) this.#refuse(request, flow, refusal)
    // A subscription is its user's to keep (RFC 6665 §4.5.2): one that is refreshed names a dialog that is no call's.
    else if (call === undefined && request.method === 'SUBSCRIBE')
      this.#receiveOutside(now, request, facts, flow)
    else if (call?.dialog(facts.fromTag) === undefined)
      this.#refuse(request, flow, { status: 481, reason: 'Call/Transaction Does Not Exist' })
    else {
      const entry = this.#serve(now, request, facts, flow, call.localTag)
      if (entry !== undefined) call.takeRequest(now, entry)
    }
  }

  #receiveOutside(now: Instant, request: SipRequest, facts: MessageFacts, flow: Flow): void {
    const refusal = this.#core.table.findMerged(mergeKey(request, facts))
      ? { status: 482, reason: 'Loop Detected' }
      : refuseOutside(request, this.#load(), this.#abilities)
    if (refusal !== undefined) this.#refuse(request, flow, refusal)
    else if (request.method === 'INVITE') this.#receiveInvite(now, request, facts, flow)
    else {
      const entry = this.#serve(now, request, facts, flow, this.#core.tokens.name())
      if (entry !== undefined)
        this.#core.emit({ kind: 'request', transaction: entry.id, request: entry.request, flow })
    }
  }

  #receiveInvite(now: Instant, request: SipRequest, facts: MessageFacts, flow: Flow): void {
    const body = describedBody(request)
    const localTag = this.#core.tokens.name()
    const { fromTag: remoteTag, cseq } = facts
    const dialog = dialogOfInvite(request, { localTag, remoteTag, cseq: cseq.number, flow })
    if (body.kind === 'bad' || dialog === undefined) {
      const bad = { status: 488, reason: 'Not Acceptable Here' }
      this.#refuse(request, flow, dialog === undefined ? { status: 400, reason: 'Missing Contact' } : bad)
      return
    }
    const entry = this.#serve(now, request, facts, flow, localTag)
    if (entry === undefined) return
    const id = this.#core.table.nextId()
    const offer = body.kind === 'sdp' ? body.description : undefined
    const call = new IncomingCall(this.#core, now, { id, entry, dialog, offer })
    this.#calls.add(call, entry.id)
    this.#core.emit({ kind: 'invited', call: id, request, flow, ...(offer === undefined ? {} : { offer }) })
  }

  /** Starts the transaction of a request; without a way back there is none. */
  #serve(
    now: Instant,
    request: SipRequest,
    facts: MessageFacts,
    flow: Flow,
    toTag: string,
  ): ServerEntry | undefined {
    const probe = responseTo(request, 100, this.#core.options.product)
    const destination = responseDestination(probe, flow)
    if (destination === undefined) {
      this.#drop('no way back')
      return undefined
    }
    return this.#core.table.serve(now, request, facts, { flow, destination, toTag })
  }

  /** Answers without keeping state (§8.2.7). */
  #refuse(request: SipRequest, flow: Flow, refusal: Refusal): void {
    const message = refusalOf(request, refusal)
    message.headers.append('Server', this.#core.options.product)
    if (refusal.status === 405)
      for (const [name, value] of abilityFields(this.#core)) message.headers.append(name, value)
    const destination = responseDestination(message, flow)
    if (destination !== undefined) this.#core.emit({ kind: 'transmit', destination, message })
    this.#drop(`${refusal.status} ${request.method}`)
  }

  #drop(why: string): void {
    this.#core.emit({ kind: 'refused', why })
  }
}
