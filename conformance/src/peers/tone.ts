/** Tone files for peers that play from disk: WAV for baresip, headerless mu-law for SIPp. */
import { writeFileSync } from 'node:fs'

const RATE_HZ = 8_000
const AMPLITUDE = 8_000
const WAV_HEADER_BYTES = 44

function sample(frequencyHz: number, index: number): number {
  return Math.round(AMPLITUDE * Math.sin((2 * Math.PI * frequencyHz * index) / RATE_HZ))
}

/** Writes a mono 16-bit WAV of one tone at 8 kHz. */
export function writeToneWav(path: string, frequencyHz: number, seconds: number): void {
  const samples = seconds * RATE_HZ
  const file = Buffer.alloc(WAV_HEADER_BYTES + 2 * samples)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(RATE_HZ, 24)
  file.writeUInt32LE(2 * RATE_HZ, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(2 * samples, 40)
  for (let index = 0; index < samples; index++)
    file.writeInt16LE(sample(frequencyHz, index), WAV_HEADER_BYTES + 2 * index)
  writeFileSync(path, file)
}

/** Writes headerless mu-law of one tone at 8 kHz. */
export function writeToneMulaw(path: string, frequencyHz: number, seconds: number): void {
  const bytes = Buffer.alloc(seconds * RATE_HZ)
  for (let index = 0; index < bytes.length; index++) bytes[index] = mulaw(sample(frequencyHz, index))
  writeFileSync(path, bytes)
}

/** G.711 mu-law by its definition: an encoder that shares nothing with the one under test. */
function mulaw(linear: number): number {
  const sign = linear < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(linear), 32_635) + 132
  const exponent = Math.max(0, Math.floor(Math.log2(magnitude)) - 7)
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff
}
