/** An upload of any accepted kind as the clip it becomes: headerless mu-law, 8 kHz, mono (ITU-T G.711). */
import { encodeG711, G711_RATE_HZ } from '@tandem/media'
import { isMp3, readMp3 } from './mp3.ts'
import { SOUND_SECONDS_MAX } from './pcm.ts'
import { resample } from './resample.ts'
import { ACCEPTED, SoundError } from './sound-error.ts'
import { isWav, readWav } from './wav.ts'

/** Media types that mean raw mu-law: there the bytes say nothing of themselves. */
const RAW_TYPES: readonly string[] = [
  'audio/basic',
  'audio/pcmu',
  'audio/x-mulaw',
  'audio/mulaw',
  'audio/ulaw',
]

/** Reads an upload; the bytes decide where they can, else the media type. Rejects with `SoundError`. */
export async function toMulaw(bytes: Uint8Array, contentType: string): Promise<Uint8Array> {
  const clip = await convert(bytes, contentType)
  if (clip.length === 0) throw new SoundError('The file holds no sound')
  return clip
}

async function convert(bytes: Uint8Array, contentType: string): Promise<Uint8Array> {
  if (isWav(bytes)) return encode(resample(readWav(bytes), G711_RATE_HZ))
  if (RAW_TYPES.includes(contentType)) {
    if (bytes.length > SOUND_SECONDS_MAX * G711_RATE_HZ)
      throw new SoundError(`The sound is longer than ${SOUND_SECONDS_MAX} seconds`)
    return bytes
  }
  if (isMp3(bytes)) return encode(resample(await readMp3(bytes), G711_RATE_HZ))
  throw new SoundError(`The sound is of no kind that is read here; send ${ACCEPTED}`)
}

function encode(samples: Int16Array): Uint8Array {
  const clip = new Uint8Array(samples.length)
  encodeG711('PCMU', samples, samples.length, clip, 0)
  return clip
}
