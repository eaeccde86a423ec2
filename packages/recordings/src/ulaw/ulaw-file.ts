/**
 * A message of a mailbox being written: headerless G.711 mu-law at 8 kHz, mono, the right channel alone, since the left
 * is the mailbox itself. Plain, since it leaves for the hook that takes it as a path; proved like an MP3 (rule R2).
 */
import { encodeG711, G711_RATE_HZ } from '@tandem/media'
import type { AudioFile, AudioPart } from '../encode/audio-file.ts'
import { PartWriter } from '../vault/part-writer.ts'

/** A mu-law file being written. A byte is a sample. */
export class UlawFile implements AudioFile {
  readonly #writer: PartWriter

  /** Begins the file anew, whatever an earlier attempt left. */
  constructor(path: string) {
    this.#writer = new PartWriter(path, { kind: 'bare' })
  }

  append(_left: Int16Array, right: Int16Array): void {
    const bytes = new Uint8Array(right.length)
    encodeG711('PCMU', right, right.length, bytes, 0)
    this.#writer.append(bytes)
  }

  finish(): AudioPart {
    const part = this.#writer.finish()
    return { ...part, durationMs: (part.sizeBytes * 1_000) / G711_RATE_HZ }
  }

  close(): void {
    this.#writer.close()
  }
}
