/**
 * One MP3 being written as a part while its call goes on, and proved when it is done: `finish` writes the `Info` frame,
 * checks the length, reads the file back and compares it with what was encoded (storage rule R2; the vault syncs it before
 * it gets its name). Synchronous on purpose: it lives in an encoding thread, which has nothing else to do meanwhile.
 */
import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { AudioFile, AudioPart } from '../encode/audio-file.ts'
import { infoFrame, musicCrc } from './info-frame.ts'
import { MP3_FRAME_BYTES, MP3_RATE_HZ, type Mp3Encoder } from './mp3-encoder.ts'

/** Encoded bytes gathered before they are written: two seconds of audio. */
const WRITE_BYTES_MIN = 16_384
const READ_BYTES = 1 << 18

/** A file being written. After an error it can only be closed; the audio is still in the journal. */
export class Mp3File implements AudioFile {
  readonly #path: string
  readonly #encoder: Mp3Encoder
  readonly #bodyHash: Hash = createHash('sha256')
  #fd: number
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #bodyBytes = 0
  #crc = 0
  #samples = 0

  /** Begins the file anew, whatever an earlier attempt left. */
  constructor(path: string, encoder: Mp3Encoder) {
    this.#path = path
    this.#encoder = encoder
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC
    this.#fd = openSync(path, flags, 0o600)
    this.#writeAll(new Uint8Array(MP3_FRAME_BYTES), 0) // Room for the `Info` frame.
  }

  /** Milliseconds of audio taken so far. */
  get durationMs(): number {
    return (this.#samples * 1_000) / MP3_RATE_HZ
  }

  /** Appends audio; both channels have the same number of samples. */
  append(left: Int16Array, right: Int16Array): void {
    this.#samples += left.length
    this.#gather(this.#encoder.encode(left, right))
    if (this.#gatheredBytes >= WRITE_BYTES_MIN) this.#flush()
  }

  /** Ends the file and proves it. */
  finish(): AudioPart {
    this.#gather(this.#encoder.finish())
    this.#flush()
    const sizeBytes = MP3_FRAME_BYTES + this.#bodyBytes
    this.#writeAll(infoFrame({ samples: this.#samples, bodyBytes: this.#bodyBytes, crc: this.#crc }), 0)
    const found = fstatSync(this.#fd).size
    if (found !== sizeBytes) {
      const message = `${this.#path} has ${found} bytes where ${sizeBytes} were written`
      throw Object.assign(new Error(message), { code: 'EIO' })
    }
    const sha256 = this.#prove()
    const durationMs = this.durationMs
    this.close()
    return { sizeBytes, sha256, durationMs }
  }

  /** Lets go of the file and the encoder. Safe to call twice. */
  close(): void {
    this.#encoder.close()
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #gather(frames: Uint8Array): void {
    if (frames.length === 0) return
    const kept = frames.slice() // The encoder uses its memory again.
    this.#gathered.push(kept)
    this.#gatheredBytes += kept.length
    this.#bodyHash.update(kept)
    this.#crc = musicCrc(kept, this.#crc)
  }

  #flush(): void {
    if (this.#gatheredBytes === 0) return
    this.#writeAll(Buffer.concat(this.#gathered), MP3_FRAME_BYTES + this.#bodyBytes)
    this.#bodyBytes += this.#gatheredBytes
    this.#gathered = []
    this.#gatheredBytes = 0
  }

  #writeAll(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(this.#fd, bytes, done, bytes.length - done, position + done)
      if (written === 0) throw Object.assign(new Error(`short write to ${this.#path}`), { code: 'EIO' })
      done += written
    }
  }

  /** Reads the whole file back; its body must be what was encoded. Returns the hash of all of it. */
  #prove(): string {
    const whole = createHash('sha256')
    const body = createHash('sha256')
    const buffer = new Uint8Array(READ_BYTES)
    for (let position = 0; ; ) {
      const bytes = readSync(this.#fd, buffer, 0, buffer.length, position)
      if (bytes === 0) break
      whole.update(buffer.subarray(0, bytes))
      body.update(buffer.subarray(Math.max(0, Math.min(bytes, MP3_FRAME_BYTES - position)), bytes))
      position += bytes
    }
    if (!body.digest().equals(this.#bodyHash.digest())) {
      throw Object.assign(new Error(`${this.#path} reads back differently from what was written`), {
        code: 'EIO',
      })
    }
    return whole.digest('hex')
  }
}
