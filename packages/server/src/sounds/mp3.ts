/**
 * MP3 by mpg123 in WebAssembly, loaded when the first MP3 comes. Decoded in pieces and mixed down at once, so that a
 * small file that claims hours of sound ends at the longest sound that is kept.
 */
import { type Pcm, RATE_HZ_MAX, RATE_HZ_MIN, SOUND_SECONDS_MAX } from './pcm.ts'
import { ACCEPTED, SoundError } from './sound-error.ts'

/** Bytes decoded at once: half a minute at most, a few MB of samples. */
const PIECE_BYTES = 32_768

/** Whether the bytes look like MP3: an ID3 tag, or the sync word of a Layer III frame. */
export function isMp3(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x49 && bytes[1] === 0x44 && bytes[2] === 0x33) return true
  return bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2
}

/** Reads an MP3 file. Rejects with `SoundError`. */
export async function readMp3(bytes: Uint8Array): Promise<Pcm> {
  const { MPEGDecoder } = await import('mpg123-decoder')
  const decoder = new MPEGDecoder()
  await decoder.ready
  try {
    const pieces: Int16Array[] = []
    let rateHz = 0
    let length = 0
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const { channelData, sampleRate, samplesDecoded } = decoder.decode(bytes.subarray(at, at + PIECE_BYTES))
      if (samplesDecoded === 0) continue
      if (rateHz !== 0 && sampleRate !== rateHz)
        throw new SoundError('The MP3 file changes its rate in the middle')
      rateHz = sampleRate
      length += samplesDecoded
      if (length > SOUND_SECONDS_MAX * rateHz)
        throw new SoundError(`The sound is longer than ${SOUND_SECONDS_MAX} seconds`)
      pieces.push(mono(channelData, samplesDecoded))
    }
    if (length === 0 || rateHz < RATE_HZ_MIN || rateHz > RATE_HZ_MAX)
      throw new SoundError(`The MP3 file holds no sound; send ${ACCEPTED}`)
    const samples = new Int16Array(length)
    let place = 0
    for (const piece of pieces) {
      samples.set(piece, place)
      place += piece.length
    }
    return { rateHz, samples }
  } finally {
    decoder.free()
  }
}

function mono(channels: readonly Float32Array[], length: number): Int16Array {
  const gain = 32_767 / Math.max(1, channels.length)
  const samples = new Int16Array(length)
  for (let i = 0; i < length; i++) {
    let sum = 0
    for (const channel of channels) sum += channel[i] ?? 0
    samples[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum * gain)))
  }
  return samples
}
