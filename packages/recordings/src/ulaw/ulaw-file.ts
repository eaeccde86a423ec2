/**
 * A message of a mailbox being written: headerless G.711 mu-law at 8 kHz, mono, the right channel alone, since the left
 * is the mailbox itself. Proved like an MP3: its length checked, and read back against what was encoded (rule R2).
 */
import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { encodeG711, G711_RATE_HZ } from '@tandem/media'
import type { AudioFile, AudioPart } from '../encode/audio-file.ts'

const READ_BYTES = 1 << 18

/** A mu-law file being written. A byte is a sample. */
export class UlawFile implements AudioFile {
  readonly #path: string
  readonly #hash: Hash = createHash('sha256')
  #fd: number
  #sizeBytes = 0

  /** Begins the file anew, whatever an earlier attempt left. */
  constructor(path: string) {
    this.#path = path
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600)
  }

  append(_left: Int16Array, right: Int16Array): void {
    const bytes = new Uint8Array(right.length)
    encodeG711('PCMU', right, right.length, bytes, 0)
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(this.#fd, bytes, done, bytes.length - done, this.#sizeBytes + done)
      if (written === 0) throw ioError(`short write to ${this.#path}`)
      done += written
    }
    this.#hash.update(bytes)
    this.#sizeBytes += bytes.length
  }

  finish(): AudioPart {
    const sizeBytes = this.#sizeBytes
    const found = fstatSync(this.#fd).size
    if (found !== sizeBytes) throw ioError(`${this.#path} has ${found} bytes where ${sizeBytes} were written`)
    const sha256 = this.#hash.digest('hex')
    if (this.#readBack() !== sha256)
      throw ioError(`${this.#path} reads back differently from what was written`)
    this.close()
    return { sizeBytes, sha256, durationMs: (sizeBytes * 1_000) / G711_RATE_HZ }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #readBack(): string {
    const hash = createHash('sha256')
    const buffer = new Uint8Array(READ_BYTES)
    for (let position = 0; ; ) {
      const bytes = readSync(this.#fd, buffer, 0, buffer.length, position)
      if (bytes === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytes))
      position += bytes
    }
  }
}

/** Another try may work: the disk is at fault, not the journal. */
function ioError(message: string): Error {
  return Object.assign(new Error(message), { code: 'EIO' })
}
