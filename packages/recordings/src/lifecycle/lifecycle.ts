/** The moves through the life of a recording (converged-recordings §1, §6, §8, §9; promise P16). */
import type { RecordingStatus } from '../catalogue/recording.ts'
import type { Actor, Owner } from '../library.ts'

/** What a move does: `withdraw` is the delete of a meeting recording, which leaves it to compliance officers alone. */
export type MoveKind = 'softDelete' | 'restore' | 'purge' | 'withdraw'

/** Which recordings: ids, all or nothing, or everything eligible of one owner. `only` keeps to one API's recordings. */
export type MoveTarget = { readonly only?: 'meeting' } & (
  | {
      readonly ids: readonly string[]
      /** A user reaches these owners' recordings only; others count as missing. */
      readonly ownerIds?: readonly string[]
    }
  | {
      readonly allOf: string
      /** With `only: 'meeting'`: those of this site. */
      readonly siteUrl?: string
    }
)

/** What became of it. Anything but `done` has changed nothing. */
export type MoveOutcome =
  | { readonly kind: 'done'; readonly count: number }
  /** Unknown, not visible, or of somebody else. */
  | { readonly kind: 'missing'; readonly id: string }
  | { readonly kind: 'wrongStatus'; readonly id: string; readonly status: RecordingStatus }
  | { readonly kind: 'held'; readonly id: string }
  | { readonly kind: 'retained'; readonly id: string; readonly until: number }

/** Moves recordings; each with its events and its audit rows in one commit. */
export interface Lifecycle {
  /** `why` goes into the audit rows. */
  move(
    actor: Actor,
    kind: MoveKind,
    target: MoveTarget,
    why?: { readonly reason?: string; readonly comment?: string },
  ): Promise<MoveOutcome>
  /** Destroys key, media, transcript and index entry. Of any status. The list is worked off before it resolves. */
  erase(
    actor: Actor,
    id: string,
    why: { readonly reason?: string; readonly comment?: string },
  ): Promise<MoveOutcome>
  /**
   * Gives recordings a new owner (§8): `ids` whoever owns them, those of `ids` that `from` owns, or all that `from` owns.
   * `purged` ones count as missing.
   */
  reassign(
    actor: Actor,
    request: { readonly to: Owner; readonly from?: string; readonly ids?: readonly string[] },
  ): Promise<MoveOutcome>
  /** Changes what may be changed of one recording; `updated` is announced when the topic differs. */
  update(
    actor: Actor,
    id: string,
    change: { readonly topic?: string; readonly downloadPrevented?: boolean },
  ): Promise<MoveOutcome>
  /** Why and until when a recording is kept; undefined when there is none. */
  keeping(orgId: string, id: string): Promise<Keeping | undefined>
  /** Carries out what is due: bins that are over, retention that has ended, erasures cut off by a crash. */
  sweep(): Promise<Sweep>
}

/** Why a recording is still there. */
export interface Keeping {
  readonly status: RecordingStatus
  /** No purge or erasure before; absent without a policy. */
  readonly retainUntil?: number
  /** Whether it is erased then. */
  readonly eraseAtEnd: boolean
  /** When it leaves the recycle bin; absent outside of it. */
  readonly binUntil?: number
  /** Ids of the holds in force. */
  readonly holds: readonly string[]
}

/** What a sweep did. */
export interface Sweep {
  readonly purged: number
  readonly erased: number
  /** Due but not done: the clock is not trusted until somebody confirms it. */
  readonly postponed: boolean
}
