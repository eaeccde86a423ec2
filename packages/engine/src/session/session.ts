/**
 * A session: one conversation (`callSessionId`) of one organisation, with the halves of the people in it.
 *
 * `calling` until the destination answers, `connected` while they talk, `closing` when every half has ended and only
 * the media port's last words are awaited. Its timers carry their reason and live in the session that needs them.
 */
import type { Instant, WallTime } from '@tandem/base'
import { NEVER } from '@tandem/base'
import type { DirectoryPerson } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Recording } from '../tap/recording.ts'
import type { Ending } from './finish.ts'

/** What a session waits for. */
export type Timer =
  /** A port pair for `leg`. */
  | { readonly kind: 'allocation'; readonly leg: Leg }
  /** Somebody to pick up: the own phones of a click-to-dial call, or the destination. */
  | { readonly kind: 'ring' }
  /** The end of the prompt that says that recording failed, on the phone of `half`. */
  | { readonly kind: 'announcement'; readonly half: CallHalf }
  /** The end of the tone that says that the call could not be put through. */
  | { readonly kind: 'failureTone' }
  /** The last statistics and the closing of recordings. */
  | { readonly kind: 'closing' }

/** One session. Its fields are changed by the engine alone. */
export class Session {
  readonly id: string
  readonly orgId: string
  readonly startedAt: WallTime
  phase: 'calling' | 'connected' | 'closing' = 'calling'
  answeredAt: WallTime | undefined
  endedAt: WallTime | undefined
  cause = 'normal'
  /** In the order in which they joined: the one who placed the call comes first. */
  readonly halves: CallHalf[] = []
  readonly legs: Leg[] = []
  readonly recordings: Recording[] = []
  /** Who is going to be called, while the own phones still ring. */
  expected: DirectoryPerson | undefined
  /** 180 went to the caller's phone, or early media flows: neither is sent twice. */
  ringbackSent = false
  /** The ringing leg whose early media the caller hears. */
  early: Leg | undefined
  /** Why the call could not be put through, while its originator hears the tone that says so. */
  failure: Ending | undefined
  /** Final answers of the destination's phones that have refused. */
  readonly refusals: number[] = []
  readonly #timers = new Map<string, { readonly at: Instant; readonly timer: Timer }>()

  constructor(options: { readonly id: string; readonly orgId: string; readonly startedAt: WallTime }) {
    this.id = options.id
    this.orgId = options.orgId
    this.startedAt = options.startedAt
  }

  /** The earliest of its timers. */
  get deadline(): Instant {
    let at = NEVER
    for (const entry of this.#timers.values()) if (entry.at < at) at = entry.at
    return at
  }

  /** Sets a timer in place of an older one for the same thing. */
  arm(timer: Timer, at: Instant): void {
    this.#timers.set(keyOf(timer), { at, timer })
  }

  /** Forgets a timer. */
  disarm(timer: Timer): void {
    this.#timers.delete(keyOf(timer))
  }

  /** Forgets all timers. */
  disarmAll(): void {
    this.#timers.clear()
  }

  /** Takes out the timers that are due. */
  takeDue(now: Instant): Timer[] {
    const due: Timer[] = []
    for (const [key, entry] of this.#timers) {
      if (entry.at > now) continue
      this.#timers.delete(key)
      due.push(entry.timer)
    }
    return due
  }
}

function keyOf(timer: Timer): string {
  switch (timer.kind) {
    case 'allocation':
      return `allocation ${timer.leg.id}`
    case 'announcement':
      return `announcement ${timer.half.id}`
    case 'ring':
    case 'failureTone':
    case 'closing':
      return timer.kind
  }
}
