/**
 * A call that we place: RFC 3261 §13.2, with the forks of §13.2.2.4 and the challenge of §22.2.
 *
 * Each To tag in a response is a dialog of its own. The first 2xx wins; every other dialog that is answered is
 * acknowledged and hung up here. So is a 2xx that crosses our CANCEL.
 */
import type { Instant } from '@tandem/base'
import { answerChallenge } from '../auth/answer.ts'
import {
  abilityFields,
  type Core,
  contactFields,
  respond,
  retrySoon,
  sendAck,
  supportedField,
  transmit,
} from '../endpoint/core.ts'
import type { MessageFacts } from '../endpoint/facts.ts'
import { bodyOf, describedBody, descriptionIn } from '../endpoint/sdp-body.ts'
import type { InviteOptions, SipCallId } from '../endpoint-api.ts'
import { Headers } from '../message/headers.ts'
import { MAX_FORWARDS } from '../message/max-forwards.ts'
import { NO_BODY, type SipRequest, type SipResponse } from '../message/message.ts'
import { parseNameAddr, tagOf } from '../message/name-addr.ts'
import type { SessionDescription } from '../sdp/description.ts'
import { DEAF, type ServerEntry } from '../transaction/entry.ts'
import type { Destination, Flow } from '../transport/flow.ts'
import { type Call, takeOther } from './call.ts'
import { type Dialog, destinationOf, dialogOfResponse } from './dialog.ts'
import { InviteAttempt, type InviteUser } from './invite-attempt.ts'
import { ReliableReceiver, rackOf, rseqOf } from './reliable.ts'
import { sendInDialog } from './request.ts'
import { Session, type SessionParts } from './session.ts'
import { SessionTimer } from './session-timer.ts'

/** Most dialogs that one INVITE may make: no proxy forks to more phones that matter. An answer displaces one that only rings. */
export const FORKS_MAX = 32

/** One dialog that the INVITE made, with what it has come to. */
interface Fork {
  readonly dialog: Dialog
  /** The answer in a 18x: it holds when the 2xx has none. */
  answer: SessionDescription | undefined
  readonly reliable: ReliableReceiver
  /** The ACK of its 2xx, for when that comes again. */
  ack: { readonly destination: Destination; readonly request: SipRequest } | undefined
}

/** A call placed here. */
export class OutgoingCall implements Call, InviteUser {
  readonly id: SipCallId
  readonly callId: string
  readonly localTag: string
  readonly #core: Core
  readonly #options: InviteOptions
  readonly #timer: SessionTimer
  readonly #forks = new Map<string, Fork>()
  #attempt: InviteAttempt
  #cseq = 1
  #challenged = false
  /** A 422 was answered with a longer interval. */
  #longer = false
  #session: Session | undefined
  #winner: Fork | undefined
  /** The user hears no more: it ended the call, or was told of its end. */
  #silent = false

  constructor(core: Core, now: Instant, id: SipCallId, options: InviteOptions) {
    this.#core = core
    this.id = id
    this.#options = options
    this.callId = options.callId ?? core.tokens.name() + core.tokens.name()
    this.localTag = core.tokens.name()
    this.#timer = new SessionTimer(core.options.sessionExpiresSeconds)
    this.#attempt = this.#place(now, [])
  }

  get session(): Session | undefined {
    return this.#session
  }

  get silent(): boolean {
    return this.#silent || this.#session?.silent === true
  }

  dialog(remoteTag: string | undefined): Dialog | undefined {
    if (remoteTag !== undefined) return this.#forks.get(remoteTag)?.dialog
    return this.#winner?.dialog ?? this.#forks.values().next().value?.dialog
  }

  provisional(now: Instant, response: SipResponse, flow: Flow | undefined): void {
    if (this.#silent || this.#session !== undefined) return
    const fork = this.#fork(response, flow)
    const { status } = response
    const rseq = this.#options.offer === undefined ? undefined : rseqOf(response)
    if (rseq !== undefined) {
      if (fork?.reliable.take(rseq) !== true) return // A copy, or one before its turn: it will come again.
      this.#sendPrack(now, fork, rseq)
    }
    if (fork !== undefined) {
      fork.dialog.refreshTarget(response)
      if (this.#options.offer !== undefined) fork.answer = descriptionIn(response) ?? fork.answer
    }
    this.#core.emit({
      kind: 'progressed',
      call: this.id,
      status,
      response,
      dialog: fork?.dialog.remoteTag ?? tagOf(response.headers.get('To')) ?? '',
      ...(fork?.answer === undefined ? {} : { answer: fork.answer }),
    })
  }

  accepted(now: Instant, response: SipResponse, flow: Flow | undefined): void {
    const fork = this.#fork(response, flow)
    if (fork === undefined) {
      // An answer without To tag makes no dialog to be in; one past all the room is left to time out at its phone.
      if (this.#silent) this.#core.release(this.id)
      else if (this.#winner === undefined) this.#over({ status: 502, response })
      return
    }
    if (fork.ack !== undefined) {
      transmit(this.#core, fork.ack.destination, fork.ack.request)
      return
    }
    if (fork === this.#winner) return // A copy, while the ACK waits for the user's answer.
    fork.dialog.confirm(response)
    if (flow !== undefined) fork.dialog.follow(flow)
    if (this.#silent || this.#winner !== undefined) {
      this.#acknowledge(fork, undefined)
      this.#hangUp(now, fork)
      if (this.#silent) this.#core.release(this.id)
      return
    }
    this.#win(now, fork, response)
  }

  failed(now: Instant, status: number, response: SipResponse | undefined): void {
    if (this.#silent) {
      this.#core.release(this.id)
      return
    }
    if (response !== undefined && this.#retry(now, response)) return
    this.#over({ status, response })
  }

  takeRequest(now: Instant, entry: ServerEntry): void {
    const fork = this.#forks.get(entry.facts.fromTag)
    if (fork === undefined) respond(this.#core, now, entry, 481)
    else if (fork === this.#winner && this.#session !== undefined) this.#session.takeRequest(now, entry)
    else this.#takeEarly(now, fork.dialog, entry)
  }

  takeAck(now: Instant, ack: SipRequest, facts: MessageFacts): void {
    if (this.#winner?.dialog.remoteTag === facts.fromTag) this.#session?.takeAck(now, ack, facts)
  }

  takeCancel(): void {}

  end(now: Instant, options: { readonly reason?: string } = {}): void {
    if (this.#session !== undefined) {
      this.#session.end(now, options.reason)
      return
    }
    if (this.#silent) return
    this.#silent = true
    this.#attempt.cancel(now, options.reason)
  }

  update(now: Instant, headers: Iterable<readonly [string, string]>): void {
    if (this.#session !== undefined) {
      this.#session.update(now, headers)
      return
    }
    const dialog = this.dialog(undefined)
    if (this.silent || dialog?.peer.allow.includes('UPDATE') !== true) return
    const contact = contactFields(this.#core, dialog.destination, this.#contactUser)
    const { credentials } = this.#options
    sendInDialog(
      this.#core,
      now,
      dialog,
      { method: 'UPDATE', headers: [...contact, ...headers], credentials },
      DEAF,
    )
  }

  /** The dialog of a response; made when its tag is new and there is room. */
  #fork(response: SipResponse, flow: Flow | undefined): Fork | undefined {
    const tag = tagOf(response.headers.get('To'))
    if (tag === undefined) return undefined
    const known = this.#forks.get(tag)
    if (known !== undefined) return known
    if (this.#forks.size >= FORKS_MAX && !(response.status >= 200 && this.#forgetRinging())) return undefined
    const dialog = dialogOfResponse(this.#attempt.request, response, {
      localTag: this.localTag,
      cseq: this.#cseq,
      destination: flow === undefined ? this.#options.destination : destinationOf(flow),
    })
    if (dialog === undefined) return undefined
    const fork: Fork = { dialog, answer: undefined, reliable: new ReliableReceiver(), ack: undefined }
    this.#forks.set(tag, fork)
    return fork
  }

  #sendPrack(now: Instant, fork: Fork, rseq: number): void {
    const { credentials } = this.#options
    const headers = [['RAck', rackOf(rseq, this.#cseq)]] as const
    sendInDialog(this.#core, now, fork.dialog, { method: 'PRACK', headers, credentials }, DEAF)
  }

  /** Makes room for an answer: drops the oldest dialog that has none; false when all are answered. */
  #forgetRinging(): boolean {
    for (const [tag, fork] of this.#forks)
      if (fork.ack === undefined && fork !== this.#winner) return this.#forks.delete(tag)
    return false
  }

  /** The first 2xx: the call is answered. */
  #win(now: Instant, fork: Fork, response: SipResponse): void {
    const body = describedBody(response)
    const offered = this.#options.offer !== undefined
    const early = offered && body.kind === 'none' ? fork.answer : undefined
    const description = body.kind === 'sdp' ? body.description : early
    this.#winner = fork
    if (description === undefined) {
      // Without a description there is no session: say so by BYE, RFC 3261 §13.2.2.4.
      this.#acknowledge(fork, undefined)
      this.#hangUp(now, fork)
      this.#over({ status: 488, response })
      return
    }
    this.#timer.takeResponse(now, response)
    const parts: SessionParts = {
      id: this.id,
      dialog: fork.dialog,
      ownsCallId: true,
      contactUser: this.#contactUser,
      credentials: this.#options.credentials,
      timer: this.#timer,
    }
    // Until a delayed offer is answered the peer's description stands in for ours: nothing is refreshed before.
    const agreed = { local: this.#options.offer ?? description, remote: description }
    const session = new Session(this.#core, parts, agreed)
    this.#session = session
    const news = { call: this.id, response, dialog: fork.dialog.remoteTag }
    if (offered) {
      this.#acknowledge(fork, undefined)
      session.begin()
      this.#core.emit({ kind: 'accepted', ...news, answer: description })
    } else {
      session.delay(description, (answer) => this.#acknowledge(fork, answer))
      this.#core.emit({ kind: 'accepted', ...news, offer: description })
    }
  }

  #acknowledge(fork: Fork, answer: SessionDescription | undefined): void {
    const { fields, body } = bodyOf(answer)
    const request = fork.dialog.request('ACK', { cseq: this.#cseq, headers: fields, body })
    const { destination } = fork.dialog
    sendAck(this.#core, destination, request)
    fork.ack = { destination, request }
  }

  #hangUp(now: Instant, fork: Fork): void {
    const { credentials } = this.#options
    sendInDialog(this.#core, now, fork.dialog, { method: 'BYE', credentials }, DEAF)
  }

  #over(end: { readonly status: number; readonly response: SipResponse | undefined }): void {
    const { status, response } = end
    this.#silent = true
    const news = response === undefined ? {} : { response }
    this.#core.emit({ kind: 'rejected', call: this.id, status, ...news })
    this.#core.release(this.id)
  }

  /** Takes a second try where the first says how: a longer interval (RFC 4028 §7.3), or the answer to a challenge. */
  #retry(now: Instant, response: SipResponse): boolean {
    if (response.status !== 422) return this.#answerChallenge(now, response)
    if (this.#longer || !this.#timer.takeTooSmall(response)) return false
    this.#longer = true
    this.#challenged = false // The answer to a challenge holds for one request.
    this.#placeAgain(now, [])
    return true
  }

  #placeAgain(now: Instant, more: readonly (readonly [string, string])[]): void {
    this.#cseq++
    this.#forks.clear()
    this.#attempt = this.#place(now, more)
  }

  /** Answers a challenge once: the same Call-ID and tag, the next CSeq, a new transaction (§22.2). */
  #answerChallenge(now: Instant, response: SipResponse): boolean {
    const { credentials } = this.#options
    if (this.#challenged || credentials === undefined) return false
    const field = answerChallenge(this.#core.options.crypto, this.#attempt.request, response, {
      credentials,
      cnonce: this.#core.tokens.name(),
    })
    if (field === undefined) return false
    this.#challenged = true
    this.#placeAgain(now, [field])
    return true
  }

  /** Sends the INVITE (§8.1.1, §13.2.1). */
  #place(now: Instant, more: readonly (readonly [string, string])[]): InviteAttempt {
    const { offer, uri, from, to, destination, route = [], ringMsMax } = this.#options
    const { fields, body } = bodyOf(offer)
    const headers = new Headers([
      ...route.map((value) => ['Route', value] as const),
      ['Max-Forwards', String(this.#options.maxForwards ?? MAX_FORWARDS)],
      ['From', `${from};tag=${this.localTag}`],
      ['To', to],
      ['Call-ID', this.callId],
      ['CSeq', `${this.#cseq} INVITE`],
      ...contactFields(this.#core, destination, this.#contactUser),
      supportedField(this.#core, { reliable: offer !== undefined }),
      ...this.#timer.requestFields(),
      ['User-Agent', this.#core.options.product],
      ...(this.#options.headers ?? []),
      ...more,
      ...fields,
    ])
    const request: SipRequest = { kind: 'request', method: 'INVITE', uri, headers, body: body ?? NO_BODY }
    return new InviteAttempt(this.#core, now, { request, destination, user: this, ringMsMax })
  }

  get #contactUser(): string | undefined {
    if (this.#options.contactUser !== undefined) return this.#options.contactUser
    const uri = parseNameAddr(this.#options.from)?.uri
    return uri?.kind === 'sip' ? uri.user : undefined
  }

  /** A request of the callee before its 2xx. */
  #takeEarly(now: Instant, dialog: Dialog, entry: ServerEntry): void {
    if (!dialog.takeCSeq(entry.facts.cseq.number)) {
      respond(this.#core, now, entry, 500, { reason: 'Out Of Order' })
      return
    }
    switch (entry.request.method) {
      case 'INVITE': // Our own offer is open; without one the callee has still to make its own in the 2xx.
      case 'UPDATE':
        if (entry.request.method === 'UPDATE' && describedBody(entry.request).kind === 'none') {
          dialog.refreshTarget(entry.request)
          const contact = contactFields(this.#core, dialog.destination, this.#contactUser)
          respond(this.#core, now, entry, 200, { headers: contact })
        } else if (this.#options.offer !== undefined) respond(this.#core, now, entry, 491)
        else
          respond(this.#core, now, entry, 500, {
            headers: [retrySoon(this.#core), ...abilityFields(this.#core)],
          })
        return
      case 'BYE': // Not allowed to the callee of an early dialog (§15).
        respond(this.#core, now, entry, 481)
        return
      default:
        takeOther(this.#core, now, this, entry)
    }
  }
}
