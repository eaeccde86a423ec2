/**
 * What the retention policies of an organisation mean for one recording: the longest that applies counts, and it is
 * erased at the end only if every policy of that length says so. Pure, so that creation, moves and sweeps agree.
 */
import type { RetentionPolicy } from './retention.ts'

/** A day of retention, milliseconds. */
export const DAY_MS = 86_400_000

/** What policies look at. */
export interface RetentionSubject {
  readonly locationId: string
  readonly ownerId: string
  /** Kept time from which retention counts, Unix milliseconds. */
  readonly keptFrom: number
}

/** The columns of a recording's row that say how long it is kept. */
export interface RetentionStamp {
  /** Null: no policy applies. */
  readonly retain_until: number | null
  readonly erase_at_end: 0 | 1
}

/** What `policies`, all of the recording's organisation, say about it. */
export function retentionOf(policies: readonly RetentionPolicy[], subject: RetentionSubject): RetentionStamp {
  const applying = policies.filter((policy) => applies(policy, subject))
  if (applying.length === 0) return { retain_until: null, erase_at_end: 0 }
  const keepDays = Math.max(...applying.map((policy) => policy.keepDays))
  const governing = applying.filter((policy) => policy.keepDays === keepDays)
  return {
    retain_until: subject.keptFrom + keepDays * DAY_MS,
    erase_at_end: governing.every((policy) => policy.eraseAtEnd) ? 1 : 0,
  }
}

/** The later of what a row was promised and what policies say now: a promise never becomes less. */
export function longerOf(promised: RetentionStamp, now: RetentionStamp): RetentionStamp {
  if (now.retain_until === null) return promised
  if (promised.retain_until === null || now.retain_until > promised.retain_until) return now
  return promised
}

function applies(policy: RetentionPolicy, subject: RetentionSubject): boolean {
  switch (policy.scope) {
    case 'organization':
      return true
    case 'location':
      return policy.scopeId === subject.locationId
    case 'owner':
      return policy.scopeId === subject.ownerId
  }
}
