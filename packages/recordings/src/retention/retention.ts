/** Retention: how long recordings are kept, and what becomes of them then (promise P16). */
import type { Actor } from '../library.ts'

/** Whose recordings a policy is about. */
export type RetentionScope = 'organization' | 'location' | 'owner'

/** How long recordings are kept. For one recording the longest applicable policy counts. */
export interface RetentionPolicy {
  readonly scope: RetentionScope
  /** Raw UUID of the organisation, location or owner. */
  readonly scopeId: string
  /** From the making of the recording, whole days. */
  readonly keepDays: number
  /** Whether the recording is erased when the time is over, or merely may be. */
  readonly eraseAtEnd: boolean
  readonly setBy: string
  readonly setAt: number
}

/** Policies. What a recording was promised never becomes less. */
export interface Retention {
  list(orgId: string): Promise<readonly RetentionPolicy[]>
  /** How many existing recordings are now kept longer. */
  set(
    actor: Actor,
    policy: Pick<RetentionPolicy, 'scope' | 'scopeId' | 'keepDays' | 'eraseAtEnd'>,
  ): Promise<{ readonly policy: RetentionPolicy; readonly extended: number }>
  /** False when there is none. */
  remove(actor: Actor, scope: RetentionScope, scopeId: string): Promise<boolean>
}
