/**
 * The INVITE client transaction: RFC 3261 §17.1.1, with the Accepted state of RFC 6026 §7.2.
 *
 * A new one is due at once: its first tick sends the INVITE. Every input returns what it caused, in the order
 * to carry it out. Early and repeated ticks do nothing. It says `ended` exactly once and is silent after.
 */
import { after, assert, earlier, type Instant, NEVER } from '@tandem/base'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { ackFor } from './ack.ts'
import { PATIENCE_MS, T1_MS, TIMER_D_MS } from './timers.ts'

/**
 * What an input caused. Failures are outputs: the user takes `timeout` for a 408 and `unreachable` for a 503
 * response (RFC 3261 §8.1.3.1).
 */
export type ClientOutput = Readonly<
  | { kind: 'send'; request: SipRequest }
  | { kind: 'response'; response: SipResponse }
  | { kind: 'ended'; why: 'done' | 'timeout' | 'unreachable' }
>

/** Each state owns its timers, so that leaving a state cannot leave one running. */
type State = Readonly<
  | { kind: 'calling'; resendAt: Instant; resendDelayMs: number; giveUpAt: Instant }
  | { kind: 'proceeding' } // Unbounded here; the call above bounds it (Timer C, RFC 3261 §16.6).
  | { kind: 'accepted'; endsAt: Instant }
  | { kind: 'completed'; endsAt: Instant; ack: SipRequest }
  | { kind: 'ended' }
>

/** One INVITE on its way to one next hop, until nothing more can come back for it. */
export class InviteClientTransaction {
  readonly request: SipRequest
  readonly #reliable: boolean
  #state: State

  /** `reliable` is true over TCP, TLS and WebSocket, where nothing is ever sent twice. */
  constructor(now: Instant, invite: SipRequest, options: { readonly reliable: boolean }) {
    assert(invite.method === 'INVITE', 'an INVITE transaction carries an INVITE')
    this.request = invite
    this.#reliable = options.reliable
    this.#state = {
      kind: 'calling',
      resendAt: now,
      resendDelayMs: T1_MS,
      giveUpAt: after(now, PATIENCE_MS),
    }
  }

  /** When `tick` is next due; `NEVER` while only the peer can move the transaction. */
  get deadline(): Instant {
    const state = this.#state
    if (state.kind === 'calling') return earlier(state.resendAt, state.giveUpAt)
    return 'endsAt' in state ? state.endsAt : NEVER
  }

  /** Moves time forward to `now`. */
  tick(now: Instant): ClientOutput[] {
    const state = this.#state
    if (now < this.deadline) return []
    if (state.kind !== 'calling') return this.#end('done') // Timer D or M: only these states have `endsAt`.
    if (now >= state.giveUpAt) return this.#end('timeout') // Timer B.

    const resendAt = this.#reliable ? NEVER : after(now, state.resendDelayMs) // Timer A.
    this.#state = { ...state, resendAt, resendDelayMs: 2 * state.resendDelayMs }
    return [{ kind: 'send', request: this.request }]
  }

  /** Takes a response already matched to this transaction (RFC 3261 §17.1.3). */
  receive(now: Instant, response: SipResponse): ClientOutput[] {
    const state = this.#state
    const { status } = response
    switch (state.kind) {
      case 'calling':
      case 'proceeding':
        if (status >= 300) return this.#reject(now, response)
        this.#state =
          status < 200 ? { kind: 'proceeding' } : { kind: 'accepted', endsAt: after(now, PATIENCE_MS) }
        return [{ kind: 'response', response }]
      case 'accepted': // A forked call may be answered more than once.
        return status >= 200 && status < 300 ? [{ kind: 'response', response }] : []
      case 'completed': // The peer missed our ACK; the user has its answer already.
        return status >= 300 ? [{ kind: 'send', request: state.ack }] : []
      case 'ended':
        return []
    }
  }

  /** Takes the news that the last `send` failed (RFC 3261 §17.1.4). */
  sendFailed(): ClientOutput[] {
    const { kind } = this.#state
    return kind === 'calling' || kind === 'completed' ? this.#end('unreachable') : []
  }

  #reject(now: Instant, response: SipResponse): ClientOutput[] {
    const ack = ackFor(this.request, response)
    const outputs: ClientOutput[] = [
      { kind: 'send', request: ack },
      { kind: 'response', response },
    ]
    if (this.#reliable) return [...outputs, ...this.#end('done')] // Timer D is zero.
    this.#state = { kind: 'completed', endsAt: after(now, TIMER_D_MS), ack }
    return outputs
  }

  #end(why: 'done' | 'timeout' | 'unreachable'): ClientOutput[] {
    this.#state = { kind: 'ended' }
    return [{ kind: 'ended', why }]
  }
}
