/**
 * The loops over samples that run for every voice in every turn, each in a function of its own that knows nothing but
 * its arrays: so the compiler keeps them tight, which is where the cost of mixing lies. Their bounds are literals: a
 * constant of the module is looked up again for every sample, which more than doubled the time.
 */
import { encodeG711 } from '../g711/g711.ts'
import type { AudioCodec } from '../port.ts'
import { limited } from './limiter.ts'

/** Adds `count` samples from `from` on to a sum. */
export function addTo(sum: Int32Array, samples: Int16Array, from: number, count: number): void {
  for (let at = 0; at < count; at++) sum[at] = (sum[at] as number) + (samples[from + at] as number) // Inside both.
}

/** Takes `count` samples from `from` on away from a sum. */
export function takeFrom(sum: Int32Array, samples: Int16Array, from: number, count: number): void {
  for (let at = 0; at < count; at++) sum[at] = (sum[at] as number) - (samples[from + at] as number) // Inside both.
}

/** Brings `count` samples of a sum back into 16 bits. */
export function limitInto(out: Int16Array, sum: Int32Array, count: number): void {
  for (let at = 0; at < count; at++) out[at] = limited(sum[at] as number) // Both are that long.
}

/** Encodes a sum without one voice, whose samples begin at `from`. What is too loud is bent. */
export function encodeWithout(
  into: Uint8Array,
  offset: number,
  codec: AudioCodec,
  sum: Int32Array,
  own: Int16Array,
  from: number,
  count: number,
): void {
  const table = codec === 'PCMU' ? SUMS_AS_PCMU : SUMS_AS_PCMA
  for (let at = 0; at < count; at++) {
    const index = (((sum[at] as number) - (own[from + at] as number)) >> 2) + 32_768 // Inside both; the table's middle.
    into[offset + at] = table[index < 0 ? 0 : index > 65_535 ? 65_535 : index] as number // Inside the table.
  }
}

/** Sums of up to four voices at full scale have a code each, by every fourth value; beyond that nothing gets louder. */
const SUMS_MIDDLE = 32_768
const SUMS_LAST = 2 * SUMS_MIDDLE - 1
const SUMS_AS_PCMU = sumsAs('PCMU')
const SUMS_AS_PCMA = sumsAs('PCMA')

function sumsAs(codec: AudioCodec): Uint8Array {
  const samples = Int16Array.from({ length: SUMS_LAST + 1 }, (_, index) => limited((index - SUMS_MIDDLE) * 4))
  const codes = new Uint8Array(samples.length)
  encodeG711(codec, samples, samples.length, codes, 0)
  return codes
}

/** Decodes `count` bytes from `start` into a ring whose size is a power of two, from `position` on. */
export function decodeIntoRing(
  ring: Int16Array,
  position: number,
  table: Int16Array,
  bytes: Uint8Array,
  start: number,
  count: number,
): void {
  const size = ring.length
  const at = position & (size - 1)
  const first = Math.min(count, size - at)
  for (let index = 0; index < first; index++)
    ring[at + index] = table[bytes[start + index] as number] as number // A byte.
  for (let index = first; index < count; index++)
    ring[index - first] = table[bytes[start + index] as number] as number
}

/** Copies `count` samples out of such a ring. */
export function copyFromRing(into: Int16Array, ring: Int16Array, position: number, count: number): void {
  const size = ring.length
  const at = position & (size - 1)
  const first = Math.min(count, size - at)
  for (let index = 0; index < first; index++) into[index] = ring[at + index] as number // Below its size.
  for (let index = first; index < count; index++) into[index] = ring[index - first] as number
}
