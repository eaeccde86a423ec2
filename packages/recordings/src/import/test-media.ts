/** Media for tests, made here: tones as WAV and MP3, and MP4 files of packets that can be told apart. */
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
} from 'mediabunny'
import { Lame } from '../mp3/lame.ts'

/** Packets of sound in a second, as AAC has them at 8 kHz. */
const PACKET_SECONDS = 1_024 / 8_000

let lame: Promise<Lame> | undefined

/** A sine of 16 bits. */
export function tone(hz: number, rateHz: number, samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, at) =>
    Math.round(9_000 * Math.sin((2 * Math.PI * hz * at) / rateHz)),
  )
}

/** How a WAV file is to be. */
export interface WavShape {
  readonly seconds?: number
  readonly rateHz?: number
  readonly channels?: number
  readonly code?: number
  readonly bits?: number
  /** What the header claims, when that is not the truth. */
  readonly dataSize?: number
  readonly riffSize?: number
  /** The sound itself; a tone otherwise. */
  readonly data?: Uint8Array
}

/** A WAV file; of two channels, the left one has 440 Hz and the right one 880. */
export function makeWav(shape: WavShape = {}): Uint8Array {
  const { seconds = 1, rateHz = 8_000, channels = 1, code = 1, bits = 16 } = shape
  const data = shape.data ?? pcm(rateHz, channels, Math.round(seconds * rateHz))
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(shape.riffSize ?? 36 + data.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(code, 20)
  head.writeUInt16LE(channels, 22)
  head.writeUInt32LE(rateHz, 24)
  head.writeUInt32LE((rateHz * channels * bits) / 8, 28)
  head.writeUInt16LE((channels * bits) / 8, 32)
  head.writeUInt16LE(bits, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(shape.dataSize ?? data.length, 40)
  return Buffer.concat([head, data])
}

function pcm(rateHz: number, channels: number, frames: number): Uint8Array {
  const sounds = Array.from({ length: channels }, (_, channel) => tone(440 * (channel + 1), rateHz, frames))
  const samples = new Int16Array(frames * channels)
  for (let at = 0; at < samples.length; at++)
    samples[at] = sounds[at % channels]?.[Math.floor(at / channels)] ?? 0
  return new Uint8Array(samples.buffer)
}

/** An MP3 of one tone, 8 kHz, 32 kbit/s: 288 bytes a frame of 72 ms. Another tone makes another file. */
export async function makeMp3(seconds: number, hz = 440): Promise<Uint8Array> {
  lame ??= Lame.load()
  const encoder = (await lame).encoder({ channels: 1, rateHz: 8_000, bitsPerSecond: 32_000 })
  const sound = tone(hz, 8_000, Math.round(seconds * 8_000))
  const frames = Buffer.concat([encoder.encode(sound, sound).slice(), encoder.finish().slice()])
  encoder.close()
  return frames
}

/** The n-th packet of sound in a file of `makeMp4`. */
export function packetOfSound(n: number, bytes = 64): Uint8Array {
  return new Uint8Array(bytes).fill(n)
}

/** An MP4 whose packets hold numbers in place of picture and sound. */
export async function makeMp4(
  seconds: number,
  options: {
    readonly sound?: boolean
    readonly fragmented?: boolean
    readonly fastStart?: boolean
    readonly packetBytes?: number
  } = {},
): Promise<Uint8Array> {
  const target = new BufferTarget()
  const fastStart = options.fragmented === true ? 'fragmented' : options.fastStart === true && 'in-memory'
  const output = new Output({ format: new Mp4OutputFormat({ fastStart }), target })
  const video = new EncodedVideoPacketSource('vp9')
  output.addVideoTrack(video)
  const audio = options.sound === false ? undefined : new EncodedAudioPacketSource('aac')
  if (audio !== undefined) output.addAudioTrack(audio)
  await output.start()
  const pictureConfig = { codec: 'vp09.00.10.08', codedWidth: 16, codedHeight: 16 }
  for (let at = 0; at < seconds; at++)
    await video.add(new EncodedPacket(new Uint8Array(200).fill(at), 'key', at, 1), {
      decoderConfig: pictureConfig,
    })
  const soundConfig = {
    codec: 'mp4a.40.2',
    sampleRate: 8_000,
    numberOfChannels: 1,
    description: Uint8Array.of(0x15, 0x88), // AAC-LC, 8 kHz, mono (ISO 14496-3 §1.6.2.1).
  }
  for (let n = 0; n * PACKET_SECONDS < seconds; n++)
    await audio?.add(
      new EncodedPacket(packetOfSound(n, options.packetBytes), 'key', n * PACKET_SECONDS, PACKET_SECONDS),
      {
        decoderConfig: soundConfig,
      },
    )
  await output.finalize()
  if (target.buffer === null) throw new Error('the muxer gave nothing')
  return new Uint8Array(target.buffer)
}
