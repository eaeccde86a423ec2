/**
 * RIFF/WAVE files of 16-bit PCM, 8 kHz, one channel: what G.711 can carry, and nothing that would have to be
 * converted first. Anything else is refused with the command that converts it.
 *
 *   | 'RIFF' size 'WAVE' | 'fmt ' 16 format channels rate bytes/s align bits | 'data' size samples ... |
 */
import { PhoneError } from '../phone-error.ts'

/** Samples a second of every file read and written here. */
export const WAV_RATE_HZ = 8_000
/** Bytes before the samples in a file that we write. */
export const WAV_HEADER_BYTES = 44
/** The largest file that is read into memory: over an hour of speech. */
export const WAV_BYTES_MAX: number = 64 * 1024 * 1024

const PCM = 1
const EXTENSIBLE = 0xfffe // The real format is then the first two bytes of the sub-format.
const HINT = 'convert it with: sox IN.wav -r 8000 -c 1 -b 16 OUT.wav'

/** The header of a file with `sampleCount` samples. */
export function wavHeader(sampleCount: number): Uint8Array {
  const bytes = new Uint8Array(WAV_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  const dataBytes = 2 * sampleCount
  writeName(bytes, 0, 'RIFF')
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true)
  writeName(bytes, 8, 'WAVE')
  writeName(bytes, 12, 'fmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, PCM, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, WAV_RATE_HZ, true)
  view.setUint32(28, 2 * WAV_RATE_HZ, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  writeName(bytes, 36, 'data')
  view.setUint32(40, dataBytes, true)
  return bytes
}

/**
 * The samples of a file. Throws `PhoneError` when it is no such file; `name` says which one in its message. A data
 * chunk that claims more than there is, as after a crash, gives what there is.
 */
export function readWav(bytes: Uint8Array, name: string): Int16Array {
  if (bytes.length > WAV_BYTES_MAX)
    throw new PhoneError(`${name} is larger than ${WAV_BYTES_MAX} bytes: cut it`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12 || nameAt(bytes, 0) !== 'RIFF' || nameAt(bytes, 8) !== 'WAVE')
    throw new PhoneError(`${name} is no WAV file; ${HINT}`)
  let formatSeen = false
  for (let at = 12; at + 8 <= bytes.length; ) {
    const chunk = nameAt(bytes, at)
    const start = at + 8
    const size = Math.min(view.getUint32(at + 4, true), bytes.length - start)
    if (chunk === 'fmt ') {
      checkFormat(view, start, size, name)
      formatSeen = true
    }
    if (chunk === 'data') {
      if (!formatSeen) throw new PhoneError(`${name} has samples before their format; ${HINT}`)
      return Int16Array.from({ length: size >> 1 }, (_, index) => view.getInt16(start + 2 * index, true))
    }
    at = start + size + (size & 1) // Chunks are padded to even lengths.
  }
  throw new PhoneError(`${name} has no samples; ${HINT}`)
}

function checkFormat(view: DataView, start: number, size: number, name: string): void {
  if (size < 16) throw new PhoneError(`${name} has a broken format chunk; ${HINT}`)
  const tag = view.getUint16(start, true)
  const format = tag === EXTENSIBLE && size >= 26 ? view.getUint16(start + 24, true) : tag
  const channels = view.getUint16(start + 2, true)
  const rateHz = view.getUint32(start + 4, true)
  const bits = view.getUint16(start + 14, true)
  if (format === PCM && channels === 1 && rateHz === WAV_RATE_HZ && bits === 16) return
  const what = format === PCM ? `${channels} channel(s) of ${bits} bits at ${rateHz} Hz` : `format ${format}`
  throw new PhoneError(`${name} has ${what}, and a phone needs 1 channel of 16-bit PCM at 8000 Hz; ${HINT}`)
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}

function writeName(bytes: Uint8Array, at: number, name: string): void {
  for (let index = 0; index < 4; index++) bytes[at + index] = name.charCodeAt(index)
}
