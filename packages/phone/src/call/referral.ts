/**
 * A REFER that the phone obeys: tells whoever sent it how the new call fares, by NOTIFY with `message/sipfrag`
 * (RFC 3515 §2.4.4). It says one final word and no more.
 */
import { sipfrag } from '@tandem/sip'
import type { CallHappening } from '../events/event.ts'
import type { PhoneCall } from './phone-call.ts'

const NEWS_SECONDS = 60 // How long the news may go on, as told to whoever sent the REFER.

/** The news of one referred call, to the call that asked for it. */
export class Referral {
  readonly #referrer: PhoneCall
  #ended = false

  constructor(referrer: PhoneCall) {
    this.#referrer = referrer
  }

  /** Takes what happened in the new call. */
  take(happening: CallHappening): void {
    if (happening.kind === 'ringing') this.report(happening.status)
    else if (happening.kind === 'established') this.report(200)
    else if (happening.kind === 'failed') this.report(happening.status)
  }

  /** Tells the status that the new call has met. */
  report(status: number): void {
    if (this.#ended || this.#referrer.state !== 'established') return
    this.#ended = status >= 200
    const state = this.#ended ? 'terminated;reason=noresource' : `active;expires=${NEWS_SECONDS}`
    this.#referrer.request({
      method: 'NOTIFY',
      headers: [
        ['Event', 'refer'],
        ['Subscription-State', state],
        ['Content-Type', 'message/sipfrag;version=2.0'],
      ],
      body: sipfrag(status),
    })
  }
}
