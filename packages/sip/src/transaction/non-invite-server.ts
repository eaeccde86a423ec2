/**
 * The non-INVITE server transaction: RFC 3261 §17.2.2, with the time limit of RFC 4320 §4.
 *
 * The user has 64*T1 to answer; after that the client has given up, a late answer would only confuse, and the
 * transaction ends by itself. So a user that forgets to answer leaks nothing.
 */
import { after, assert, type Instant, NEVER } from '@tandem/base'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { ServerOutput } from './invite-server.ts'
import { PATIENCE_MS } from './timers.ts'

/** Trying and Proceeding differ only by what a copy of the request brings back. */
type State = Readonly<
  | { kind: 'trying'; giveUpAt: Instant }
  | { kind: 'proceeding'; last: SipResponse; giveUpAt: Instant }
  | { kind: 'completed'; response: SipResponse; endsAt: Instant }
  | { kind: 'ended' }
>

/** One request other than INVITE and ACK that came in, until its answer cannot be asked for again. */
export class NonInviteServerTransaction {
  readonly #reliable: boolean
  #state: State

  /** `reliable` is true over TCP, TLS and WebSocket, where nothing is ever sent twice. */
  constructor(now: Instant, options: { readonly reliable: boolean }) {
    this.#reliable = options.reliable
    this.#state = { kind: 'trying', giveUpAt: after(now, PATIENCE_MS) }
  }

  /** Whether a final response can still be given. */
  get awaitsAnswer(): boolean {
    return this.#state.kind === 'trying' || this.#state.kind === 'proceeding'
  }

  /** When `tick` is next due; `NEVER` once ended. */
  get deadline(): Instant {
    const state = this.#state
    if ('giveUpAt' in state) return state.giveUpAt
    return 'endsAt' in state ? state.endsAt : NEVER
  }

  /** Moves time forward to `now`. */
  tick(now: Instant): ServerOutput[] {
    if (now < this.deadline) return []
    return this.#end(this.#state.kind === 'completed' ? 'done' : 'timeout') // Timer J, or no answer.
  }

  /** Sends a response of the user; after the final one all others are dropped. */
  respond(now: Instant, response: SipResponse): ServerOutput[] {
    const state = this.#state
    assert(response.status >= 100 && response.status < 700, 'a response has a status of three digits')
    if (state.kind === 'completed' || state.kind === 'ended') return []
    if (response.status < 200) {
      this.#state = { kind: 'proceeding', last: response, giveUpAt: state.giveUpAt }
      return [{ kind: 'send', response }]
    }
    if (this.#reliable) return [{ kind: 'send', response }, ...this.#end('done')] // Timer J is zero.
    this.#state = { kind: 'completed', response, endsAt: after(now, PATIENCE_MS) }
    return [{ kind: 'send', response }]
  }

  /** Takes a copy of the request, already matched to this transaction (RFC 3261 §17.2.3). */
  receive(_now: Instant, _request: SipRequest): ServerOutput[] {
    const state = this.#state
    switch (state.kind) {
      case 'proceeding':
        return [{ kind: 'send', response: state.last }]
      case 'completed':
        return [{ kind: 'send', response: state.response }]
      case 'trying':
      case 'ended':
        return []
    }
  }

  /** Takes the news that the last `send` failed (RFC 3261 §17.2.4). */
  sendFailed(): ServerOutput[] {
    const { kind } = this.#state
    return kind === 'proceeding' || kind === 'completed' ? this.#end('unreachable') : []
  }

  #end(why: 'done' | 'timeout' | 'unreachable'): ServerOutput[] {
    this.#state = { kind: 'ended' }
    return [{ kind: 'ended', why }]
  }
}
