/**
 * Our own offers in a confirmed dialog: RFC 3261 §14.1. One re-INVITE at a time goes out; the others wait their turn.
 *
 * What can be mended is mended here: a 491 is tried again after its back-off, and one challenge of each re-INVITE is
 * answered with the credentials of the call (§22.2). What becomes of an offer is told as `answered` or `offerFailed`.
 */
import type { Instant } from '@tandem/base'
import { type AuthorizationField, answerChallenge } from '../auth/answer.ts'
import { type Core, contactFields, sendAck, transmit } from '../endpoint/core.ts'
import { bodyOf, describedBody } from '../endpoint/sdp-body.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { SessionDescription } from '../sdp/description.ts'
import type { Flow } from '../transport/flow.ts'
import { InviteAttempt, type InviteUser } from './invite-attempt.ts'
import { OfferQueue } from './offer-queue.ts'
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
}

/** The offers that we make in one dialog. */
export class OwnOffers implements InviteUser {
  readonly #core: Core
  readonly #parts: SessionParts
  readonly #user: OfferUser
  readonly #queue: OfferQueue
  /** The re-INVITE on its way. */
  #current:
    | { readonly attempt: InviteAttempt; readonly offer: SessionDescription; readonly challenged: boolean }
    | undefined
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

  /** Queues an offer; when too many wait it has failed with 491. */
  add(offer: SessionDescription): void {
    if (!this.#queue.add(offer)) this.#core.emit({ kind: 'offerFailed', call: this.#parts.id, status: 491 })
  }

  /** Sends the next offer, if one waits and its back-off is over. Call it only while nothing is open. */
  sendNext(now: Instant): void {
    const offer = this.#queue.next(now)
    if (offer !== undefined) this.#send(now, offer, undefined)
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
    if (flow !== undefined) dialog.follow(flow)
    const ack = dialog.request('ACK', { cseq: Number.parseInt(cseq, 10) })
    sendAck(this.#core, dialog.destination, ack)
    this.#lastAck = { number: cseq, ack }
    if (this.#current === undefined) return

    this.#current = undefined
    this.#queue.settle()
    const body = describedBody(response)
    if (body.kind === 'sdp') this.#core.emit({ kind: 'answered', call: id, answer: body.description })
    else this.#core.emit({ kind: 'offerFailed', call: id, status: 488 })
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
    if (response?.status === status) {
      const field = current.challenged ? undefined : this.#answerTo(current.attempt.request, response)
      if (field !== undefined) {
        this.#send(now, current.offer, field)
        return
      }
    }
    const retried = status === 491 && response !== undefined && this.#queue.backOff(now, current.offer)
    if (!retried) {
      this.#queue.settle()
      this.#core.emit({ kind: 'offerFailed', call: this.#parts.id, status })
    }
    this.#user.settled(now)
  }

  /** What answers a challenge; undefined when it is none, or the call has no credentials. */
  #answerTo(request: SipRequest, response: SipResponse): AuthorizationField | undefined {
    const { credentials } = this.#parts
    if (credentials === undefined) return undefined
    const cnonce = this.#core.tokens.name()
    return answerChallenge(this.#core.options.crypto, request, response, { credentials, cnonce })
  }

  /** Sends the re-INVITE; with `field` it is the answer to a challenge. */
  #send(now: Instant, offer: SessionDescription, field: AuthorizationField | undefined): void {
    const { dialog, contactUser } = this.#parts
    const { destination } = dialog
    const { fields, body } = bodyOf(offer)
    const contact = contactFields(this.#core, destination, contactUser)
    const headers = [...contact, ...(field === undefined ? [] : [field]), ...fields]
    const request = dialog.request('INVITE', { headers, body })
    const way = { request, destination, user: this, ringMsMax: REINVITE_MS_MAX }
    const attempt = new InviteAttempt(this.#core, now, way)
    this.#current = { attempt, offer, challenged: field !== undefined }
  }
}
