/** What the main thread and the media thread say to each other: plain data only. */
import type { ImportFaultKind } from './import-fault.ts'
import type { Mp4Facts } from './mp4-sound.ts'
import type { WavFacts } from './wav-file.ts'

/** A file of this machine, and how it is hidden. */
export interface MediaFile {
  readonly path: string
  readonly mask?: { readonly secret: Uint8Array; readonly partId: string }
}

/** What is asked of the thread, one thing at a time. */
export type MediaRequest = Readonly<
  /** What is this MP4? `now` bounds what it says of its making. */
  | { kind: 'readMp4'; file: MediaFile; now: number }
  /** Its sound as a file of its own, in pieces. */
  | { kind: 'mp4Sound'; file: MediaFile; as: 'mp4' | 'mp3' }
  /** A WAV as MP3, in pieces. */
  | { kind: 'wavToMp3'; file: MediaFile; facts: WavFacts }
  /** The next piece of what was asked for last. */
  | { kind: 'next' }
  /** No more of it. */
  | { kind: 'stop' }
>

/** What the thread answers: one answer for each `readMp4` and each `next`. */
export type MediaReply = Readonly<
  | { kind: 'facts'; facts: Mp4Facts }
  | { kind: 'piece'; bytes: Uint8Array }
  | { kind: 'end' }
  /** The file is at fault. */
  | { kind: 'fault'; fault: ImportFaultKind; message: string }
  /** The system is, or we are. */
  | { kind: 'failed'; message: string; code?: string }
>
