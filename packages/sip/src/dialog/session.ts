/**
 * A call whose dialog is confirmed: BYE (RFC 3261 §15), the peer's offers by re-INVITE and UPDATE (§14.2, RFC 3311,
 * RFC 3264), the wait for an ACK (§13.3.1.4), and our own requests inside the dialog (§12.2.1). `refresher.ts` keeps it
 * alive (RFC 4028).
 *
 * At most one offer is open at a time, whoever made it: ours (`own-offers.ts`) go while no other is. After `over`
 * nothing more is said about the call.
 */
import { after, earlier, type Instant, NEVER } from '@tandem/base'
import { type Core, contactFields, respond, retrySoon, supportedField } from '../endpoint/core.ts'
import type { MessageFacts } from '../endpoint/facts.ts'
import { type ResponseParts, responseTo } from '../endpoint/response.ts'
import { bodyOf, describedBody, descriptionIn, refusalOfOffer } from '../endpoint/sdp-body.ts'
import type { ClientTransactionId, Credentials, SipCallId } from '../endpoint-api.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { SessionDescription } from '../sdp/description.ts'
import { DEAF, type ServerEntry, type Timed } from '../transaction/entry.ts'
import { AnswerKeeper } from './answer-keeper.ts'
import { takeOther } from './call.ts'
import type { Dialog } from './dialog.ts'
import { type OfferUser, OwnOffers } from './own-offers.ts'
import { type RefreshedSession, Refresher } from './refresher.ts'
import { endsDialog, sendInDialog } from './request.ts'
import { refuseInterval, type SessionTimer } from './session-timer.ts'

/** How long the user may take over an offer of the peer, in ms; then it is refused with 500. Less than 64*T1. */
export const ANSWER_MS_MAX = 30_000

/** An answer of ours that waits for its ACK. */
interface Unacknowledged {
  readonly keeper: AnswerKeeper
  readonly entry: ServerEntry
  readonly response: SipResponse
  /** The ACK must bring the answer to the offer in our 2xx. */
  readonly offered: boolean
  readonly first: boolean
}

/** An offer of the peer, or its wish for one, that the user has still to answer. */
interface Theirs {
  readonly entry: ServerEntry
  readonly offer: SessionDescription | undefined
  readonly endsAt: Instant
}

/** What a session is made with. */
export interface SessionParts {
  readonly id: SipCallId
  readonly dialog: Dialog
  readonly ownsCallId: boolean
  readonly contactUser: string | undefined
  readonly credentials: Credentials | undefined
  readonly timer: SessionTimer
}

/** The confirmed part of one call. */
export class Session implements Timed, OfferUser, RefreshedSession {
  readonly id: SipCallId
  readonly dialog: Dialog
  readonly #core: Core
  readonly #parts: SessionParts
  readonly #ours: OwnOffers
  readonly #refresher: Refresher
  /** The descriptions in force; the peer's is undefined until it has answered our offer in the first 2xx. */
  #local: SessionDescription
  #remote: SessionDescription | undefined
  /** The peer's re-INVITE or UPDATE that the user has still to answer. */
  #theirs: Theirs | undefined
  #unacknowledged: Unacknowledged | undefined
  /** The peer's offer in the 2xx to our first INVITE; our ACK waits for the answer. */
  #delayed:
    | { readonly offer: SessionDescription; readonly acknowledge: (body: SessionDescription) => void }
    | undefined
  /** The newest UPDATE of the user that waits for an ACK. */
  #update: readonly (readonly [string, string])[] | undefined
  #reason: string | undefined
  #silent = false
  #over = false

  constructor(
    core: Core,
    parts: SessionParts,
    agreed: { readonly local: SessionDescription; readonly remote: SessionDescription | undefined },
  ) {
    this.#core = core
    this.#parts = parts
    this.id = parts.id
    this.dialog = parts.dialog
    this.#local = agreed.local
    this.#remote = agreed.remote
    this.#ours = new OwnOffers(core, parts, this)
    this.#refresher = new Refresher(core, parts, this.#ours, this)
  }

  /** True once the user has ended the call and hears no more of it. */
  get silent(): boolean {
    return this.#silent
  }

  get deadline(): Instant {
    if (this.#over) return NEVER
    // The end of a back-off wakes nobody while another offer is open: closing that one does.
    const own = this.offerOpen ? NEVER : this.#ours.deadline
    const refresh = this.#silent ? NEVER : this.#refresher.deadline
    const theirs = this.#theirs?.entry.awaitsAnswer === true ? this.#theirs.endsAt : NEVER
    return earlier(earlier(own, theirs), earlier(refresh, this.#unacknowledged?.keeper.deadline ?? NEVER))
  }

  wake(now: Instant): void {
    if (this.#over) return
    const waiting = this.#unacknowledged
    switch (waiting?.keeper.tick(now)) {
      case 'resend':
        if (waiting !== undefined) this.#core.table.respond(now, waiting.entry, waiting.response)
        break
      case 'giveUp':
        this.#hangUp(now, 'noAck')
        return
    }
    if (!this.#silent && !this.#refresher.tick(now)) {
      this.#hangUp(now, 'timeout')
      return
    }
    if (this.#theirs !== undefined && now >= this.#theirs.endsAt) this.rejectOffer(now, 500)
    else this.#proceed(now)
  }

  /** Sends the 2xx to the INVITE or a re-INVITE, and repeats it until the ACK. */
  answer(
    now: Instant,
    entry: ServerEntry,
    description: SessionDescription,
    options: {
      readonly offered: boolean
      readonly first: boolean
      readonly headers?: Iterable<readonly [string, string]> | undefined
    },
  ): void {
    const { fields, body } = bodyOf(description)
    const timer = this.#parts.timer.takeRequest(now, entry.request)
    const headers = [...this.#contact(), ...timer, ...fields, ...(options.headers ?? [])]
    this.#local = description
    const parts: ResponseParts = { toTag: entry.toTag, recordRoute: true, headers, body }
    const response = responseTo(entry.request, 200, this.#core.options.product, parts)
    const keeper = new AnswerKeeper(now, entry.facts.cseq.number)
    this.#unacknowledged = { keeper, entry, response, offered: options.offered, first: options.first }
    this.#core.table.respond(now, entry, response)
    this.#reschedule()
  }

  /** The session runs from now on. */
  begin(): void {
    this.#reschedule()
  }

  /** Waits for the user's answer to the offer in the 2xx; `acknowledge` sends the ACK with it. */
  delay(offer: SessionDescription, acknowledge: (answer: SessionDescription) => void): void {
    this.#delayed = { offer, acknowledge }
  }

  /** The user's answer to a delayed offer. */
  acknowledge(now: Instant, answer: SessionDescription): void {
    const delayed = this.#delayed
    if (delayed === undefined) return
    this.#delayed = undefined
    this.#local = answer
    delayed.acknowledge(answer)
    this.#proceed(now)
  }

  /** Offers a change of the session, now or when its turn comes. */
  offer(
    now: Instant,
    description: SessionDescription,
    headers: Iterable<readonly [string, string]> = [],
  ): void {
    if (this.#over || this.#silent) return
    this.#ours.add({ description, headers: [...headers], quiet: false })
    this.#proceed(now)
  }

  /** Offers a change that the user does not know of, when its turn comes. */
  offerQuietly(now: Instant, description: SessionDescription): void {
    this.#ours.add({ description, headers: [], quiet: true })
    this.#proceed(now)
  }

  /**
   * Sends an UPDATE without an offer; nothing when the peer takes none. It waits for the ACK of our 2xx: one that
   * overtook the 2xx would meet a peer that knows of no dialog yet.
   */
  update(now: Instant, headers: Iterable<readonly [string, string]>): void {
    if (this.#over || this.#silent) return
    if (this.#unacknowledged === undefined) this.#refresher.update(now, headers)
    else this.#update = [...headers]
  }

  /** Answers the peer's re-INVITE or UPDATE; nothing when it has gone. */
  answerOffer(now: Instant, description: SessionDescription): void {
    const theirs = this.#takeTheirs()
    if (theirs === undefined) return
    const { entry, offer } = theirs
    this.dialog.refreshTarget(entry.request)
    this.#remote = offer ?? this.#remote
    if (entry.request.method === 'INVITE') {
      this.answer(now, entry, description, { offered: offer === undefined, first: false })
      return
    }
    this.#local = description
    const { fields, body } = bodyOf(description)
    const timer = this.#parts.timer.takeRequest(now, entry.request)
    respond(this.#core, now, entry, 200, { headers: [...this.#contact(), ...timer, ...fields], body })
    this.#proceed(now)
  }

  /** Refuses the peer's re-INVITE or UPDATE; the session stays as it was. */
  rejectOffer(now: Instant, status: number): void {
    const theirs = this.#takeTheirs()
    if (theirs === undefined) return
    respond(this.#core, now, theirs.entry, status)
    this.#proceed(now)
  }

  /** Sends a request of the user inside the dialog. */
  request(
    now: Instant,
    id: ClientTransactionId,
    request: { method: string; headers?: Iterable<readonly [string, string]>; body?: Uint8Array },
  ): void {
    const headers = [...(request.headers ?? [])]
    if (request.method === 'REFER' || request.method === 'SUBSCRIBE') headers.push(...this.#contact())
    const listener = {
      response: (at: Instant, response: SipResponse): void => {
        if (!this.#silent) this.#core.emit({ kind: 'callResponse', call: this.id, transaction: id, response })
        if (endsDialog(request.method, response.status)) this.lost(at, response.status)
      },
    }
    const parts = { method: request.method, headers, body: request.body }
    sendInDialog(
      this.#core,
      now,
      this.dialog,
      { ...parts, id, credentials: this.#parts.credentials },
      listener,
    )
  }

  /** A request of the peer in this dialog. */
  takeRequest(now: Instant, entry: ServerEntry): void {
    const { method } = entry.request
    if (!this.dialog.takeCSeq(entry.facts.cseq.number)) {
      respond(this.#core, now, entry, 500, { reason: 'Out Of Order' })
      return
    }
    this.dialog.follow(entry.flow)
    this.dialog.peer.learn(entry.request)
    if (method === 'BYE') this.#takeBye(now, entry)
    else if (method === 'INVITE' || method === 'UPDATE') this.#takeOffer(now, entry)
    else takeOther(this.#core, now, this, entry)
  }

  /** The ACK of a 2xx of ours; any other is a copy, or of a rejection. */
  takeAck(now: Instant, ack: SipRequest, facts: MessageFacts): void {
    const waiting = this.#unacknowledged
    if (waiting === undefined || waiting.keeper.cseq !== facts.cseq.number) return
    this.#unacknowledged = undefined
    this.dialog.follow(waiting.entry.flow)
    if (this.#silent) {
      this.#hangUp(now, undefined)
      return
    }
    const answer = waiting.offered ? descriptionIn(ack) : undefined
    this.#remote = answer ?? this.#remote
    if (waiting.first || waiting.offered)
      this.#core.emit({ kind: 'acknowledged', call: this.id, ...(answer === undefined ? {} : { answer }) })
    if (waiting.first && waiting.offered && answer === undefined) {
      this.#hangUp(now, 'gone')
      return
    }
    const update = this.#update
    this.#update = undefined
    if (update !== undefined) this.#refresher.update(now, update)
    this.#proceed(now)
  }

  /** Ends the session for the user: BYE, but not before the ACK that is still to come (§15). `reason` is its Reason (RFC 3326). */
  end(now: Instant, reason?: string): void {
    if (this.#over || this.#silent) return
    this.#silent = true
    this.#reason = reason
    this.#abandonOffers(now)
    const delayed = this.#delayed
    this.#delayed = undefined
    delayed?.acknowledge(refusalOfOffer(delayed.offer))
    if (this.#unacknowledged === undefined) this.#hangUp(now, undefined)
  }

  settled(now: Instant): void {
    this.#proceed(now)
  }

  lost(now: Instant, status: number): void {
    if (!this.#over) this.#hangUp(now, status === 408 ? 'timeout' : 'gone')
  }

  agreed(offer: SessionDescription, answer: SessionDescription): boolean {
    const before = this.#remote
    this.#local = offer
    this.#remote = answer
    return before === undefined || !sameMedia(before, answer)
  }

  get local(): SessionDescription {
    return this.#local
  }

  #takeBye(now: Instant, entry: ServerEntry): void {
    respond(this.#core, now, entry, 200)
    this.#abandonOffers(now)
    if (!this.#silent) this.#core.emit({ kind: 'ended', call: this.id, why: 'bye', request: entry.request })
    this.#close()
  }

  /** A re-INVITE or UPDATE of the peer (§14.2, RFC 3311 §5.2). */
  #takeOffer(now: Instant, entry: ServerEntry): void {
    const { request } = entry
    const isInvite = request.method === 'INVITE'
    const body = describedBody(request)
    const theirs = this.#theirs?.entry.awaitsAnswer === true ? this.#theirs.entry : undefined
    const tooShort = refuseInterval(request)
    if (this.#silent) respond(this.#core, now, entry, isInvite ? 487 : 481)
    else if (body.kind === 'bad') respond(this.#core, now, entry, 488)
    else if (tooShort !== undefined) respond(this.#core, now, entry, 422, { headers: tooShort.headers })
    else if (!isInvite && body.kind === 'none' && theirs?.request.method !== 'UPDATE') {
      this.dialog.refreshTarget(request) // An UPDATE without an offer refreshes the target and the session.
      const timer = this.#parts.timer.takeRequest(now, request)
      respond(this.#core, now, entry, 200, { headers: [...this.#contact(), ...timer] })
      this.#reschedule()
    } else if (theirs !== undefined)
      respond(this.#core, now, entry, 500, { headers: [retrySoon(this.#core)] })
    else if (this.#ours.open || this.#unacknowledged !== undefined || this.#delayed !== undefined)
      respond(this.#core, now, entry, 491)
    else {
      const offer = body.kind === 'sdp' ? body.description : undefined
      if (isInvite) respond(this.#core, now, entry, 100)
      this.#theirs = { entry, offer, endsAt: after(now, ANSWER_MS_MAX) }
      this.#reschedule()
      this.#core.emit({ kind: 'offered', call: this.id, request, ...(offer === undefined ? {} : { offer }) })
    }
  }

  /** Whether an offer is on its way, here or there, or an INVITE that could carry one (§14.1). */
  get offerOpen(): boolean {
    return (
      this.#ours.open ||
      this.#theirs?.entry.awaitsAnswer === true ||
      this.#unacknowledged !== undefined ||
      this.#delayed !== undefined
    )
  }

  /** The peer's open offer, taken out, if its transaction still waits for the answer. */
  #takeTheirs(): Theirs | undefined {
    const theirs = this.#theirs
    this.#theirs = undefined
    return theirs?.entry.awaitsAnswer === true ? theirs : undefined
  }

  /** Sends the next offer of ours when nothing is open. */
  #proceed(now: Instant): void {
    if (!this.offerOpen && !this.#over && !this.#silent) this.#ours.sendNext(now)
    this.#reschedule()
  }

  /** BYE or the user ends the session while offers are open: both sides' are let go (§15.1.2). */
  #abandonOffers(now: Instant): void {
    const theirs = this.#takeTheirs()
    if (theirs !== undefined) respond(this.#core, now, theirs.entry, 487)
    this.#ours.abandon(now)
  }

  #hangUp(now: Instant, why: 'noAck' | 'timeout' | 'gone' | undefined): void {
    if (this.#over) return
    this.#abandonOffers(now)
    const headers: [string, string][] = this.#reason === undefined ? [] : [['Reason', this.#reason]]
    const parts = { method: 'BYE', headers, credentials: this.#parts.credentials }
    sendInDialog(this.#core, now, this.dialog, parts, DEAF)
    if (!this.#silent && why !== undefined) this.#core.emit({ kind: 'ended', call: this.id, why })
    this.#close()
  }

  #close(): void {
    this.#over = true
    this.#silent = true
    this.#unacknowledged = undefined
    this.#core.heap.delete(this)
    this.#core.release(this.id)
  }

  #reschedule(): void {
    if (!this.#over) this.#core.heap.set(this, this.deadline)
  }

  #contact(): [string, string][] {
    const fields = contactFields(this.#core, this.dialog.destination, this.#parts.contactUser)
    return [...fields, supportedField(this.#core, { reliable: true })]
  }
}

/** Whether two descriptions ask for the same, whatever version they say they are. */
export function sameMedia(a: SessionDescription, b: SessionDescription): boolean {
  return JSON.stringify(a.media) === JSON.stringify(b.media)
}
