/** Listens to an MP3 as a person would: its length, and the loudest frequency of each channel. */
import { MPEGDecoder } from 'mpg123-decoder'

/** What is heard in a file. Channel 0 is left. */
export interface Heard {
  readonly sampleRateHz: number
  readonly seconds: number
  readonly channels: readonly Float32Array[]
}

/** Decodes a whole MP3. Rejects when no frame of it can be decoded. */
export async function decodeMp3(bytes: Uint8Array): Promise<Heard> {
  const decoder = new MPEGDecoder()
  await decoder.ready
  const { channelData, samplesDecoded, sampleRate } = decoder.decode(bytes)
  decoder.free()
  if (samplesDecoded === 0) throw new Error('no MP3 frame could be decoded')
  return { sampleRateHz: sampleRate, seconds: samplesDecoded / sampleRate, channels: channelData }
}

/** How much of a tone there is in a signal, as its amplitude, 0 to 1 (Goertzel). */
export function amplitudeAt(signal: Float32Array, sampleRateHz: number, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRateHz)
  let before = 0
  let last = 0
  for (const sample of signal) {
    const next = sample + coefficient * last - before
    before = last
    last = next
  }
  const power = last * last + before * before - coefficient * last * before
  return (2 * Math.sqrt(Math.max(0, power))) / signal.length
}

/** Tones are looked for in stretches of this length, as fine as 5 Hz need. */
const STRETCH_S = 0.2

/**
 * The frequency between 100 and 3,500 Hz that is loudest in a signal, to the nearest `stepHz`. Stretches are measured one
 * by one and their powers added, over ten seconds at most from the middle: a gap or a cut, where a tone jumps in phase,
 * then costs one stretch.
 */
export function loudestFrequency(signal: Float32Array, sampleRateHz: number, stepHz = 5): number {
  const middle = Math.floor(signal.length / 2)
  const part = signal.subarray(Math.max(0, middle - 5 * sampleRateHz), middle + 5 * sampleRateHz)
  const stretch = Math.round(STRETCH_S * sampleRateHz)
  let best = 0
  let loudest = -1
  for (let frequency = 100; frequency <= 3_500; frequency += stepHz) {
    let power = 0
    for (let at = 0; at < part.length; at += stretch)
      power += amplitudeAt(part.subarray(at, at + stretch), sampleRateHz, frequency) ** 2
    if (power > loudest) {
      loudest = power
      best = frequency
    }
  }
  return best
}

/** Root mean square of a signal, 0 to 1. */
export function loudness(signal: Float32Array): number {
  let sum = 0
  for (const sample of signal) sum += sample * sample
  return Math.sqrt(sum / Math.max(1, signal.length))
}
