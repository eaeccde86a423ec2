/**
 * What a sound is to those who play it: samples, read packet by packet, 16-bit PCM at 8 kHz.
 *
 * A source keeps its phase between reads, so that packets join without a click. It does no I/O: audio that lies in
 * files is asked of a `ClipSource`, which may still be reading it.
 */

/** Something that makes samples. */
export interface SoundSource {
  /** Fills the first `count` samples; returns how many there were. Fewer than `count` means that it has ended. */
  read(into: Int16Array, count: number): number
  /** Whether a part of it could not be played at all: known once it has ended. */
  readonly failed?: boolean
}

/** Where the audio of clips and prompts comes from: headerless G.711 µ-law, 8 kHz, mono. */
export interface ClipSource {
  /** The bytes of a clip, `'loading'` while they are being fetched, undefined when there is no such clip. */
  find(name: string): Uint8Array | 'loading' | undefined
}

/** A machine that has no clips at all. */
export const NO_CLIPS: ClipSource = { find: () => undefined }

/** Sounds one after the other; an ended one is not heard of again. */
export class Sequence implements SoundSource {
  readonly #sources: readonly SoundSource[]
  readonly #part = new Int16Array(PART_SAMPLES_MAX)
  #at = 0

  constructor(sources: readonly SoundSource[]) {
    this.#sources = sources
  }

  get failed(): boolean {
    return this.#sources.some((source) => source.failed === true)
  }

  read(into: Int16Array, count: number): number {
    const wanted = Math.min(count, into.length)
    let made = 0
    while (made < wanted) {
      const source = this.#sources[this.#at]
      if (source === undefined) return made
      const asked = Math.min(wanted - made, PART_SAMPLES_MAX)
      const got = source.read(this.#part, asked)
      for (let index = 0; index < got; index++) into[made + index] = this.#part[index] as number // Just made.
      made += got
      if (got < asked) this.#at += 1
    }
    return made
  }
}

/** What is asked of one part at a time: 60 ms, the longest packet. */
const PART_SAMPLES_MAX = 480
