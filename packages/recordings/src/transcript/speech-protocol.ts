/** What the main thread and a decoding thread say to each other: plain data only. */
import type { SpeechPiece } from './speech-channel.ts'

/** What a decoding thread is started with. */
export interface SpeechThreadData {
  /** Whether left and right are heard apart. */
  readonly apart: boolean
  readonly pieceMs: number
}

/** MP3 as it comes; the last one is empty. Each is answered before the next is sent, so that nothing piles up. */
export type SpeechRequest = Readonly<{ kind: 'audio'; bytes: Uint8Array } | { kind: 'end' }>

/** The pieces that became full, or why nothing can be decoded. */
export type SpeechReply = Readonly<
  { kind: 'pieces'; pieces: readonly SpeechPiece[] } | { kind: 'failed'; message: string }
>
