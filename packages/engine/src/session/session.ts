/**
 * A session: one conversation (`callSessionId`) of one organisation, with the halves of those who are in it.
 *
 * `calling` until its first destination answers, `connected` while anybody talks or waits, `closing` when every half has
 * ended and only the media port's last words are awaited. At most one attempt to reach somebody is under way in it.
 */
import type { WallTime } from '@tandem/base'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Attempt } from '../route/attempt.ts'
import type { Recording } from '../tap/recording.ts'

/** One session. Its fields are changed by the engine alone. */
export class Session {
  readonly id: string
  readonly orgId: string
  readonly startedAt: WallTime
  phase: 'calling' | 'connected' | 'closing' = 'calling'
  answeredAt: WallTime | undefined
  endedAt: WallTime | undefined
  cause = 'normal'
  /** Those who are in it, in the order in which they joined. */
  readonly halves: CallHalf[] = []
  /** Those who were, for its record. */
  readonly past: CallHalf[] = []
  readonly legs: Leg[] = []
  readonly recordings: Recording[] = []
  /** Who is being called now, and on whose behalf. */
  attempt: Attempt | undefined

  constructor(options: { readonly id: string; readonly orgId: string; readonly startedAt: WallTime }) {
    this.id = options.id
    this.orgId = options.orgId
    this.startedAt = options.startedAt
  }
}
