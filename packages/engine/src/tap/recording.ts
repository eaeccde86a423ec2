/**
 * A recording of one half, as the engine follows it: opened when both sides talk, closed when the half ends.
 *
 * The audio and its journal belong to the media port; here is what was asked of it and what it said.
 */
import type { MediaLegId, RecordingId, RecordingSide } from '@tandem/media'
import type { RecordingState } from '../commands.ts'
import type { DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'

/** One recording. Its fields are changed by the engine alone. */
export class Recording {
  readonly id: RecordingId
  readonly owner: CallHalf
  state: RecordingState = 'pending'
  /** `closeRecording` has been asked for. */
  closing = false
  /** Its first entry has been noted. */
  noted = false
  /** The ordinary recording of the same voicemail message. */
  beside: Recording | undefined
  /** Where the media port was told to put which leg. */
  readonly attached: Map<MediaLegId, RecordingSide> = new Map<MediaLegId, RecordingSide>()
  /** Who was told of it. */
  readonly told: Set<CallHalf> = new Set<CallHalf>()
  /** What became of it; undefined while the media port has not said its last word. */
  outcome: 'closed' | 'failed' | undefined
  /** Why it failed. */
  why: string | undefined

  /** Whose recording it is: the half's own line, but the mailbox owner's for a message. */
  readonly ownerLine: DirectoryLine

  constructor(options: {
    readonly id: RecordingId
    readonly owner: CallHalf
    readonly ownerLine?: DirectoryLine
  }) {
    this.id = options.id
    this.owner = options.owner
    this.ownerLine = options.ownerLine ?? options.owner.line
  }

  /** Whether something may still be put into it. */
  get isOpen(): boolean {
    return !this.closing && this.outcome === undefined
  }

  /** Changes its state, which is that of its half as long as it is the half's last one. */
  become(state: RecordingState): void {
    this.state = state
    if (this.owner.recording === this) this.owner.recordingState = state
  }
}
