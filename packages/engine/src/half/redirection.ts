/** One step by which a call came to where it rings (contract, call controls §2, `redirections`). */
import type { WallTime } from '@tandem/base'
import type { RedirectionReason } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'

/** Who sent the call on, and why. */
export interface Redirection {
  readonly reason: RedirectionReason
  readonly line: DirectoryLine
  /** They withhold their name and number. */
  readonly isPrivate: boolean
  readonly at: WallTime
}
