/**
 * The INVITE server transaction: RFC 3261 §17.2.1, with the Accepted state of RFC 6026 §7.1.
 *
 * The user answers through `respond`; the transaction repeats rejections until the ACK. A 2xx is repeated by
 * the user itself (RFC 3261 §13.3.1.4), by calling `respond` again while the transaction is Accepted.
 */
import { after, assert, earlier, type Instant, NEVER } from '@tandem/base'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { PATIENCE_MS, T1_MS, T2_MS, T4_MS } from './timers.ts'

/** What an input caused. `acknowledged` is an ACK under the INVITE's own branch that belongs to a 2xx. */
export type ServerOutput = Readonly<
  | { kind: 'send'; response: SipResponse }
  | { kind: 'acknowledged'; request: SipRequest }
  | { kind: 'ended'; why: 'done' | 'timeout' | 'unreachable' }
>

/** Each state owns its timers. */
type State = Readonly<
  | { kind: 'proceeding'; last: SipResponse | undefined } // Unbounded here; the call above bounds it.
  | {
      kind: 'completed'
      response: SipResponse
      resendAt: Instant
      resendDelayMs: number
      giveUpAt: Instant
    }
  | { kind: 'confirmed'; endsAt: Instant }
  | { kind: 'accepted'; endsAt: Instant }
  | { kind: 'ended' }
>

/** One INVITE that came in, until its final response is known to have arrived. */
export class InviteServerTransaction {
  readonly #reliable: boolean
  #state: State = { kind: 'proceeding', last: undefined }

  /** `reliable` is true over TCP, TLS and WebSocket, where nothing is ever sent twice. */
  constructor(options: { readonly reliable: boolean }) {
    this.#reliable = options.reliable
  }

  /** Whether a final response can still be given. */
  get awaitsAnswer(): boolean {
    return this.#state.kind === 'proceeding'
  }

  /** When `tick` is next due; `NEVER` while only an input can move the transaction. */
  get deadline(): Instant {
    const state = this.#state
    if (state.kind === 'completed') return earlier(state.resendAt, state.giveUpAt)
    return 'endsAt' in state ? state.endsAt : NEVER
  }

  /** Moves time forward to `now`. */
  tick(now: Instant): ServerOutput[] {
    const state = this.#state
    if (now < this.deadline) return []
    if (state.kind !== 'completed') return this.#end('done') // Timer I or L.
    if (now >= state.giveUpAt) return this.#end('timeout') // Timer H.

    const resendDelayMs = Math.min(2 * state.resendDelayMs, T2_MS) // Timer G.
    this.#state = { ...state, resendAt: after(now, resendDelayMs), resendDelayMs }
    return [{ kind: 'send', response: state.response }]
  }

  /** Sends a response of the user. A second final one is dropped, save a 2xx again while Accepted. */
  respond(now: Instant, response: SipResponse): ServerOutput[] {
    const state = this.#state
    const { status } = response
    assert(status >= 100 && status < 700, 'a response has a status of three digits')
    switch (state.kind) {
      case 'proceeding':
        if (status < 200) this.#state = { kind: 'proceeding', last: response }
        else if (status < 300) this.#state = { kind: 'accepted', endsAt: after(now, PATIENCE_MS) }
        else {
          const resendAt = this.#reliable ? NEVER : after(now, T1_MS)
          const giveUpAt = after(now, PATIENCE_MS)
          this.#state = { kind: 'completed', response, resendAt, resendDelayMs: T1_MS, giveUpAt }
        }
        return [{ kind: 'send', response }]
      case 'accepted':
        return status >= 200 && status < 300 ? [{ kind: 'send', response }] : []
      case 'completed':
      case 'confirmed':
      case 'ended':
        return []
    }
  }

  /** Takes a repeated INVITE or an ACK already matched to this transaction (RFC 3261 §17.2.3). */
  receive(now: Instant, request: SipRequest): ServerOutput[] {
    const state = this.#state
    const isAck = request.method === 'ACK'
    switch (state.kind) {
      case 'proceeding':
        return isAck || state.last === undefined ? [] : [{ kind: 'send', response: state.last }]
      case 'completed':
        if (!isAck) return [{ kind: 'send', response: state.response }]
        if (this.#reliable) return this.#end('done') // Timer I is zero.
        this.#state = { kind: 'confirmed', endsAt: after(now, T4_MS) }
        return []
      case 'accepted': // The user repeats its 2xx on its own clock; a copy of the INVITE is absorbed.
        return isAck ? [{ kind: 'acknowledged', request }] : []
      case 'confirmed':
      case 'ended':
        return []
    }
  }

  /** Takes the news that the last `send` failed (RFC 3261 §17.2.4; RFC 6026 §8.10 keeps an Accepted one). */
  sendFailed(): ServerOutput[] {
    const { kind } = this.#state
    return kind === 'proceeding' || kind === 'completed' ? this.#end('unreachable') : []
  }

  #end(why: 'done' | 'timeout' | 'unreachable'): ServerOutput[] {
    this.#state = { kind: 'ended' }
    return [{ kind: 'ended', why }]
  }
}
