/** The time in which retention and recycle bin count (promise P16, decision 0016). */
import type { Actor } from '../library.ts'

/**
 * The time that retention believes in: it never goes back, and does not follow a clock that jumps ahead until somebody
 * confirms it, so that a wrong clock purges nothing early (promise P16).
 */
export interface KeptTime {
  now(): number
  /** Set while the clock is ahead of what may be believed. */
  readonly doubt: { readonly wall: number; readonly kept: number } | undefined
  accept(actor: Actor): Promise<void>
}
