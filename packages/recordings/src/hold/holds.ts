/** Legal holds: while one is in force, nobody moves or erases what it holds (promise P16). */
import type { Actor, Cursor, Page } from '../library.ts'

/** A hold on some recordings. */
export interface Hold {
  readonly id: string
  readonly orgId: string
  readonly reason: string
  readonly recordingIds: readonly string[]
  readonly placedBy: string
  readonly placedAt: number
  readonly releasedBy?: string
  readonly releasedAt?: number
  readonly releaseReason?: string
}

/** Holds, for compliance officers. */
export interface Holds {
  /** All or nothing; `missing` when a recording is unknown. */
  place(
    actor: Actor,
    request: { readonly recordingIds: readonly string[]; readonly reason: string },
  ): Promise<Hold | { readonly kind: 'missing'; readonly id: string }>
  /** `missing`: no such hold. `released`: somebody did it before. */
  release(actor: Actor, holdId: string, reason: string): Promise<'done' | 'missing' | 'released'>
  get(orgId: string, holdId: string): Promise<Hold | undefined>
  /** Newest first, ties by id. */
  list(
    orgId: string,
    query: {
      readonly active?: boolean
      readonly recordingId?: string
      readonly max: number
      readonly cursor?: Cursor
    },
  ): Promise<Page<Hold>>
}
