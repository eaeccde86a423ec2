/**
 * One token bucket whose waits are honest (contract README §7, promise P15). It counts by the generic cell rate algorithm:
 * one number, the moment up to which the future is spoken for. A refusal speaks for the next free slot and so *promises*
 * it: whoever asks again after the seconds that it was told is let in, although others asked meanwhile, and several
 * waiters get slots one after the other. Without that, waiters who are told the same second refuse each other.
 *
 * A retry is known by its connection; else by what it asks for, since clients with a pool of connections repeat the same
 * request on another. A promise may so be used by the wrong one; its owner is then let in on debt, which later refusals
 * pay for, so that the rate holds in the long run.
 *
 * It reads no clock; `now` is any monotonic time in milliseconds.
 */

/** How much of something is allowed. */
export interface Allowance {
  readonly perSecond: number
  /** How many at once, after a pause that was long enough; at least 1. */
  readonly burst: number
}

/** Who asks. */
export interface Asker {
  /** The connection, compared by identity. */
  readonly connection: object
  /** What is asked for, the same in every attempt: method and path. */
  readonly what: string
}

/** What a bucket says. `early`: it came back before the time it had been told. */
export type BucketVerdict =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly waitSeconds: number; readonly early: boolean }

interface Promised extends Asker {
  readonly dueAt: number
  /** Somebody else with the same request has used it. */
  used: boolean
}

/** Longest wait that is told and kept a place for: a known client waits no longer (contract README §7). */
export const WAIT_SECONDS_MAX = 60
/** How long after its time a promise is kept: timers of clients are late, never early. */
const LATE_MS = 5_000
/** Most promises of one bucket; whoever comes when so many wait is told a time without a place. */
const PROMISES_MAX = 256

const ADMITTED: BucketVerdict = { kind: 'admitted' }

/** One bucket, of one asker and one family of operations. */
export class TokenBucket {
  readonly #slotMs: number
  readonly #reachMs: number
  /** Everything before this moment is used or promised. */
  #spokenFor = Number.NEGATIVE_INFINITY
  /** In the order in which they were made; few, since each is somebody who waits. */
  readonly #promises: Promised[] = []

  constructor({ perSecond, burst }: Allowance) {
    this.#slotMs = 1_000 / perSecond
    this.#reachMs = burst * this.#slotMs
  }

  /** Asks for one. */
  take(now: number, asker: Asker): BucketVerdict {
    if (this.#promises.length > 0) {
      const verdict = this.#redeem(asker, now)
      if (verdict !== undefined) return verdict
    }
    const after = Math.max(this.#spokenFor, now) + this.#slotMs
    // A thousandth of a millisecond is what sums of fractions may be off.
    if (after - now <= this.#reachMs + 1e-3) {
      this.#spokenFor = after
      return ADMITTED
    }
    const alike = this.#dueAlike(asker.what, now)
    if (alike !== undefined) {
      alike.used = true
      return ADMITTED
    }
    return this.#refuse(now, asker, after - this.#reachMs)
  }

  /** One that was taken and is not to count after all. */
  giveBack(): void {
    this.#spokenFor -= this.#slotMs
  }

  /** Whether it is as good as new, so that it may be forgotten. */
  isFull(now: number): boolean {
    return this.#spokenFor <= now && this.#promises.length === 0
  }

  #refuse(now: number, asker: Asker, freeAt: number): BucketVerdict {
    const seconds = wholeSeconds(freeAt - now)
    if (seconds > WAIT_SECONDS_MAX || this.#promises.length >= PROMISES_MAX)
      return { kind: 'refused', waitSeconds: WAIT_SECONDS_MAX, early: false }
    this.#spokenFor += this.#slotMs
    const { connection, what } = asker
    this.#promises.push({ connection, what, dueAt: now + seconds * 1_000, used: false })
    return { kind: 'refused', waitSeconds: seconds, early: false }
  }

  /** What an asker gets that was promised something; promises that nobody came for are forgotten on the way. */
  #redeem(asker: Asker, now: number): BucketVerdict | undefined {
    while ((this.#promises[0]?.dueAt ?? now) + LATE_MS < now) this.#promises.shift()
    const at = this.#promises.findIndex(
      ({ connection, what }) => connection === asker.connection && what === asker.what,
    )
    const promised = this.#promises[at]
    if (promised === undefined) return undefined
    if (now < promised.dueAt) return refused(promised.dueAt - now, true)
    this.#promises.splice(at, 1)
    if (promised.used) this.#spokenFor += this.#slotMs
    return ADMITTED
  }

  #dueAlike(what: string, now: number): Promised | undefined {
    return this.#promises.find(
      (promised) => promised.dueAt <= now && promised.what === what && !promised.used,
    )
  }
}

function refused(waitMs: number, early: boolean): BucketVerdict {
  return { kind: 'refused', waitSeconds: wholeSeconds(waitMs), early }
}

/** Never zero, never less than the wait. */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000 - 1e-6))
}
