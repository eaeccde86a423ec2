/**
 * What the engine waits for. Each wait belongs to a leg, a half or a session and carries its reason; setting it again
 * replaces the older one, and all that belongs to something goes with it.
 */
import { after, DeadlineHeap, type Instant } from '@tandem/base'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Session } from './session.ts'

/** Why a half waits; each is looked after by the feature of its name. */
export type HalfWait =
  /** Somebody to pick up: its own phones, or those of whom it calls. */
  | 'ring'
  /** The no-answer time of a call that its callee ignores. */
  | 'ignored'
  /** The end of a prompt after which the call goes on, or ends. */
  | 'announcement'
  /** The phone to do what a command asked of it. */
  | 'phone'
  /** Its parked call to be fetched. */
  | 'recall'
  /** The next beep of its recording. */
  | 'beep'
  /** The end of a voicemail message, or the next key of its listener. */
  | 'voicemail'
  /** The end of an announcement before which nobody talks. */
  | 'notice'
  /** The next digit for its phone, when digits go there by INFO. */
  | 'digits'
  /** The next digit of a code typed in the call. */
  | 'code'

export type Timer =
  /** A port pair for `leg`. */
  | { readonly kind: 'allocation'; readonly owner: Leg }
  | { readonly kind: 'half'; readonly owner: CallHalf; readonly wait: HalfWait }
  /** The end of the tone that says that a call could not be put through. */
  | { readonly kind: 'failureTone'; readonly owner: Session }
  /** The last statistics and the closing of recordings. */
  | { readonly kind: 'closing'; readonly owner: Session }

/** All waits of one engine. */
export class Timers {
  readonly #heap = new DeadlineHeap<Timer>()
  readonly #byOwner = new Map<object, Map<string, Timer>>()

  /** When the next one is due. */
  get next(): Instant {
    return this.#heap.next
  }

  /** How many there are. */
  get size(): number {
    return this.#heap.size
  }

  /** Sets a timer in place of an older one for the same thing. */
  arm(timer: Timer, now: Instant, delayMs: number): void {
    const key = keyOf(timer)
    let timers = this.#byOwner.get(timer.owner)
    if (timers === undefined) {
      timers = new Map()
      this.#byOwner.set(timer.owner, timers)
    }
    const known = timers.get(key) ?? timer
    timers.set(key, known)
    this.#heap.set(known, after(now, delayMs))
  }

  /** Forgets a timer. */
  disarm(timer: Timer): void {
    const timers = this.#byOwner.get(timer.owner)
    const known = timers?.get(keyOf(timer))
    if (timers === undefined || known === undefined) return
    timers.delete(keyOf(timer))
    if (timers.size === 0) this.#byOwner.delete(timer.owner)
    this.#heap.delete(known)
  }

  /** Whether something is still waited for. */
  has(timer: Timer): boolean {
    return this.#byOwner.get(timer.owner)?.has(keyOf(timer)) === true
  }

  /** Forgets everything that its owner waits for. */
  disarmAll(owner: Leg | CallHalf | Session): void {
    for (const timer of this.#byOwner.get(owner)?.values() ?? []) this.#heap.delete(timer)
    this.#byOwner.delete(owner)
  }

  /** Takes out one that is due, earliest first. */
  popDue(now: Instant): Timer | undefined {
    const timer = this.#heap.popDue(now)
    if (timer !== undefined) this.disarm(timer)
    return timer
  }
}

function keyOf(timer: Timer): string {
  return timer.kind === 'half' ? timer.wait : timer.kind
}
