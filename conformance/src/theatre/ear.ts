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
/** How much of a window's power must be people's tones. */
const TONE_SHARE_MIN = 0.7
/** Long enough to tell tones that are 53 Hz apart, short enough to be heard between two gaps. */
const WINDOW_SAMPLES = RATE_HZ / 10
const KEPT_SAMPLES_MAX = 30 * RATE_HZ

/** One ear: put `take` where a phone tells what it hears. */
export class Ear {
  /** A call that is not talked in is heard as exact silence: each has a track of its own. */
  #tracks = new Map<number, number[]>()

  /** Takes what is heard from one call. */
  take(samples: Int16Array, call: number): void {
    const track = this.#tracks.get(call) ?? []
    this.#tracks.set(call, track)
    for (const sample of samples) track.push(sample / 32_768)
    if (track.length > KEPT_SAMPLES_MAX) track.splice(0, track.length - KEPT_SAMPLES_MAX)
  }

  /** What is heard from now on for `ms` of the clock: the names of the tones, `sound` for anything else, or nothing. */
  async listen(ms: number, tones: ReadonlyMap<string, number>): Promise<string[]> {
    const heard = (await this.record(ms)).flatMap((track) => heardIn(track, tones))
    return [...new Set(heard)].toSorted()
  }

  /** The samples of the next `ms`, of each call that is heard. */
  async record(ms: number): Promise<Float32Array[]> {
    this.#tracks = new Map()
    await new Promise((resolve) => setTimeout(resolve, ms))
    return [...this.#tracks.values()].map((track) => Float32Array.from(track))
  }
}

/** Which tones are in a signal anywhere; `sound` when there is only something else; nothing in silence. */
export function heardIn(signal: Float32Array, tones: ReadonlyMap<string, number>): string[] {
  const counts = new Map<string, number>()
  let [sounding, told] = [0, 0]
  for (let at = 0; at + WINDOW_SAMPLES <= signal.length; at += WINDOW_SAMPLES) {
    const window = signal.subarray(at, at + WINDOW_SAMPLES)
    const loud = loudness(window)
    if (loud < SOUND_RMS_MIN) continue
    sounding += 1
    const found = [...tones].map(([name, hz]) => ({ name, amplitude: windowed(window, hz) }))
    const people = found.filter(({ amplitude }) => amplitude >= TONE_AMPLITUDE_MIN)
    const power = people.reduce((sum, { amplitude }) => sum + amplitude ** 2 / 2, 0)
    // A prompt or music has something at every frequency: people are what most of the sound is made of.
    if (power < TONE_SHARE_MIN * loud ** 2) continue
    told += 1
    for (const { name } of people) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  // A packet that comes late tears a tone apart, and for a window it seems to be of several, or of nobody.
  const heard = [...counts].filter(([, count]) => count >= told / 2).map(([name]) => name)
  if (heard.length > 0) return heard.toSorted()
  return sounding > 0 ? ['sound'] : []
}

/** The amplitude of one frequency under a Hann window, so that a neighbour's tone does not leak into it. */
function windowed(signal: Float32Array, hz: number): number {
  const shaped = signal.map((sample, index) => sample * (1 - Math.cos((2 * Math.PI * index) / signal.length)))
  return amplitudeAt(shaped, RATE_HZ, hz)
}
