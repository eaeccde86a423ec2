/**
 * Which new recordings are to be transcribed: the statements that put one in line, for the commit that makes its row, so
 * that no crash can come between the two and leave the wish behind.
 */
import type { Logger } from '@tandem/base'
import type { Compilable } from '@tandem/store'
import type { RecordingTranscripts } from './recording-transcripts.ts'

/** A recording that is about to get its row. */
export interface NewRecording {
  readonly id: string
  readonly orgId: string
  readonly ownerId: string
}

/** What wishes are made of. */
export interface TranscriptWishesOptions {
  readonly transcripts: Pick<RecordingTranscripts, 'configured' | 'wantedStatements'>
  /** Whether the recordings of an owner are to be transcribed; absent: nobody's are. */
  readonly wanted: ((orgId: string, ownerId: string) => Promise<boolean>) | undefined
  readonly logger: Logger
}

/** See the head of this file. */
export class TranscriptWishes {
  readonly #options: TranscriptWishesOptions

  constructor(options: TranscriptWishesOptions) {
    this.#options = options
  }

  /** None when its owner wants none. A directory that cannot say does not hold up the recording itself. */
  async statements({ id, orgId, ownerId }: NewRecording): Promise<readonly Compilable[]> {
    const { transcripts, wanted, logger } = this.#options
    if (wanted === undefined || !transcripts.configured) return []
    try {
      return (await wanted(orgId, ownerId)) ? transcripts.wantedStatements({ id, orgId }) : []
    } catch (error) {
      logger.error('A transcript could not be asked for', { recordingId: id, why: String(error) })
      return []
    }
  }
}
