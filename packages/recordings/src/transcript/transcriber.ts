/**
 * What makes transcripts of audio, and how it may fail. One implementation talks to an OpenAI-compatible endpoint
 * (`openai-transcriber.ts`); tests bring another.
 */
import type { Transcript, TranscriptSegment } from './transcripts.ts'

/** Whose voice is where: `sides` when left is the owner and right the other side, as in recordings of ours. */
export type SpeakersOf =
  | { readonly kind: 'sides'; readonly left: string; readonly right: string }
  /** Channels say nothing about people: they are heard together, and nobody is named. */
  | { readonly kind: 'mixed' }

/** One recording to be put into words. */
export interface TranscriberTask {
  readonly audio: AsyncIterable<Uint8Array>
  readonly speakers: SpeakersOf
  /** A language tag; absent: the transcriber's own setting, or what it hears. */
  readonly language?: string
  /** What earlier attempts have heard already, by piece; grows. Spares paying twice. */
  readonly heard: Map<string, HeardPiece>
  /** A piece was answered and is to be paid; waits until that is written down. */
  readonly answered: (audioMs: number) => Promise<void>
  readonly signal: AbortSignal
}

/** What was heard in one piece; times are those of the recording. */
export interface HeardPiece {
  readonly language?: string
  readonly segments: readonly TranscriptSegment[]
}

/** Puts audio into words. */
export interface Transcriber {
  /** Rejects with a `TranscriberError`, or with the signal's reason. */
  transcribe(task: TranscriberTask): Promise<Transcript>
}

/** Longest sentence of a server that is shown. */
export const SENTENCE_CHARACTERS_MAX = 300

/** No transcript came of it; `again` says whether another try may work. The message holds no key and no words. */
export class TranscriberError extends Error {
  override readonly name = 'TranscriberError'
  readonly again: boolean
  /** How long the server wants to be left alone, all tasks together. */
  readonly retryAfterMs: number | undefined
  /** Of the server's answer, when there was one. */
  readonly status: number | undefined

  constructor(
    message: string,
    options: { readonly again: boolean; readonly retryAfterMs?: number; readonly status?: number },
  ) {
    super(message)
    this.again = options.again
    this.retryAfterMs = options.retryAfterMs
    this.status = options.status
  }
}
