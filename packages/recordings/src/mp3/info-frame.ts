/**
 * The `Info` frame that begins a file: how many frames follow and how many samples of the first and last ones are not
 * audio, so that a player shows and plays the exact length. It is a silent frame that old decoders play as 72 ms of
 * nothing. Layout as LAME writes it (the "Xing" header of constant-rate files with LAME's extension).
 *
 *   0 frame header, 4 bytes     4 side information, 17 bytes of zero (MPEG-2.5, stereo)
 *  21 'Info'   25 flags u32 (frames, bytes, table)   29 frames u32   33 bytes u32   37 table of contents, 100 bytes
 * 137 'LAME3.100'   146 revision and method   147 low-pass, peak, gains, flags   157 bit rate
 * 158 delay and padding, 12 bits each   161 miscellaneous   165 music length u32   169 music CRC u16   171 CRC of the frame
 */
import { LAME_DELAY_SAMPLES, MP3_FRAME_BYTES, MP3_FRAME_SAMPLES, MP3_RATE_HZ } from './mp3-encoder.ts'

/** What a file's `Info` frame says. */
export interface Mp3Info {
  /** Frames after this one. */
  readonly frames: number
  readonly delaySamples: number
  readonly paddingSamples: number
  /** Length of the audio itself. */
  readonly durationMs: number
}

const HEADER = Uint8Array.of(0xff, 0xe3, 0x88, 0x00) // MPEG-2.5 Layer III, no CRC, 64 kbit/s, 8 kHz, stereo.
const TAG_AT = 21
const FLAGS = 0b0111 // Frames, bytes and table of contents are present.
const LAME_AT = TAG_AT + 16 + 100
const METHOD_CONSTANT_RATE = 1
const CRC_POLYNOMIAL = 0xa001 // CRC-16 with reflected bits, as LAME's tag uses it.
const DELAY_BITS_MAX = 0xfff

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ CRC_POLYNOMIAL : crc >> 1
  return crc
})

/** Goes on with the CRC-16 of the frames; begin with 0. */
export function musicCrc(bytes: Uint8Array, before: number): number {
  let crc = before
  for (const byte of bytes) crc = (crc >> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] as number) // 256 entries.
  return crc
}

/** The first frame of a file of `bodyBytes` that holds `samples` samples of audio for each channel. */
export function infoFrame(file: {
  readonly samples: number
  readonly bodyBytes: number
  readonly crc: number
}): Uint8Array {
  const frames = file.bodyBytes / MP3_FRAME_BYTES
  const padding = Math.max(0, frames * MP3_FRAME_SAMPLES - LAME_DELAY_SAMPLES - file.samples)
  const bytes = new Uint8Array(MP3_FRAME_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(HEADER)
  bytes.set(latin1('Info'), TAG_AT)
  view.setUint32(TAG_AT + 4, FLAGS)
  view.setUint32(TAG_AT + 8, frames)
  view.setUint32(TAG_AT + 12, file.bodyBytes + MP3_FRAME_BYTES)
  for (let percent = 0; percent < 100; percent++)
    bytes[TAG_AT + 16 + percent] = Math.floor((percent * 256) / 100)
  bytes.set(latin1('LAME3.100'), LAME_AT)
  bytes[LAME_AT + 9] = METHOD_CONSTANT_RATE
  bytes[LAME_AT + 20] = 64 // kbit/s
  const delayAndPadding = (LAME_DELAY_SAMPLES << 12) | Math.min(padding, DELAY_BITS_MAX)
  bytes[LAME_AT + 21] = delayAndPadding >> 16
  view.setUint16(LAME_AT + 22, delayAndPadding & 0xffff)
  view.setUint32(LAME_AT + 28, file.bodyBytes + MP3_FRAME_BYTES)
  view.setUint16(LAME_AT + 32, file.crc)
  view.setUint16(LAME_AT + 34, musicCrc(bytes.subarray(0, LAME_AT + 34), 0))
  return bytes
}

/** Reads the `Info` frame at the beginning of one of our files; undefined when there is none. */
export function readInfoFrame(bytes: Uint8Array): Mp3Info | undefined {
  if (bytes.length < MP3_FRAME_BYTES || HEADER.some((byte, at) => bytes[at] !== byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, MP3_FRAME_BYTES)
  if (view.getUint32(TAG_AT) !== 0x496e666f || view.getUint16(LAME_AT + 34) !== frameCrc(bytes))
    return undefined
  const frames = view.getUint32(TAG_AT + 8)
  const delaySamples = (view.getUint8(LAME_AT + 21) << 4) | (view.getUint8(LAME_AT + 22) >> 4)
  const paddingSamples = view.getUint16(LAME_AT + 22) & DELAY_BITS_MAX
  const samples = frames * MP3_FRAME_SAMPLES - delaySamples - paddingSamples
  return { frames, delaySamples, paddingSamples, durationMs: (samples * 1_000) / MP3_RATE_HZ }
}

function frameCrc(bytes: Uint8Array): number {
  return musicCrc(bytes.subarray(0, LAME_AT + 34), 0)
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
