/**
 * WAV files (RIFF, WAVE_FORMAT_PCM, _MULAW, _ALAW and _EXTENSIBLE around them), mixed down to mono. Chunks that are
 * not needed are passed over; sizes that point past the end are cut to it, as recorders that crashed leave them.
 */
import { decodeG711 } from '@tandem/media'
import { type Pcm, RATE_HZ_MAX, RATE_HZ_MIN, SOUND_SECONDS_MAX } from './pcm.ts'
import { ACCEPTED, SoundError } from './sound-error.ts'

const FORMAT_PCM = 1
const FORMAT_ALAW = 6
const FORMAT_MULAW = 7
const FORMAT_EXTENSIBLE = 0xff_fe

interface WavFormat {
  readonly kind: number
  readonly channels: number
  readonly rateHz: number
  readonly bits: number
}

/** Whether the bytes say of themselves that they are WAV. */
export function isWav(bytes: Uint8Array): boolean {
  return bytes.length >= 12 && ascii(bytes, 0) === 'RIFF' && ascii(bytes, 8) === 'WAVE'
}

/** Reads a WAV file. Throws `SoundError`. */
export function readWav(bytes: Uint8Array): Pcm {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let format: WavFormat | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = ascii(bytes, at)
    const size = view.getUint32(at + 4, true)
    const start = at + 8
    const end = Math.min(start + size, bytes.length)
    if (name === 'fmt ') format = readFormat(view, start, end)
    if (name === 'data') {
      if (format === undefined) throw new SoundError('The WAV file has its sound before its format')
      return decode(bytes.subarray(start, end), format)
    }
    at = start + size + (size % 2) // Chunks begin at even places.
  }
  throw new SoundError('The WAV file holds no sound')
}

function readFormat(view: DataView, start: number, end: number): WavFormat {
  if (end - start < 16) throw new SoundError('The format of the WAV file is cut short')
  const outer = view.getUint16(start, true)
  // The sub-format of an extensible file begins with the code that it stands for.
  const kind = outer === FORMAT_EXTENSIBLE && end - start >= 40 ? view.getUint16(start + 24, true) : outer
  const channels = view.getUint16(start + 2, true)
  const rateHz = view.getUint32(start + 4, true)
  const bits = view.getUint16(start + 14, true)
  const known =
    (kind === FORMAT_PCM && (bits === 8 || bits === 16)) ||
    ((kind === FORMAT_ALAW || kind === FORMAT_MULAW) && bits === 8)
  if (!known) throw new SoundError(`The WAV file has a format that is not read here; send ${ACCEPTED}`)
  if (channels !== 1 && channels !== 2) throw new SoundError('The WAV file must have one or two channels')
  if (rateHz < RATE_HZ_MIN || rateHz > RATE_HZ_MAX)
    throw new SoundError(`The WAV file must have from ${RATE_HZ_MIN} to ${RATE_HZ_MAX} samples a second`)
  return { kind, channels, rateHz, bits }
}

function decode(data: Uint8Array, format: WavFormat): Pcm {
  const { channels, rateHz } = format
  const frameBytes = (format.bits / 8) * channels
  const frames = Math.floor(data.length / frameBytes)
  if (frames > SOUND_SECONDS_MAX * rateHz)
    throw new SoundError(`The sound is longer than ${SOUND_SECONDS_MAX} seconds`)
  const all = expand(data.subarray(0, frames * frameBytes), format)
  if (channels === 1) return { rateHz, samples: all }
  const samples = new Int16Array(frames)
  for (let i = 0; i < frames; i++) samples[i] = ((all[2 * i] ?? 0) + (all[2 * i + 1] ?? 0)) >> 1
  return { rateHz, samples }
}

/** All samples in their order, both channels interleaved. */
function expand(data: Uint8Array, { kind, bits }: WavFormat): Int16Array {
  if (kind !== FORMAT_PCM) {
    const samples = new Int16Array(data.length)
    decodeG711(kind === FORMAT_MULAW ? 'PCMU' : 'PCMA', data, 0, data.length, samples)
    return samples
  }
  if (bits === 8) return Int16Array.from(data, (byte) => (byte - 128) << 8) // 8-bit PCM is unsigned.
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return Int16Array.from({ length: data.length >> 1 }, (_, i) => view.getInt16(2 * i, true))
}

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}
