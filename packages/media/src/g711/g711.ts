/**
 * G.711 by table: ITU-T G.711 µ-law (PCMU) and A-law (PCMA), RFC 3551 §4.5.14.
 *
 * PCM is 16-bit signed at 8 kHz. Encoders write into the caller's buffer from `offset`; decoders write into the
 * caller's samples. Both convert as many as the shorter side holds and return how many.
 */
import type { AudioCodec } from '../port.ts'

/** Samples a second of both laws. */
export const G711_RATE_HZ = 8000

/** The byte that is silence in each law. */
export const G711_SILENCE: Readonly<Record<AudioCodec, number>> = { PCMU: 0xff, PCMA: 0xd5 }

const MULAW_BIAS = 0x84 // Added before the logarithm, in 16-bit scale.
const MULAW_CLIP = 32_635 // The largest magnitude that still fits after the bias.

const MULAW_DECODED = Int16Array.from({ length: 256 }, (_, code) => expandMulaw(code))
const ALAW_DECODED = Int16Array.from({ length: 256 }, (_, code) => expandAlaw(code))
// Indexed by the upper 14 bits of the sample: neither law sees a finer step.
const MULAW_ENCODED = Uint8Array.from({ length: 16_384 }, (_, index) => compressMulaw((index - 8192) * 4))
const ALAW_ENCODED = Uint8Array.from({ length: 16_384 }, (_, index) => compressAlaw((index - 8192) * 4))
const MULAW_TO_ALAW = Uint8Array.from({ length: 256 }, (_, code) => compressAlaw(expandMulaw(code)))
const ALAW_TO_MULAW = Uint8Array.from({ length: 256 }, (_, code) => compressMulaw(expandAlaw(code)))

/** What each of the 256 codes means, for loops that place samples themselves. */
export function decodingTable(codec: AudioCodec): Int16Array {
  return codec === 'PCMU' ? MULAW_DECODED : ALAW_DECODED
}

/** Encodes `count` samples into `into` from `offset`; returns how many bytes were written. */
export function encodeG711(
  codec: AudioCodec,
  samples: Int16Array,
  count: number,
  into: Uint8Array,
  offset: number,
): number {
  const table = codec === 'PCMU' ? MULAW_ENCODED : ALAW_ENCODED
  const written = Math.max(0, Math.min(count, samples.length, into.length - offset))
  for (let index = 0; index < written; index++) {
    into[offset + index] = table[((samples[index] as number) >> 2) + 8192] as number
  }
  return written
}

/** Decodes the bytes from `start` up to `end` into `into`; returns how many samples were written. */
export function decodeG711(
  codec: AudioCodec,
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Int16Array,
): number {
  const table = codec === 'PCMU' ? MULAW_DECODED : ALAW_DECODED
  const written = Math.max(0, Math.min(end, bytes.length) - start)
  const count = Math.min(written, into.length)
  for (let index = 0; index < count; index++) into[index] = table[bytes[start + index] as number] as number
  return count
}

/** Changes the bytes from `start` up to `end` from one law to the other, in place. */
export function transcodeG711(from: AudioCodec, bytes: Uint8Array, start: number, end: number): void {
  const table = from === 'PCMU' ? MULAW_TO_ALAW : ALAW_TO_MULAW
  for (let index = start; index < end; index++) bytes[index] = table[bytes[index] as number] as number
}

function compressMulaw(sample: number): number {
  const mask = sample < 0 ? 0x7f : 0xff
  const magnitude = Math.min(sample < 0 ? -sample : sample, MULAW_CLIP) + MULAW_BIAS
  const segment = 24 - Math.clz32(magnitude) // The bias makes bit 7 the lowest leading bit.
  return ((segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) ^ mask
}

function expandMulaw(code: number): number {
  const flipped = ~code & 0xff
  const magnitude = ((((flipped & 0x0f) << 3) + MULAW_BIAS) << ((flipped >> 4) & 7)) - MULAW_BIAS
  return (flipped & 0x80) !== 0 ? -magnitude : magnitude
}

function compressAlaw(sample: number): number {
  const mask = sample < 0 ? 0x55 : 0xd5
  const magnitude = (sample < 0 ? -sample - 1 : sample) >> 4 // 0 to 2047; the linear segment has steps of 16.
  if (magnitude < 16) return magnitude ^ mask
  const segment = 28 - Math.clz32(magnitude)
  return ((segment << 4) | ((magnitude >> (segment - 1)) & 0x0f)) ^ mask
}

function expandAlaw(code: number): number {
  const plain = code ^ 0x55
  const segment = (plain >> 4) & 7
  const step = ((plain & 0x0f) << 4) + 8
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1)
  return (plain & 0x80) !== 0 ? magnitude : -magnitude
}
