/**
 * Our own offers of one dialog, one at a time: RFC 3264 §4, RFC 3261 §14.1.
 *
 * An offer that met a 491 goes first again after its back-off; the others wait behind it, in order.
 */
import { after, assert, type Instant, NEVER } from '@tandem/base'
import type { Tokens } from '../endpoint/tokens.ts'
import type { SessionDescription } from '../sdp/description.ts'

/** Most offers that wait at once; a caller with more of them is not waiting for answers. */
export const OFFERS_MAX = 8
/** How often an offer is tried: after four 491 in a row the peer's offers are not glare but a fault. */
export const TRIES_MAX = 5

/** An offer to make. */
export interface QueuedOffer {
  readonly description: SessionDescription
  /** Further header fields of its re-INVITE. */
  readonly headers: readonly (readonly [string, string])[]
  /** The user did not ask for it (a session refresh): it hears of it only if the answer is a new one. */
  readonly quiet: boolean
}

/** The offers that wait for their turn. */
export class OfferQueue {
  readonly #tokens: Tokens
  /** Whether the Call-ID is ours: its owner backs off longer, so that the two do not meet again (§14.1). */
  readonly #ownsCallId: boolean
  readonly #waiting: QueuedOffer[] = []
  #tries = 0
  #retryAt: Instant = NEVER

  constructor(tokens: Tokens, options: { readonly ownsCallId: boolean }) {
    this.#tokens = tokens
    this.#ownsCallId = options.ownsCallId
  }

  /** When the back-off ends; `NEVER` while there is none. */
  get deadline(): Instant {
    return this.#retryAt
  }

  /** Whether no offer waits. */
  get empty(): boolean {
    return this.#waiting.length === 0
  }

  /** Queues an offer; false when too many wait. */
  add(offer: QueuedOffer): boolean {
    if (this.#waiting.length >= OFFERS_MAX) return false
    this.#waiting.push(offer)
    return true
  }

  /** The offer whose turn it is, taken out; undefined when none waits or the back-off still runs. */
  next(now: Instant): QueuedOffer | undefined {
    if (this.#retryAt !== NEVER) {
      if (now < this.#retryAt) return undefined
      this.#retryAt = NEVER
    }
    const offer = this.#waiting.shift()
    if (offer !== undefined) this.#tries++
    return offer
  }

  /** The offer in hand had its answer or its refusal. */
  settle(): void {
    this.#tries = 0
  }

  /** The offer in hand met a 491: it waits 2.1 to 4 s at the owner of the Call-ID, else 0 to 2 s, in steps of 10 ms. */
  backOff(now: Instant, offer: QueuedOffer): boolean {
    assert(this.#tries > 0, 'an offer was in hand')
    if (this.#tries >= TRIES_MAX) return false
    const delayMs = this.#ownsCallId ? 2_100 + 10 * this.#tokens.below(191) : 10 * this.#tokens.below(201)
    this.#waiting.unshift(offer)
    this.#retryAt = after(now, delayMs)
    return true
  }
}
