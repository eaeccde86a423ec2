/**
 * Media for imports, each file of its own content since the library takes no content twice: one short tone behind an ID3
 * tag that holds a number, and an MP4 whose packets hold a number in place of picture and sound.
 */
import { Lame } from '@tandem/recordings'
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
} from 'mediabunny'

const RATE_HZ = 8_000
const SECONDS = 0.5
/** What is heard in every MP3 of `Media`. */
export const TONE_HZ = 500
const TAG_BYTES = 64
const NUMBER_AT = 32
/** Packets of sound in a second, as AAC has them at 8 kHz. */
const PACKET_SECONDS = 1_024 / RATE_HZ

/** Makes files by number. */
export class Media {
  readonly #sound: Uint8Array

  private constructor(sound: Uint8Array) {
    this.#sound = sound
  }

  static async load(): Promise<Media> {
    const encoder = (await Lame.load()).encoder({ channels: 1, rateHz: RATE_HZ, bitsPerSecond: 32_000 })
    const tone = Int16Array.from({ length: SECONDS * RATE_HZ }, (_, at) =>
      Math.round(9_000 * Math.sin((2 * Math.PI * TONE_HZ * at) / RATE_HZ)),
    )
    const sound = Buffer.concat([encoder.encode(tone, tone).slice(), encoder.finish().slice()])
    encoder.close()
    return new Media(sound)
  }

  /** The MP3 of a number. */
  mp3(n: number): Buffer {
    const tag = Buffer.alloc(TAG_BYTES)
    tag.write('ID3\x04\0\0\0\0\0\x36', 'latin1') // ID3v2.4 §3.1: 54 bytes follow.
    tag.writeDoubleBE(n, NUMBER_AT)
    return Buffer.concat([tag, this.#sound])
  }

  /** The MP4 of a number: two seconds of picture and sound. */
  async mp4(n: number): Promise<Buffer> {
    const target = new BufferTarget()
    const output = new Output({ format: new Mp4OutputFormat(), target })
    const [video, audio] = [new EncodedVideoPacketSource('vp9'), new EncodedAudioPacketSource('aac')]
    output.addVideoTrack(video)
    output.addAudioTrack(audio)
    await output.start()
    const packet = Buffer.alloc(200)
    packet.writeDoubleBE(n, NUMBER_AT)
    const picture = { codec: 'vp09.00.10.08', codedWidth: 16, codedHeight: 16 }
    const sound = {
      codec: 'mp4a.40.2',
      sampleRate: RATE_HZ,
      numberOfChannels: 1,
      description: Uint8Array.of(0x15, 0x88), // AAC-LC, 8 kHz, mono (ISO 14496-3 §1.6.2.1).
    }
    for (const at of [0, 1])
      await video.add(new EncodedPacket(packet, 'key', at, 1), { decoderConfig: picture })
    for (let at = 0; at < 2; at += PACKET_SECONDS)
      await audio.add(new EncodedPacket(packet, 'key', at, PACKET_SECONDS), { decoderConfig: sound })
    await output.finalize()
    if (target.buffer === null) throw new Error('the muxer gave nothing')
    return Buffer.from(target.buffer)
  }
}
