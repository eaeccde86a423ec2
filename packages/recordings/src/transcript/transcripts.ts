/** Transcripts: what was said, in which forms it is given and taken, and how one comes to be. */
import type { Actor } from '../library.ts'

/** How far the transcript of a recording is. */
export type TranscriptState = 'none' | 'waiting' | 'running' | 'done' | 'failed'

/** A stretch of speech. */
export interface TranscriptSegment {
  /** From the beginning of the audio. */
  readonly startMs: number
  readonly endMs: number
  /** As the recording's sides know them: the owner, or who was on the other side. */
  readonly speaker?: string
  readonly text: string
}

/** What was said. */
export interface Transcript {
  readonly language?: string
  /** What made it: an engine's name, or `import`. */
  readonly engine: string
  readonly segments: readonly TranscriptSegment[]
}

/** The forms in which a transcript is given. */
export type TranscriptFormat = 'vtt' | 'txt' | 'json'

/** Transcripts. */
export interface Transcripts {
  /** Whether a transcriber is configured. */
  readonly configured: boolean
  state(
    orgId: string,
    id: string,
  ): Promise<{ readonly state: TranscriptState; readonly error?: string; readonly language?: string }>
  get(orgId: string, id: string): Promise<Transcript | undefined>
  /** The text in one form, with its media type. */
  render(
    transcript: Transcript,
    format: TranscriptFormat,
  ): { readonly contentType: string; readonly text: string }
  /** Reads WebVTT, plain text or our JSON; an error text when it is none of them. */
  parse(text: string, format: TranscriptFormat): Transcript | string
  /** Stores a transcript made elsewhere, in place of an earlier one; false when there is no such recording. */
  put(actor: Actor, id: string, transcript: Transcript): Promise<boolean>
  /** Has one made; `off` when no transcriber is configured. */
  request(
    actor: Actor,
    id: string,
    options: { readonly language?: string },
  ): Promise<'done' | 'missing' | 'off'>
}
