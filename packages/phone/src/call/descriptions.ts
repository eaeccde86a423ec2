/**
 * The descriptions of one call: what we offer, what we answer, and what the two sides agreed on (RFC 3264).
 *
 * An offer of ours is kept apart until it is answered, so that a description of the peer which comes in between, or a
 * refusal, leaves nothing behind.
 */
import {
  answerFor,
  type Direction,
  makeOffer,
  type Negotiated,
  negotiated,
  type SessionDescription,
  withVersion,
} from '@tandem/sip'

/** Our end, and what we can do. */
export interface OwnMedia {
  readonly host: string
  readonly codecs: readonly string[]
  readonly ptimeMs: number
  /** Digits; the same in all descriptions of the call. */
  readonly sessionId: string
}

/** The descriptions of one call. */
export class Descriptions {
  readonly #own: OwnMedia
  /** Ours in force. */
  #ours: SessionDescription | undefined
  /** Our offer under way. */
  #offered: SessionDescription | undefined
  /** Where we receive; set before the first description is made. */
  rtpPort = 0

  constructor(own: OwnMedia) {
    this.#own = own
  }

  /** Our offer in that direction: the first one, or one version above the one in force when it differs. */
  offer(direction: Direction): SessionDescription {
    const previous = this.#ours
    const offer = makeOffer({
      ...this.#abilities(direction),
      ...this.#local,
      ...(previous === undefined ? {} : { previous }),
    })
    this.#offered = previous === undefined ? offer : withVersion(previous, offer)
    return this.#offered
  }

  /** Our answer to an offer of the peer, and what it agrees on; undefined when there is no codec in common. */
  answer(
    offer: SessionDescription,
    direction: Direction,
  ): { readonly description: SessionDescription; readonly agreed: Negotiated } | undefined {
    const result = answerFor(offer, this.#abilities(direction), this.#local)
    if (result.kind === 'refused') return undefined
    this.#ours = this.#ours === undefined ? result.answer : withVersion(this.#ours, result.answer)
    return { description: this.#ours, agreed: result.negotiated }
  }

  /** What the peer's answer to our offer agrees on; undefined when it breaks the rules or there was no offer. */
  agree(answer: SessionDescription): Negotiated | undefined {
    const ours = this.#offered ?? this.#ours
    return ours === undefined ? undefined : negotiated(ours, answer)
  }

  /** Our offer is in force from now on, or was refused. */
  settle(outcome: 'accepted' | 'refused'): void {
    if (outcome === 'accepted') this.#ours = this.#offered ?? this.#ours
    this.#offered = undefined
  }

  #abilities(direction: Direction): {
    codecs: readonly string[]
    ptimeMs: number
    dtmf: boolean
    comfortNoise: boolean
    direction: Direction
  } {
    const { codecs, ptimeMs } = this.#own
    return { codecs, ptimeMs, dtmf: true, comfortNoise: true, direction }
  }

  get #local(): { host: string; rtpPort: number; sessionId: string; version: number } {
    const { host, sessionId } = this.#own
    return { host, rtpPort: this.rtpPort, sessionId, version: 1 }
  }
}
