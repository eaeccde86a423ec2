/**
 * Plays a clip: an uploaded announcement, a voicemail, a prompt. The bytes are G.711 µ-law and are decoded as they are
 * read, so that a long clip costs no copy.
 *
 * While the clip is being fetched there is silence, two seconds at most; a clip that does not exist, is empty or does
 * not come in time ends at once and has failed.
 */
import { decodeG711, G711_RATE_HZ } from '../g711/g711.ts'
import type { ClipSource, SoundSource } from './sound-source.ts'

/** How long a clip may be awaited, in samples: longer and the listener thinks that the line is dead. */
export const CLIP_WAIT_SAMPLES_MAX: number = 2 * G711_RATE_HZ
/** The names of clips: a path below the clips folder, without extension, and never out of it. */
const CLIP_NAME = /^[a-z0-9][a-z0-9_/-]{0,127}$/

/** Whether a clip may be called so: lower case, digits, `_`, `-` and `/`, at most 128 characters. */
export function isClipName(name: string): boolean {
  return CLIP_NAME.test(name)
}

/** One clip being played. */
export class ClipSound implements SoundSource {
  readonly #clips: ClipSource
  readonly #name: string
  readonly #repeats: boolean
  #bytes: Uint8Array | undefined
  #at = 0
  #waited = 0
  #failed = false

  constructor(clips: ClipSource, name: string, options: { readonly repeats: boolean }) {
    this.#clips = clips
    this.#name = name
    this.#repeats = options.repeats
  }

  get failed(): boolean {
    return this.#failed
  }

  read(into: Int16Array, count: number): number {
    if (this.#failed) return 0
    const wanted = Math.min(count, into.length)
    const bytes = this.#bytes ?? this.#fetch()
    if (bytes === undefined) return this.#wait(into, wanted)
    let made = 0
    while (made < wanted) {
      if (this.#at === bytes.length) {
        if (!this.#repeats) return made
        this.#at = 0
      }
      const end = Math.min(bytes.length, this.#at + wanted - made)
      const part = made === 0 ? into : into.subarray(made)
      made += decodeG711('PCMU', bytes, this.#at, end, part)
      this.#at = end
    }
    return made
  }

  #fetch(): Uint8Array | undefined {
    const found = this.#clips.find(this.#name)
    if (found === 'loading') return undefined
    if (found === undefined || found.length === 0) {
      this.#failed = true
      return undefined
    }
    this.#bytes = found
    return found
  }

  #wait(into: Int16Array, wanted: number): number {
    if (!this.#failed && this.#waited >= CLIP_WAIT_SAMPLES_MAX) this.#failed = true
    if (this.#failed) return 0
    into.fill(0, 0, wanted)
    this.#waited += wanted
    return wanted
  }
}
