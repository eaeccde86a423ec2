/**
 * Listens to what a phone hears, while it hears it: whose tone, other sound, or silence. It measures samples and never
 * counts packets (telephony.md, test-harness rules).
 */
import { amplitudeAt, loudness } from '../../../tools/mp3.ts'

const RATE_HZ = 8_000
/** A tone of a softphone arrives many times louder; what a codec leaves of another one is far below. */
const TONE_AMPLITUDE_MIN = 0.03
/** Anything louder is not silence: G.711 of nothing is below it. */
const SOUND_RMS_MIN = 0.005
/** Long enough to tell tones that are 53 Hz apart, short enough to be heard between two gaps. */
const WINDOW_SAMPLES = RATE_HZ / 20
const KEPT_SAMPLES_MAX = 30 * RATE_HZ

/** One ear: put `take` where a phone tells what it hears. */
export class Ear {
  #samples: number[] = []

  /** Takes what is heard, from whichever call. */
  take(samples: Int16Array): void {
    for (const sample of samples) this.#samples.push(sample / 32_768)
    if (this.#samples.length > KEPT_SAMPLES_MAX)
      this.#samples.splice(0, this.#samples.length - KEPT_SAMPLES_MAX)
  }

  /** What is heard from now on for `ms` of the clock: the names of the tones, `sound` for anything else, or nothing. */
  async listen(ms: number, tones: ReadonlyMap<string, number>): Promise<string[]> {
    this.#samples = []
    await new Promise((resolve) => setTimeout(resolve, ms))
    return heardIn(Float32Array.from(this.#samples), tones)
  }

  /** The samples of the next `ms`. */
  async record(ms: number): Promise<Float32Array> {
    this.#samples = []
    await new Promise((resolve) => setTimeout(resolve, ms))
    return Float32Array.from(this.#samples)
  }
}

/** Which tones are in a signal anywhere; `sound` when there is only something else; nothing in silence. */
export function heardIn(signal: Float32Array, tones: ReadonlyMap<string, number>): string[] {
  const heard = [...tones].filter(([, hz]) => peakOf(signal, hz) >= TONE_AMPLITUDE_MIN).map(([name]) => name)
  if (heard.length > 0) return heard.toSorted()
  return loudness(signal) >= SOUND_RMS_MIN ? ['sound'] : []
}

function peakOf(signal: Float32Array, hz: number): number {
  let peak = 0
  for (let at = 0; at + WINDOW_SAMPLES <= signal.length; at += WINDOW_SAMPLES)
    peak = Math.max(peak, windowed(signal.subarray(at, at + WINDOW_SAMPLES), hz))
  return peak
}

/** The amplitude of one frequency under a Hann window, so that a neighbour's tone does not leak into it. */
function windowed(signal: Float32Array, hz: number): number {
  const shaped = signal.map((sample, index) => sample * (1 - Math.cos((2 * Math.PI * index) / signal.length)))
  return amplitudeAt(shaped, RATE_HZ, hz)
}
