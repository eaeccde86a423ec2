/**
 * Writes what a phone hears into a WAV file. Samples are kept for a second, then written together with a header
 * that is right for them, so that a killed process leaves a file that every player reads.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { PhoneError } from '../phone-error.ts'
import { WAV_HEADER_BYTES, WAV_RATE_HZ, wavHeader } from './wav.ts'

const FLUSH_SAMPLES = WAV_RATE_HZ // One second.

/** One file that grows until it is closed. */
export class WavRecorder {
  readonly #file: number
  readonly #waiting = new DataView(new ArrayBuffer(2 * FLUSH_SAMPLES))
  #waitingCount = 0
  #writtenCount = 0

  /** Creates or empties the file. Throws `PhoneError` when that is not possible. */
  constructor(path: string) {
    try {
      this.#file = openSync(path, 'w')
      writeSync(this.#file, wavHeader(0), 0, WAV_HEADER_BYTES, 0)
    } catch (cause) {
      throw new PhoneError(
        `cannot write ${path}: choose a file in a folder that exists and may be written to`,
        { cause },
      )
    }
  }

  /** Adds the first `count` samples. */
  add(samples: Int16Array, count: number): void {
    for (let index = 0; index < count; index++) {
      this.#waiting.setInt16(2 * this.#waitingCount, samples[index] ?? 0, true)
      this.#waitingCount += 1
      if (this.#waitingCount === FLUSH_SAMPLES) this.#flush()
    }
  }

  /** Writes the rest and closes the file. */
  close(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    const at = WAV_HEADER_BYTES + 2 * this.#writtenCount
    writeSync(this.#file, this.#waiting, 0, 2 * this.#waitingCount, at)
    this.#writtenCount += this.#waitingCount
    this.#waitingCount = 0
    writeSync(this.#file, wavHeader(this.#writtenCount), 0, WAV_HEADER_BYTES, 0)
  }
}
