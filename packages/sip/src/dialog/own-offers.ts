/**
 * Our own offers in a confirmed dialog: RFC 3261 §14.1. One re-INVITE at a time goes out; the others wait their turn.
 *
 * What can be mended is mended here: a 491 is tried again after its back-off, one challenge of each re-INVITE is
 * answered with the credentials of the call (§22.2), and one 422 with a longer interval (RFC 4028 §7.3). What becomes of
 * an offer is told as `answered` or `offerFailed`. Each 2xx refreshes the session (RFC 4028 §7.2).
 */
import type { Instant } from '@tandem/base'
import { type AuthorizationField, answerChallenge } from '../auth/answer.ts'
import { type Core, contactFields, sendAck, supportedField, transmit } from '../endpoint/core.ts'
import { bodyOf, describedBody } from '../endpoint/sdp-body.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { SessionDescription } from '../sdp/description.ts'
import type { Flow } from '../transport/flow.ts'
import { InviteAttempt, type InviteUser } from './invite-attempt.ts'
import { OfferQueue, type QueuedOffer } from './offer-queue.ts'
import { endsDialog } from './request.ts'
import type { SessionParts } from './session.ts'

/** How long the answer to a re-INVITE may take, in ms: somebody may be asked about it, but not for ever. */
export const REINVITE_MS_MAX = 60_000

/** Who wants to know how it went on the wire. */
export interface OfferUser {
  /** Nothing of ours is on its way any more: the next offer may go. */
  settled(now: Instant): void
  /** The peer has no such dialog (§12.2.1.2). */
  lost(now: Instant, status: number): void
  /** An offer of ours was answered; whether the answer says anything new. */
  agreed(offer: SessionDescription, answer: SessionDescription): boolean
}

/** A re-INVITE on its way. */
interface Current {
  readonly attempt: InviteAttempt
  readonly offer: QueuedOffer
  /** It answers a challenge. */
  readonly challenged: boolean
  /** It answers a 422. */
  readonly longer: boolean
}

/** The offers that we make in one dialog. */
export class OwnOffers implements InviteUser {
  readonly #core: Core
  readonly #parts: SessionParts
  readonly #user: OfferUser
  readonly #queue: OfferQueue
  /** The re-INVITE on its way. */
  #current: Current | undefined
  /** The ACK of the last 2xx to a re-INVITE of ours, for when that 2xx comes again. */
  #lastAck: { readonly number: string; readonly ack: SipRequest } | undefined

  constructor(core: Core, parts: SessionParts, user: OfferUser) {
    this.#core = core
    this.#parts = parts
    this.#user = user
    this.#queue = new OfferQueue(core.tokens, { ownsCallId: parts.ownsCallId })
  }

  /** Whether a re-INVITE is on its way. */
  get open(): boolean {
    return this.#current !== undefined
  }

  /** When the back-off of the next offer ends; `NEVER` while there is none. */
  get deadline(): Instant {
    return this.#queue.deadline
  }

  /** Whether an offer waits for its turn: it will refresh the session too. */
  get waiting(): boolean {
    return !this.#queue.empty
  }

  /** Queues an offer; when too many wait it has failed with 491. */
  add(offer: QueuedOffer): void {
    if (!this.#queue.add(offer) && !offer.quiet)
      this.#core.emit({ kind: 'offerFailed', call: this.#parts.id, status: 491 })
  }

  /** Refreshes the session by a re-INVITE with the description in force. Call it only while nothing is open or waits. */
  refresh(now: Instant, description: SessionDescription): void {
    this.#queue.add({ description, headers: [], quiet: true })
    this.sendNext(now)
  }

  /** Sends the next offer, if one waits and its back-off is over. Call it only while nothing is open. */
  sendNext(now: Instant): void {
    const offer = this.#queue.next(now)
    if (offer !== undefined) this.#send(now, { offer, challenged: false, longer: false }, [])
  }

  /** The session ends: a re-INVITE on its way is taken back, and nothing more is said of it. */
  abandon(now: Instant): void {
    this.#current?.attempt.cancel(now)
    this.#current = undefined
  }

  provisional(): void {}

  /** A 2xx: the first brings the answer, each is acknowledged. */
  accepted(now: Instant, response: SipResponse, flow: Flow | undefined): void {
    const { id, dialog } = this.#parts
    const cseq = response.headers.get('CSeq') ?? ''
    if (this.#lastAck?.number === cseq) {
      transmit(this.#core, dialog.destination, this.#lastAck.ack)
      return
    }
    dialog.refreshTarget(response)
    this.#parts.timer.takeResponse(now, response)
    if (flow !== undefined) dialog.follow(flow)
    const ack = dialog.request('ACK', { cseq: Number.parseInt(cseq, 10) })
    sendAck(this.#core, dialog.destination, ack)
    this.#lastAck = { number: cseq, ack }
    if (this.#current === undefined) return

    const { description, quiet } = this.#current.offer
    this.#current = undefined
    this.#queue.settle()
    const body = describedBody(response)
    if (body.kind === 'sdp') {
      const isNew = this.#user.agreed(description, body.description)
      if (!quiet || isNew) this.#core.emit({ kind: 'answered', call: id, answer: body.description })
    } else if (!quiet) this.#core.emit({ kind: 'offerFailed', call: id, status: 488 })
    this.#user.settled(now)
  }

  /** The re-INVITE was refused, or nobody answered it. */
  failed(now: Instant, status: number, response: SipResponse | undefined): void {
    const current = this.#current
    this.#current = undefined
    if (current === undefined) return
    if (endsDialog('INVITE', status)) {
      this.#user.lost(now, status)
      return
    }
    if (response?.status === status && this.#mend(now, current, response)) return
    const { offer } = current
    const retried = status === 491 && response !== undefined && this.#queue.backOff(now, offer)
    if (!retried) {
      this.#queue.settle()
      if (!offer.quiet) this.#core.emit({ kind: 'offerFailed', call: this.#parts.id, status })
      else this.#parts.timer.failed(now, { answered: response !== undefined })
    }
    this.#user.settled(now)
  }

  /** Sends a refused offer once more at once, if it is known what was wrong with it. */
  #mend(now: Instant, current: Current, response: SipResponse): boolean {
    const { offer, challenged, longer } = current
    if (response.status === 422) {
      if (longer || !this.#parts.timer.takeTooSmall(response)) return false
      this.#send(now, { offer, challenged: false, longer: true }, [])
      return true
    }
    const field = challenged ? undefined : this.#answerTo(current.attempt.request, response)
    if (field === undefined) return false
    this.#send(now, { offer, challenged: true, longer }, [field])
    return true
  }

  /** What answers a challenge; undefined when it is none, or the call has no credentials. */
  #answerTo(request: SipRequest, response: SipResponse): AuthorizationField | undefined {
    const { credentials } = this.#parts
    if (credentials === undefined) return undefined
    const cnonce = this.#core.tokens.name()
    return answerChallenge(this.#core.options.crypto, request, response, { credentials, cnonce })
  }

  /** Sends the re-INVITE; `more` answers a challenge. */
  #send(now: Instant, what: Omit<Current, 'attempt'>, more: readonly AuthorizationField[]): void {
    const { dialog, contactUser, timer } = this.#parts
    const { destination } = dialog
    const { fields, body } = bodyOf(what.offer.description)
    const headers = [
      ...contactFields(this.#core, destination, contactUser),
      supportedField(this.#core, { reliable: false }),
      ...timer.requestFields(),
      ...what.offer.headers,
      ...more,
      ...fields,
    ]
    const request = dialog.request('INVITE', { headers, body })
    const way = { request, destination, user: this, ringMsMax: REINVITE_MS_MAX }
    const attempt = new InviteAttempt(this.#core, now, way)
    this.#current = { attempt, ...what }
  }
}
