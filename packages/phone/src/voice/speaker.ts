/**
 * The hearing half of a phone: packets through the jitter buffer into an even stream of samples, 20 ms at a time,
 * whatever packet time the peer uses. What is missing is silence or the peer's comfort noise (RFC 3389).
 */
import { type AudioCodec, ComfortNoise, decodeG711, JitterBuffer } from '@tandem/media'

/** Samples that are played at a time: 20 ms at 8 kHz. */
export const PLAY_SAMPLES = 160
const SAMPLES_MAX = 4 * 1_500 // No packet has more; room for what is left of the one before.

/** Plays one stream. */
export class Speaker {
  readonly #noise: ComfortNoise
  readonly #ready = new Int16Array(SAMPLES_MAX)
  #readyCount = 0
  #jitter = new JitterBuffer()
  #ssrc = -1
  #noisy = false

  constructor(noiseSeed: number) {
    this.#noise = new ComfortNoise(noiseSeed)
  }

  /** Takes a packet; false when it came too late or twice. */
  take(ssrc: number, sequence: number, timestamp: number, payloadType: number, payload: Uint8Array): boolean {
    if (ssrc !== this.#ssrc) {
      this.#jitter = new JitterBuffer()
      this.#ssrc = ssrc
    }
    return this.#jitter.push(sequence, timestamp, payloadType, payload)
  }

  /** Fills `into` with the next 20 ms. */
  play(into: Int16Array, codec: AudioCodec, payloadType: number, noisePayloadType: number | undefined): void {
    while (this.#readyCount < PLAY_SAMPLES) {
      const frame = this.#jitter.pull()
      if (frame === undefined) break
      if (frame.payloadType === payloadType) {
        const rest = this.#ready.subarray(this.#readyCount)
        this.#readyCount += decodeG711(codec, frame.payload, 0, frame.payload.length, rest)
        this.#noisy = false
      } else if (frame.payloadType === noisePayloadType) {
        this.#noise.receive(frame.payload, 0, frame.payload.length)
        this.#noisy = true
        break
      } else break // A key press takes the place of audio.
    }
    const count = Math.min(PLAY_SAMPLES, this.#readyCount)
    if (count < PLAY_SAMPLES) {
      if (this.#noisy) this.#noise.fill(into, PLAY_SAMPLES)
      else into.fill(0, 0, PLAY_SAMPLES)
    }
    into.set(this.#ready.subarray(0, count))
    this.#ready.copyWithin(0, count, this.#readyCount)
    this.#readyCount -= count
  }
}
