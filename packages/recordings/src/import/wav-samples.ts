/**
 * The sound of a WAV file as 16-bit samples, a piece at a time, channels apart: what the encoder and the resampler
 * take. G.711 is ITU-T's; 8-bit PCM is unsigned, every other kind signed, little-endian.
 */
import { decodeG711 } from '@tandem/media'
import type { MediaSource } from './media-source.ts'
import type { WavFacts } from './wav-file.ts'

/** Frames of one piece: a second of the telephone, a sixth of one of music. */
export const PIECE_FRAMES = 8_192

/** Some sound; of one channel, both are the same array. */
export interface Samples {
  readonly left: Int16Array
  readonly right: Int16Array
}

/** Reads all sound in order. */
export async function* wavSamples(
  source: MediaSource,
  facts: WavFacts,
): AsyncGenerator<Samples, void, undefined> {
  const frameBytes = facts.channels * facts.sampleBytes
  for (let frame = 0; frame < facts.frames; ) {
    const wanted = Math.min(PIECE_FRAMES, facts.frames - frame)
    const bytes = await source.read(facts.dataAt + frame * frameBytes, wanted * frameBytes)
    const frames = Math.floor(bytes.length / frameBytes)
    if (frames === 0) return // Somebody made the file shorter; the hash of the whole tells.
    frame += frames
    yield apart(expand(bytes.subarray(0, frames * frameBytes), facts), facts.channels)
  }
}

function apart(samples: Int16Array, channels: 1 | 2): Samples {
  if (channels === 1) return { left: samples, right: samples }
  const left = new Int16Array(samples.length / 2)
  const right = new Int16Array(samples.length / 2)
  for (let at = 0; at < left.length; at++) {
    left[at] = samples[2 * at] ?? 0
    right[at] = samples[2 * at + 1] ?? 0
  }
  return { left, right }
}

/** All samples of a piece, channels side by side as they are in the file. */
function expand(bytes: Uint8Array, { coding, sampleBytes }: WavFacts): Int16Array {
  const samples = new Int16Array(bytes.length / sampleBytes)
  if (coding === 'PCMU' || coding === 'PCMA') {
    decodeG711(coding, bytes, 0, bytes.length, samples)
    return samples
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < samples.length; at++) {
    if (coding === 'float') samples[at] = loud(view.getFloat32(4 * at, true))
    else if (sampleBytes === 1) samples[at] = (view.getUint8(at) - 128) << 8
    else samples[at] = view.getInt16(sampleBytes * (at + 1) - 2, true) // The two highest bytes.
  }
  return samples
}

function loud(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767))) || 0 // What is no number is silence.
}
