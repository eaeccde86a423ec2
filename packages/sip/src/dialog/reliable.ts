/**
 * Reliable provisional responses: RFC 3262. The callee's side repeats one 1xx at a time until its PRACK; the caller's
 * side takes each of them once and in order.
 */
import { after, assert, earlier, type Instant, NEVER } from '@tandem/base'
import { parseDigits } from '../message/characters.ts'
import { CSEQ_MAX } from '../message/cseq.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { PATIENCE_MS, T1_MS } from '../transaction/timers.ts'
import { requires } from './peer-abilities.ts'

/** The option tag of RFC 3262. */
export const RELIABLE = '100rel'
/** Most responses that wait for their turn: a call that has more to say before it is answered is out of order. */
export const RELIABLE_WAITING_MAX = 16

/** A response that is to arrive, and whether it carries the answer to the INVITE's offer. */
interface Pending {
  readonly response: SipResponse
  readonly described: boolean
}

/** The one that is on its way. */
interface OnItsWay extends Pending {
  readonly giveUpAt: Instant
  readonly resendAt: Instant
  readonly delayMs: number
}

/** The callee's side, for one INVITE. */
export class ReliableSender {
  #rseq: number
  #current: OnItsWay | undefined
  readonly #waiting: Pending[] = []

  /** `firstRSeq` is drawn at random, well below 2^31 (§3). */
  constructor(firstRSeq: number) {
    this.#rseq = firstRSeq - 1
  }

  /** When `tick` is next due. */
  get deadline(): Instant {
    const current = this.#current
    return current === undefined ? NEVER : earlier(current.resendAt, current.giveUpAt)
  }

  /** Whether a response with the answer has still to be acknowledged: the 2xx waits for it (§3). */
  get holdsAnswer(): boolean {
    return this.#current?.described === true || this.#waiting.some((pending) => pending.described)
  }

  /** Takes a 1xx to send: it is returned when its turn is now, with its RSeq. One past the limit is dropped. */
  add(now: Instant, pending: Pending): SipResponse | undefined {
    if (this.#waiting.length >= RELIABLE_WAITING_MAX) return undefined
    this.#waiting.push(pending)
    return this.next(now)
  }

  /** The response whose turn it is, to be sent; undefined while another is on its way or none waits. */
  next(now: Instant): SipResponse | undefined {
    if (this.#current !== undefined) return undefined
    const pending = this.#waiting.shift()
    if (pending === undefined) return undefined
    this.#rseq++
    pending.response.headers.append('Require', RELIABLE).append('RSeq', String(this.#rseq))
    const giveUpAt = after(now, PATIENCE_MS)
    this.#current = { ...pending, giveUpAt, resendAt: after(now, T1_MS), delayMs: T1_MS }
    return pending.response
  }

  /** What to do at `now`: the response to send again, or to give the INVITE up. The intervals double without end (§3). */
  tick(now: Instant): SipResponse | 'wait' | 'giveUp' {
    const current = this.#current
    if (current === undefined) return 'wait'
    if (now >= current.giveUpAt) return 'giveUp'
    if (now < current.resendAt) return 'wait'
    const delayMs = 2 * current.delayMs
    this.#current = { ...current, delayMs, resendAt: after(now, delayMs) }
    return current.response
  }

  /** Takes a PRACK; false (a 481) when it is not for the response that is on its way. */
  acknowledge(prack: SipRequest, inviteCSeq: number): boolean {
    const rack = parseRAck(prack.headers.get('RAck') ?? '')
    if (this.#current === undefined || rack === undefined) return false
    if (rack.rseq !== this.#rseq || rack.cseq !== inviteCSeq || rack.method !== 'INVITE') return false
    this.#current = undefined
    return true
  }

  /** A final response goes out: what waits is dropped, `tick` is no more called, and the last PRACK still answered. */
  stop(): void {
    this.#waiting.length = 0
  }
}

/** The caller's side, for one early dialog. */
export class ReliableReceiver {
  #last: number | undefined

  /** Whether to take the response with this number: the first, or the one after the last (§4). */
  take(rseq: number): boolean {
    if (this.#last !== undefined && rseq !== this.#last + 1) return false
    this.#last = rseq
    return true
  }
}

/** The number of a reliable 1xx; undefined for one that is not. */
export function rseqOf(response: SipResponse): number | undefined {
  if (!requires(response, RELIABLE)) return undefined
  const rseq = parseDigits(response.headers.get('RSeq') ?? '', CSEQ_MAX)
  return rseq === undefined || rseq < 1 || rseq > CSEQ_MAX ? undefined : rseq
}

/** The RAck of the PRACK for a reliable 1xx. */
export function rackOf(rseq: number, inviteCSeq: number): string {
  assert(rseq >= 1 && rseq <= CSEQ_MAX, 'the number was judged when it came')
  return `${rseq} ${inviteCSeq} INVITE`
}

/** `response-num CSeq-num Method` (RFC 3262 §7.2). */
function parseRAck(
  text: string,
): { readonly rseq: number; readonly cseq: number; readonly method: string } | undefined {
  const match = /^([0-9]{1,10})[ \t]+([0-9]{1,10})[ \t]+([A-Z]+)$/.exec(text)
  return match === null
    ? undefined
    : { rseq: Number(match[1]), cseq: Number(match[2]), method: match[3] ?? '' }
}
