/**
 * One INVITE of ours, first or repeated, from its sending to its last response: RFC 3261 §9.1, §13.2, §14.1.
 *
 * It keeps the rules of CANCEL: held back until a 1xx has come, and the INVITE given up when no final response
 * follows within 64*T1. A ringing that lasts too long, or falls silent (Timer C, §16.6), is cancelled here too.
 */
import { after, earlier, type Instant, NEVER } from '@tandem/base'
import type { Core } from '../endpoint/core.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { cancelFor } from '../transaction/ack.ts'
import type { ClientEntry, ClientListener, Timed } from '../transaction/entry.ts'
import { PATIENCE_MS } from '../transaction/timers.ts'
import type { Destination, Flow } from '../transport/flow.ts'

/** Timer C: a callee repeats its 1xx every minute (RFC 3261 §13.3.1.1); three missed, and it is gone (§16.6). */
export const TIMER_C_MS = 181_000

/** Who placed the INVITE. `accepted` comes once for each 2xx that arrives, copies among them. */
export interface InviteUser {
  provisional(now: Instant, response: SipResponse, flow: Flow | undefined): void
  accepted(now: Instant, response: SipResponse, flow: Flow | undefined): void
  /** The last word: a rejection, or a status of our own making (408, 503). Never after `accepted`. */
  failed(now: Instant, status: number, response: SipResponse | undefined): void
}

/** One INVITE on its way. */
export class InviteAttempt implements ClientListener, Timed {
  readonly #core: Core
  readonly #user: InviteUser
  readonly #entry: ClientEntry
  #ringEndsAt: Instant
  /** When a peer that said 1xx, or was sent CANCEL, is given up. */
  #silenceEndsAt: Instant = NEVER
  #heard = false
  #cancelling = false
  #reason: string | undefined
  #tooLong = false
  #over = false

  constructor(
    core: Core,
    now: Instant,
    parts: {
      readonly request: SipRequest
      readonly destination: Destination
      readonly user: InviteUser
      readonly ringMsMax?: number | undefined
    },
  ) {
    this.#core = core
    this.#user = parts.user
    this.#ringEndsAt = parts.ringMsMax === undefined ? NEVER : after(now, parts.ringMsMax)
    this.#entry = core.table.send(now, parts.request, parts.destination, this)
    core.heap.set(this, this.deadline)
  }

  /** The INVITE as it was sent. */
  get request(): SipRequest {
    return this.#entry.request
  }

  /** Whether a final response is still to come. */
  get pending(): boolean {
    return !this.#over
  }

  get deadline(): Instant {
    return this.#over ? NEVER : earlier(this.#ringEndsAt, this.#silenceEndsAt)
  }

  /**
   * Takes the INVITE back: at once when a 1xx has come, else as soon as one does (§9.1). Safe to repeat. `reason` is the
   * Reason header of the CANCEL (RFC 3326).
   */
  cancel(now: Instant, reason?: string): void {
    if (this.#over || this.#cancelling) return
    this.#cancelling = true
    this.#reason = reason
    this.#ringEndsAt = NEVER
    if (this.#heard) this.#sendCancel(now)
    this.#core.heap.set(this, this.deadline)
  }

  wake(now: Instant): void {
    if (now < this.deadline) return
    if (!this.#cancelling) {
      this.#tooLong = true
      this.#silenceEndsAt = NEVER
      this.cancel(now)
      return
    }
    this.#end()
    this.#core.table.drop(this.#entry)
    this.#user.failed(now, 408, undefined)
  }

  response(now: Instant, response: SipResponse, flow: Flow | undefined): void {
    if (response.status < 200) {
      this.#provisional(now, response, flow)
    } else if (response.status < 300) {
      this.#end()
      this.#user.accepted(now, response, flow)
    } else {
      this.#end()
      this.#user.failed(now, this.#tooLong ? 408 : response.status, flow === undefined ? undefined : response)
    }
  }

  #provisional(now: Instant, response: SipResponse, flow: Flow | undefined): void {
    const first = !this.#heard
    this.#heard = true
    if (this.#cancelling) {
      if (first) this.#sendCancel(now)
    } else {
      this.#silenceEndsAt = after(now, TIMER_C_MS)
      if (response.status > 100) this.#user.provisional(now, response, flow)
    }
    this.#core.heap.set(this, this.deadline)
  }

  #sendCancel(now: Instant): void {
    this.#silenceEndsAt = after(now, PATIENCE_MS)
    const cancel = cancelFor(this.#entry.request)
    if (this.#reason !== undefined) cancel.headers.append('Reason', this.#reason)
    this.#core.table.sendCancel(now, cancel, this.#entry)
  }

  #end(): void {
    this.#over = true
    this.#core.heap.delete(this)
  }
}
