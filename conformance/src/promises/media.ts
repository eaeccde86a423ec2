/**
 * Small MP3 files by number, each of its own content: one sound, encoded once, behind a tag that holds the number. So the
 * content of every import is known without being kept.
 */
import { createHash } from 'node:crypto'
import { Lame } from '../../../packages/recordings/src/mp3/lame.ts'

const RATE_HZ = 8_000
const SECONDS = 0.6
const TAG_BYTES = 64
/** Behind the fields of the tag's own head. */
const NUMBER_AT = 32

/** Makes them. */
export class Media {
  readonly #sound: Uint8Array

  private constructor(sound: Uint8Array) {
    this.#sound = sound
  }

  static async load(): Promise<Media> {
    const encoder = (await Lame.load()).encoder({
      channels: 1,
      rateHz: RATE_HZ,
      bitsPerSecond: 32_000,
    })
    const noise = Int16Array.from({ length: SECONDS * RATE_HZ }, (_, at) => ((at * 7_919) % 20_011) - 10_005)
    const sound = Buffer.concat([encoder.encode(noise, noise).slice(), encoder.finish().slice()])
    encoder.close()
    return new Media(sound)
  }

  /** The file of a number, 0 to 2^53. */
  file(n: number): Buffer {
    const tag = Buffer.alloc(TAG_BYTES)
    tag.write('ID3\x04\0\0\0\0\0\x36', 'latin1') // ID3v2.4 §3.1: 54 bytes follow.
    tag.writeDoubleBE(n, NUMBER_AT)
    return Buffer.concat([tag, this.#sound])
  }
}

/** Lower-case hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
