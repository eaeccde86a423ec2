/**
 * A 2xx to an INVITE, repeated until its ACK: RFC 3261 §13.3.1.4. The INVITE transaction does not do it.
 *
 * It is repeated over every transport, since a proxy in between may speak UDP; after 64*T1 without ACK it is given
 * up, and the session must end with BYE.
 */
import { after, earlier, type Instant } from '@tandem/base'
import { PATIENCE_MS, T1_MS, T2_MS } from '../transaction/timers.ts'

/** The clock of one 2xx that waits for its ACK. */
export class AnswerKeeper {
  /** The CSeq number that the ACK will have. */
  readonly cseq: number
  readonly #giveUpAt: Instant
  #resendAt: Instant
  #delayMs = T1_MS

  /** The 2xx has just been sent for the first time. */
  constructor(now: Instant, cseq: number) {
    this.cseq = cseq
    this.#giveUpAt = after(now, PATIENCE_MS)
    this.#resendAt = after(now, T1_MS)
  }

  /** When `tick` is next due. */
  get deadline(): Instant {
    return earlier(this.#resendAt, this.#giveUpAt)
  }

  /** What to do at `now`. */
  tick(now: Instant): 'wait' | 'resend' | 'giveUp' {
    if (now >= this.#giveUpAt) return 'giveUp'
    if (now < this.#resendAt) return 'wait'
    this.#delayMs = Math.min(2 * this.#delayMs, T2_MS)
    this.#resendAt = after(now, this.#delayMs)
    return 'resend'
  }
}
