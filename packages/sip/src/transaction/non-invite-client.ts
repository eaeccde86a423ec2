/**
 * The non-INVITE client transaction: RFC 3261 §17.1.2.
 *
 * A new one is due at once: its first tick sends the request. A provisional response slows the copies down but
 * does not stop them, and Timer F bounds the whole, whatever the peer says in between.
 */
import { after, assert, earlier, type Instant, NEVER } from '@tandem/base'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { ClientOutput } from './invite-client.ts'
import { PATIENCE_MS, T1_MS, T2_MS, T4_MS } from './timers.ts'

/** Trying and Proceeding share their timers; Completed only soaks up repeated answers. */
type State = Readonly<
  | { kind: 'trying'; resendAt: Instant; resendDelayMs: number; giveUpAt: Instant }
  | { kind: 'proceeding'; resendAt: Instant; giveUpAt: Instant }
  | { kind: 'completed'; endsAt: Instant }
  | { kind: 'ended' }
>

/** One request other than INVITE and ACK, until its final response has come once. */
export class NonInviteClientTransaction {
  readonly request: SipRequest
  readonly #reliable: boolean
  #state: State

  /** `reliable` is true over TCP, TLS and WebSocket, where nothing is ever sent twice. */
  constructor(now: Instant, request: SipRequest, options: { readonly reliable: boolean }) {
    assert(request.method !== 'INVITE' && request.method !== 'ACK', 'INVITE and ACK go another way')
    this.request = request
    this.#reliable = options.reliable
    this.#state = {
      kind: 'trying',
      resendAt: now,
      resendDelayMs: T1_MS,
      giveUpAt: after(now, PATIENCE_MS),
    }
  }

  /** When `tick` is next due; `NEVER` once ended. */
  get deadline(): Instant {
    const state = this.#state
    if (state.kind === 'ended') return NEVER
    return state.kind === 'completed' ? state.endsAt : earlier(state.resendAt, state.giveUpAt)
  }

  /** Moves time forward to `now`. */
  tick(now: Instant): ClientOutput[] {
    const state = this.#state
    if (now < this.deadline || state.kind === 'ended') return []
    if (state.kind === 'completed') return this.#end('done') // Timer K.
    if (now >= state.giveUpAt) return this.#end('timeout') // Timer F.

    if (state.kind === 'proceeding') this.#state = { ...state, resendAt: after(now, T2_MS) }
    else {
      const resendAt = this.#reliable ? NEVER : after(now, state.resendDelayMs) // Timer E.
      this.#state = { ...state, resendAt, resendDelayMs: Math.min(2 * state.resendDelayMs, T2_MS) }
    }
    return [{ kind: 'send', request: this.request }]
  }

  /** Takes a response already matched to this transaction (RFC 3261 §17.1.3). */
  receive(now: Instant, response: SipResponse): ClientOutput[] {
    const state = this.#state
    if (state.kind === 'completed' || state.kind === 'ended') return []
    if (response.status < 200) {
      const resendAt =
        state.kind === 'proceeding' ? state.resendAt : this.#reliable ? NEVER : after(now, T2_MS)
      this.#state = { kind: 'proceeding', resendAt, giveUpAt: state.giveUpAt }
      return [{ kind: 'response', response }]
    }
    if (this.#reliable) return [{ kind: 'response', response }, ...this.#end('done')] // Timer K is zero.
    this.#state = { kind: 'completed', endsAt: after(now, T4_MS) }
    return [{ kind: 'response', response }]
  }

  /** Takes the news that the last `send` failed (RFC 3261 §17.1.4). */
  sendFailed(): ClientOutput[] {
    const { kind } = this.#state
    return kind === 'trying' || kind === 'proceeding' ? this.#end('unreachable') : []
  }

  #end(why: 'done' | 'timeout' | 'unreachable'): ClientOutput[] {
    this.#state = { kind: 'ended' }
    return [{ kind: 'ended', why }]
  }
}
