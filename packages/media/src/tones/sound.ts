/**
 * What a leg hears from us, made sample by sample: tones of the European numbering plan (ITU-T E.180, ETSI
 * TR 101 041: 425 Hz) and prompts, as 16-bit PCM at 8 kHz.
 *
 * A source is read in packets; it keeps its phase between reads, so that packets join without a click.
 */
import { G711_RATE_HZ } from '../g711/g711.ts'
import type { Sound } from '../port.ts'

/** Something that makes samples. */
export interface SoundSource {
  /** Fills the first `count` samples; returns how many there were. Fewer than `count` means that it has ended. */
  read(into: Int16Array, count: number): number
}

const AMPLITUDE = 8_000 // About -12 dBFS: clear, and far from clipping when mixed.
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

/** Three falling notes, twice: no telephone network uses it for anything else. */
const RECORDING_FAILED: readonly Burst[] = [950, 700, 450, 0, 950, 700, 450].map((frequencyHz) => ({
  frequencyHz,
  durationMs: 200,
}))

const PROMPTS: ReadonlyMap<string, readonly Burst[]> = new Map([['recordingFailed', RECORDING_FAILED]])

/** How long a prompt lasts, in milliseconds; 0 for a name that is not known. */
export function promptDurationMs(name: string): number {
  return (PROMPTS.get(name) ?? []).reduce((sum, burst) => sum + burst.durationMs, 0)
}

/** A fresh source of the sound; undefined for a prompt that is not known. Tones never end, prompts do. */
export function soundSource(sound: Sound): SoundSource | undefined {
  if (sound.kind === 'tone') return new Cadence(TONES[sound.tone], { repeats: true })
  const bursts = PROMPTS.get(sound.name)
  return bursts === undefined ? undefined : new Cadence(bursts, { repeats: false })
}
