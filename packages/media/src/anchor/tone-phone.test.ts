/**
 * Phones that say a tone and take apart what they hear, for the tests of mixing: each frequency is one voice. Twenty
 * milliseconds hold a whole number of periods of every multiple of 50 Hz, so that voices do not blur into each other.
 * It holds no tests of its own.
 */
import { decodeG711, encodeG711 } from '../g711/g711.ts'
import type { MediaFormat } from '../port.ts'
import { PCMU, Phone, type Rig } from './media-rig.test.ts'

/** Peak of each voice: five of them fit below the limiter's knee. */
export const VOICE_PEAK = 4_000

/** A phone with a voice of its own. */
export class TonePhone {
  readonly phone: Phone
  readonly leg: string
  readonly hertz: number
  readonly format: MediaFormat
  readonly #rig: Rig
  readonly #to: string
  #spoken = 0
  #sentFrom = 0

  constructor(rig: Rig, leg: string, options: { number: number; hertz: number; format?: MediaFormat }) {
    const { number, hertz, format = PCMU } = options
    this.#rig = rig
    this.leg = leg
    this.hertz = hertz
    this.format = format
    this.#to = `198.51.100.${number}:4000`
    this.phone = new Phone(rig, rig.allocate(leg), this.#to, 0x1000 + number, format)
    rig.configure(leg, this.#to, { format })
    const before = rig.now
    this.speak()
    rig.now = before
  }

  /** Says twenty milliseconds, or as many as the packet time of its format; time does not pass. */
  speak(): void {
    const count = 8 * this.format.ptimeMs
    const samples = Int16Array.from({ length: count }, (_, index) =>
      Math.round(VOICE_PEAK * Math.sin((2 * Math.PI * this.hertz * (this.#spoken + index)) / 8000)),
    )
    const payload = new Uint8Array(count)
    encodeG711(this.format.codec, samples, count, payload, 0)
    this.#spoken += count
    this.phone.send(this.format.payloadType, payload)
    this.phone.timestamp = (this.phone.timestamp + count) >>> 0
  }

  /** The packets that were sent to it since `forget`. */
  get packets(): Rig['sent'] {
    return this.#rig.sent.slice(this.#sentFrom).filter((packet) => packet.to === this.#to)
  }

  /** The samples of its audio packets since `forget`, one after the other. */
  get samples(): Int16Array {
    const parts = this.packets.filter((packet) => packet.type === this.format.payloadType)
    return Int16Array.from(
      parts.flatMap(({ payload }) => {
        const samples = new Int16Array(payload.length)
        decodeG711(this.format.codec, Uint8Array.from(payload), 0, payload.length, samples)
        return [...samples]
      }),
    )
  }

  forget(): void {
    this.#sentFrom = this.#rig.sent.length
  }

  /** The peak of a frequency in the last whole `ms` that it heard, by Goertzel; 0 when it heard less. */
  level(hertz: number, ms = 100): number {
    const count = 8 * ms
    const { samples } = this
    return samples.length < count ? 0 : levelOf(samples.subarray(samples.length - count), hertz)
  }
}

/** The peak of one frequency in some samples. */
export function levelOf(samples: Int16Array, hertz: number): number {
  let [real, imaginary] = [0, 0]
  for (const [index, sample] of samples.entries()) {
    real += sample * Math.cos((2 * Math.PI * hertz * index) / 8000)
    imaginary += sample * Math.sin((2 * Math.PI * hertz * index) / 8000)
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length
}

/** Lets everybody talk for a while, in real time, with ticks between: packets come 3 ms after each tick. */
export function talk(rig: Rig, phones: readonly TonePhone[], ms: number): ReturnType<Rig['run']> {
  const events = []
  for (let passed = 0; passed < ms; passed += 10) {
    events.push(...rig.run(3))
    for (const phone of phones) if (passed % phone.format.ptimeMs === 0) phone.speak()
    events.push(...rig.run(7))
  }
  return events
}

/** The largest step from one sample to the next. */
export function steepest(samples: Int16Array): number {
  let most = 0
  for (let index = 1; index < samples.length; index++) {
    most = Math.max(most, Math.abs((samples[index] as number) - (samples[index - 1] as number)))
  }
  return most
}

/** How steep tones of these frequencies are together, at their steepest. */
export function slopeOf(...hertz: number[]): number {
  return hertz.reduce((sum, each) => sum + VOICE_PEAK * 2 * Math.sin((Math.PI * each) / 8000), 0)
}
