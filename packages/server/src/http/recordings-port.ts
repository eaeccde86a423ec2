/**
 * What HTTP needs of the recordings: the library, and the rules that an operator may set otherwise than the contract's
 * defaults (contract README §3.1, Rulings 1, 26).
 */
import type { Library } from '@tandem/recordings'

/** The library as operations use it; a test may put it together of parts. */
export type RecordingsPort = Library

/** What an operator may set otherwise. */
export interface RecordingRules {
  /** The DELETE of an owner or administrator erases at once, in place of the recycle bin (Ruling 1). */
  readonly deleteErases: boolean
  /** A compliance officer needs no reason to erase the recording of somebody else (Ruling 26). */
  readonly reasonOptional: boolean
  /** An administrator gets no links to the own recordings either, as in Webex (README §3.1). */
  readonly adminsWithoutLinks: boolean
}

/** The contract's own rules. */
export const CONTRACT_RULES: RecordingRules = {
  deleteErases: false,
  reasonOptional: false,
  adminsWithoutLinks: false,
}
