/**
 * What a phone says: silence, a tone, or a WAV file, once or again and again.
 */
import { readFileSync } from 'node:fs'
import { Sine, type SoundSource } from '@tandem/media'
import { PhoneError } from '../phone-error.ts'
import { readWav } from '../wav/wav.ts'

/** A sound as options and scripts name it. */
export type VoiceSource =
  | { readonly kind: 'silence' }
  | { readonly kind: 'tone'; readonly frequencyHz: number }
  | { readonly kind: 'file'; readonly path: string; readonly repeats: boolean }

/** The highest tone that 8 kHz can carry, less a margin for the filter of the far end. */
export const TONE_HZ_MAX = 3_800

/** A fresh source. Throws `PhoneError` for a file that cannot be played or a tone that cannot be heard. */
export function openSource(source: VoiceSource): SoundSource {
  switch (source.kind) {
    case 'silence':
      return SILENCE
    case 'tone':
      if (source.frequencyHz >= 1 && source.frequencyHz <= TONE_HZ_MAX) return new Sine(source.frequencyHz)
      throw new PhoneError(`a tone has 1 to ${TONE_HZ_MAX} Hz`)
    case 'file':
      return new Samples(readWav(readFile(source.path), source.path), source.repeats)
  }
}

const SILENCE: SoundSource = {
  read(into, count) {
    into.fill(0, 0, count)
    return count
  },
}

class Samples implements SoundSource {
  readonly #samples: Int16Array
  readonly #repeats: boolean
  #at = 0

  constructor(samples: Int16Array, repeats: boolean) {
    this.#samples = samples
    this.#repeats = repeats && samples.length > 0
  }

  read(into: Int16Array, count: number): number {
    let filled = 0
    while (filled < count) {
      if (this.#at === this.#samples.length) {
        if (!this.#repeats) break
        this.#at = 0
      }
      const part = this.#samples.subarray(this.#at, this.#at + count - filled)
      into.set(part, filled)
      filled += part.length
      this.#at += part.length
    }
    return filled
  }
}

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new PhoneError(`cannot read ${path}: name a WAV file that exists`, { cause })
  }
}
