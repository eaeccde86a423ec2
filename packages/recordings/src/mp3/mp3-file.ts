/**
 * One MP3 being written as a part while its call goes on, and proved when it is done: `finish` writes the `Info` frame,
 * which stands first, and the part is read back and compared with what was encoded (part-writer.ts). Synchronous on
 * purpose: it lives in an encoding thread, which has nothing else to do meanwhile.
 */
import type { AudioFile, AudioPart } from '../encode/audio-file.ts'
import type { PartForm } from '../vault/part-builder.ts'
import { PartWriter } from '../vault/part-writer.ts'
import { infoFrame, musicCrc } from './info-frame.ts'
import { MP3_FRAME_BYTES, MP3_RATE_HZ, type Mp3Encoder } from './mp3-encoder.ts'

/** A file being written. After an error it can only be closed; the audio is still in the journal. */
export class Mp3File implements AudioFile {
  readonly #writer: PartWriter
  readonly #encoder: Mp3Encoder
  #crc = 0
  #samples = 0

  /** Begins the part at `path` anew, whatever an earlier attempt left. */
  constructor(path: string, encoder: Mp3Encoder, form: PartForm) {
    this.#encoder = encoder
    this.#writer = new PartWriter(path, form, MP3_FRAME_BYTES)
  }

  /** Milliseconds of audio taken so far. */
  get durationMs(): number {
    return (this.#samples * 1_000) / MP3_RATE_HZ
  }

  /** Appends audio; both channels have the same number of samples. */
  append(left: Int16Array, right: Int16Array): void {
    this.#samples += left.length
    this.#append(this.#encoder.encode(left, right))
  }

  /** Ends the file and proves it. */
  finish(): AudioPart {
    this.#append(this.#encoder.finish())
    const bodyBytes = this.#writer.sizeBytes - MP3_FRAME_BYTES
    const part = this.#writer.finish(infoFrame({ samples: this.#samples, bodyBytes, crc: this.#crc }))
    this.close()
    return { ...part, durationMs: this.durationMs }
  }

  /** Lets go of the file and the encoder. Safe to call twice. */
  close(): void {
    this.#encoder.close()
    this.#writer.close()
  }

  #append(frames: Uint8Array): void {
    if (frames.length === 0) return
    const kept = frames.slice() // The encoder uses its memory again.
    this.#crc = musicCrc(kept, this.#crc)
    this.#writer.append(kept)
  }
}
