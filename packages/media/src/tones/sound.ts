/**
 * What a leg hears from us, made sample by sample: tones of the European numbering plan (ITU-T E.180, ETSI
 * TR 101 041: 425 Hz), beeps, prompts, clips and music, as 16-bit PCM at 8 kHz.
 *
 * A source is read in packets; it keeps its phase between reads, so that packets join without a click.
 */
import { G711_RATE_HZ } from '../g711/g711.ts'
import type { Sound } from '../port.ts'
import { ClipSound, isClipName } from './clip.ts'
import { HoldMusic } from './music.ts'
import { digitClip, promptClip } from './prompts.ts'
import { type ClipSource, NO_CLIPS, Sequence, type SoundSource } from './sound-source.ts'

const AMPLITUDE = 8_000 // About -12 dBFS: clear, and far from clipping when mixed.
/** Digits that are spoken in one go: more than the longest telephone number. */
export const SPOKEN_DIGITS_MAX = 32
/** Sounds in one sequence, and sequences within sequences; the rest is left out. */
export const SEQUENCE_SOUNDS_MAX = 64
const SEQUENCE_DEPTH_MAX = 4
const EDGE_SAMPLES = 40 // 5 ms of fade at each edge of a burst, against clicks.

/** A steady sine wave without end. */
export class Sine implements SoundSource {
  readonly #stepRadians: number
  readonly #amplitude: number
  #phase = 0

  /** `amplitude` is the peak, 0 to 32767. */
  constructor(frequencyHz: number, amplitude: number = AMPLITUDE) {
    this.#stepRadians = (2 * Math.PI * frequencyHz) / G711_RATE_HZ
    this.#amplitude = amplitude
  }

  read(into: Int16Array, count: number): number {
    const samples = Math.min(count, into.length)
    for (let index = 0; index < samples; index++) {
      into[index] = Math.round(this.#amplitude * Math.sin(this.#phase))
      this.#phase += this.#stepRadians
      if (this.#phase > 2 * Math.PI) this.#phase -= 2 * Math.PI
    }
    return samples
  }
}

/** A burst of one frequency, or silence when `frequencyHz` is 0. */
interface Burst {
  readonly frequencyHz: number
  readonly durationMs: number
}

/** Bursts in a row, once or for ever. */
export class Cadence implements SoundSource {
  readonly #bursts: readonly Burst[]
  readonly #repeats: boolean
  #burst = 0
  #sample = 0

  constructor(bursts: readonly Burst[], options: { readonly repeats: boolean }) {
    this.#bursts = bursts
    this.#repeats = options.repeats
  }

  read(into: Int16Array, count: number): number {
    const wanted = Math.min(count, into.length)
    for (let index = 0; index < wanted; index++) {
      const burst = this.#bursts[this.#burst]
      if (burst === undefined) return index
      const length = (burst.durationMs * G711_RATE_HZ) / 1000
      into[index] = burstSample(burst.frequencyHz, this.#sample, length)
      this.#sample += 1
      if (this.#sample >= length) {
        this.#sample = 0
        this.#burst += 1
        if (this.#repeats && this.#burst === this.#bursts.length) this.#burst = 0
      }
    }
    return wanted
  }
}

function burstSample(frequencyHz: number, sample: number, length: number): number {
  if (frequencyHz === 0) return 0
  const edge = Math.min(sample, length - 1 - sample)
  const gain = edge >= EDGE_SAMPLES ? 1 : edge / EDGE_SAMPLES
  return Math.round(AMPLITUDE * gain * Math.sin((2 * Math.PI * frequencyHz * sample) / G711_RATE_HZ))
}

const TONES: Readonly<Record<'ringback' | 'busy' | 'congestion', readonly Burst[]>> = {
  ringback: [
    { frequencyHz: 425, durationMs: 1000 },
    { frequencyHz: 0, durationMs: 4000 },
  ],
  busy: [
    { frequencyHz: 425, durationMs: 500 },
    { frequencyHz: 0, durationMs: 500 },
  ],
  congestion: [
    { frequencyHz: 425, durationMs: 250 },
    { frequencyHz: 0, durationMs: 250 },
  ],
}

/** One short beep; 1400 Hz, as recorders on the telephone have always had it. */
const BEEP: readonly Burst[] = [{ frequencyHz: 1_400, durationMs: 250 }]
/** Between two spoken digits. */
const DIGIT_GAP: readonly Burst[] = [{ frequencyHz: 0, durationMs: 60 }]

/** A fresh source of the sound. Tones, music and repeated clips never end; what cannot be played ends at once, failed. */
export function soundSource(sound: Sound, clips: ClipSource = NO_CLIPS, depth = 0): SoundSource {
  switch (sound.kind) {
    case 'tone':
      return new Cadence(TONES[sound.tone], { repeats: true })
    case 'beep':
      return new Cadence(BEEP, { repeats: false })
    case 'music':
      return new HoldMusic()
    case 'prompt':
      return new ClipSound(clips, promptClip(sound.name), { repeats: false })
    case 'digits':
      return new Sequence(spoken(sound.digits.slice(0, SPOKEN_DIGITS_MAX), clips))
    case 'clip':
      return isClipName(sound.name)
        ? new ClipSound(clips, sound.name, { repeats: sound.repeat === true })
        : new ClipSound(NO_CLIPS, sound.name, { repeats: false })
    case 'sequence': {
      if (depth >= SEQUENCE_DEPTH_MAX) return new ClipSound(NO_CLIPS, '', { repeats: false })
      const parts = sound.sounds.slice(0, SEQUENCE_SOUNDS_MAX)
      return new Sequence(parts.map((part) => soundSource(part, clips, depth + 1)))
    }
  }
}

function spoken(digits: string, clips: ClipSource): SoundSource[] {
  const sources: SoundSource[] = []
  for (const digit of digits) {
    const clip = digitClip(digit)
    if (clip === undefined) continue
    if (sources.length > 0) sources.push(new Cadence(DIGIT_GAP, { repeats: false }))
    sources.push(new ClipSound(clips, clip, { repeats: false }))
  }
  return sources
}
