/**
 * A WAV file around G.711 mu-law as it is kept: every player reads it, and nothing is encoded anew. The RIFF chunks are
 * `fmt ` (18 bytes, format 7 as RFC 2361 numbers it), `fact` and `data`.
 */

const SAMPLE_RATE_HZ = 8_000
const FORMAT_MULAW = 7
const HEADER_BYTES = 58

/** The file: header and samples. */
export function ulawWav(samples: Uint8Array): Uint8Array {
  const padded = samples.length + (samples.length % 2) // A RIFF chunk has an even length.
  const file = new Uint8Array(HEADER_BYTES + padded)
  const view = new DataView(file.buffer)
  const tag = (at: number, text: string): void => {
    for (let i = 0; i < 4; i++) file[at + i] = text.charCodeAt(i)
  }
  tag(0, 'RIFF')
  view.setUint32(4, file.length - 8, true)
  tag(8, 'WAVE')
  tag(12, 'fmt ')
  view.setUint32(16, 18, true)
  view.setUint16(20, FORMAT_MULAW, true)
  view.setUint16(22, 1, true) // One channel.
  view.setUint32(24, SAMPLE_RATE_HZ, true)
  view.setUint32(28, SAMPLE_RATE_HZ, true) // Bytes a second: one for each sample.
  view.setUint16(32, 1, true)
  view.setUint16(34, 8, true)
  tag(38, 'fact')
  view.setUint32(42, 4, true)
  view.setUint32(46, samples.length, true)
  tag(50, 'data')
  view.setUint32(54, samples.length, true)
  file.set(samples, HEADER_BYTES)
  return file
}
