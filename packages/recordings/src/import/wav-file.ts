/**
 * WAV files: RIFF, and RF64/BW64 for what is larger than 4 GiB (EBU Tech 3306), with PCM, G.711 or floating point
 * inside. Chunks are walked by their headers alone; a size that lies is found against the size of the file, and
 * nothing is ever read because a header asks for it.
 */
import { ImportFault } from './import-fault.ts'
import type { MediaSource } from './media-source.ts'

/** Lowest and highest sampling rate that is read; nothing in use lies outside. */
export const WAV_RATE_HZ_MIN = 4_000
/** See `WAV_RATE_HZ_MIN`. */
export const WAV_RATE_HZ_MAX = 192_000
/** Chunks before the sound: real files have a dozen. */
export const WAV_CHUNKS_MAX = 1_000

/** How samples are written. */
export type WavCoding = 'pcm' | 'float' | 'PCMU' | 'PCMA'

/** Where the sound of a WAV file is and how it is written. */
export interface WavFacts {
  readonly coding: WavCoding
  readonly channels: 1 | 2
  readonly rateHz: number
  /** Of one sample of one channel. */
  readonly sampleBytes: number
  /** Place of the first sample. */
  readonly dataAt: number
  /** Whole frames of all channels. */
  readonly frames: number
  readonly durationMs: number
}

const FORMAT_PCM = 1
const FORMAT_FLOAT = 3
const FORMAT_ALAW = 6
const FORMAT_MULAW = 7
const FORMAT_EXTENSIBLE = 0xff_fe
/** A size that a writer did not know: the sound goes to the end of the file. */
const UNKNOWN_SIZE = 0xff_ff_ff_ff
const FORMAT_BYTES_MAX = 64
const KNOWN = 'PCM of 8, 16, 24 or 32 bits, 32-bit floating point, mu-law or A-law'

/** Whether the first bytes say that it is WAV. */
export function isWav(head: Uint8Array): boolean {
  return head.length >= 12 && ['RIFF', 'RF64', 'BW64'].includes(ascii(head, 0)) && ascii(head, 8) === 'WAVE'
}

/** Finds the sound. Throws an `ImportFault`. */
export async function readWav(source: MediaSource): Promise<WavFacts> {
  let format: Pick<WavFacts, 'coding' | 'channels' | 'rateHz' | 'sampleBytes'> | undefined
  const riffSize = viewOf(await exactly(source, 0, 12)).getUint32(4, true)
  let longSize: number | undefined
  let at = 12
  for (let chunks = 0; chunks < WAV_CHUNKS_MAX; chunks++) {
    const header = await source.read(at, 8)
    if (header.length > 0 && header.length < 8) at = source.sizeBytes + 1
    if (header.length < 8) break
    const name = ascii(header, 0)
    const size = viewOf(header).getUint32(4, true)
    if (name === 'ds64') longSize = Number(viewOf(await exactly(source, at + 16, 8)).getBigUint64(0, true))
    if (name === 'fmt ') format = readFormat(await source.read(at + 8, Math.min(size, FORMAT_BYTES_MAX)))
    if (name === 'data') {
      if (format === undefined)
        throw new ImportFault('damaged', 'The WAV file has its sound before its format.')
      // A recorder that was cut off leaves sizes of nothing or the largest numbers: then the sound is what is there.
      const isOpen = size === UNKNOWN_SIZE || (size === 0 && (riffSize <= at || riffSize === UNKNOWN_SIZE))
      const present = source.sizeBytes - at - 8
      const bytes = !isOpen ? size : size !== 0 && longSize !== undefined ? longSize : present
      return sound(format, { dataAt: at + 8, bytes, present })
    }
    at += 8 + size + (size % 2) // Chunks begin at even places.
  }
  if (at > source.sizeBytes) throw new ImportFault('cut-off', 'The WAV file is cut off before its sound.')
  throw new ImportFault('silent', 'The WAV file holds no sound.')
}

function sound(
  format: Pick<WavFacts, 'coding' | 'channels' | 'rateHz' | 'sampleBytes'>,
  data: { readonly dataAt: number; readonly bytes: number; readonly present: number },
): WavFacts {
  const { dataAt, bytes, present } = data
  if (bytes > present)
    throw new ImportFault(
      'cut-off',
      `The WAV file is cut off: ${present} of ${bytes} bytes of sound are there.`,
    )
  const frames = Math.floor(bytes / (format.channels * format.sampleBytes))
  const durationMs = Math.round((frames * 1_000) / format.rateHz)
  if (durationMs === 0) throw new ImportFault('silent', 'The WAV file lasts for no time.')
  return { ...format, dataAt, frames, durationMs }
}

function readFormat(bytes: Uint8Array): Pick<WavFacts, 'coding' | 'channels' | 'rateHz' | 'sampleBytes'> {
  if (bytes.length < 16) throw new ImportFault('damaged', 'The format of the WAV file is cut short.')
  const view = viewOf(bytes)
  const outer = view.getUint16(0, true)
  // The sub-format of an extensible file begins with the code that it stands for.
  const code = outer === FORMAT_EXTENSIBLE && bytes.length >= 40 ? view.getUint16(24, true) : outer
  const [channels, rateHz, bits] = [
    view.getUint16(2, true),
    view.getUint32(4, true),
    view.getUint16(14, true),
  ]
  const coding = codingOf(code, bits)
  if (coding === undefined)
    throw new ImportFault('unknown', `The WAV file has a coding that is not read here; send ${KNOWN}.`)
  if (channels !== 1 && channels !== 2)
    throw new ImportFault('unknown', `The WAV file has ${channels} channels; send one or two.`)
  if (rateHz < WAV_RATE_HZ_MIN || rateHz > WAV_RATE_HZ_MAX)
    throw new ImportFault(
      'unknown',
      `The WAV file has ${rateHz} samples a second; send from ${WAV_RATE_HZ_MIN} to ${WAV_RATE_HZ_MAX}.`,
    )
  return { coding, channels, rateHz, sampleBytes: bits / 8 }
}

function codingOf(code: number, bits: number): WavCoding | undefined {
  if (code === FORMAT_PCM && [8, 16, 24, 32].includes(bits)) return 'pcm'
  if (code === FORMAT_FLOAT && bits === 32) return 'float'
  if (code === FORMAT_MULAW && bits === 8) return 'PCMU'
  return code === FORMAT_ALAW && bits === 8 ? 'PCMA' : undefined
}

async function exactly(source: MediaSource, offset: number, length: number): Promise<Uint8Array> {
  const bytes = await source.read(offset, length)
  if (bytes.length === length) return bytes
  throw new ImportFault('cut-off', 'The WAV file is cut off before its sound.')
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}
