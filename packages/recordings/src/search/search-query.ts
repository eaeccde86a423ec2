/** What may be searched for, and what is found. */
import type { Recording, RecordingStatus } from '../catalogue/recording.ts'
import type { Cursor } from '../library.ts'

/** What to search for. Visibility is the asker's: `statuses` and `ownerIds` restrict what can be found. */
export interface SearchQuery {
  readonly orgId: string
  /** Words; all must occur, in any case, somewhere in topic, parties or transcript. */
  readonly text: string
  readonly statuses: readonly RecordingStatus[]
  readonly ownerIds?: readonly string[]
  /** For whoever may not read what was said: transcripts neither match nor show, so that asking tells nothing of them. */
  readonly withoutTranscripts?: boolean
  readonly from?: number
  readonly to?: number
  readonly max: number
  readonly cursor?: Cursor
}

/** A recording that was found, and where. */
export interface SearchHit {
  readonly recording: Recording
  readonly matches: readonly {
    readonly in: 'topic' | 'party' | 'transcript'
    /** Some words around the match. */
    readonly text: string
    /** Where in the audio, for a transcript. */
    readonly atMs?: number
  }[]
}
