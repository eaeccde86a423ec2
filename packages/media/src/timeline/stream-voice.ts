/**
 * One stream of a recording, a leg or something that is played into the call: takes its packets, and keeps their
 * samples where they belong.
 *
 * Loss up to 60 ms is bridged by the last 20 ms, fading; more is silence. Telephone events and comfort noise are
 * silence. A new SSRC, as after a transfer, has a clock of its own.
 */
import { decodeG711, G711_RATE_HZ } from '../g711/g711.ts'
import type { JournalEntry } from '../journal/entry.ts'
import type { AudioCodec } from '../port.ts'
import { RTP_PACKET_BYTES_MAX, RtpView } from '../rtp/rtp-packet.ts'
import { SampleWindow } from './sample-window.ts'
import { StreamClock } from './stream-clock.ts'

const CONCEAL_SAMPLES_MAX: number = (60 * G711_RATE_HZ) / 1000
const REPEAT_SAMPLES: number = (20 * G711_RATE_HZ) / 1000
/** Gaps this small are the clock being followed, not loss. */
const DRIFT_GAP_SAMPLES_MAX = 8
/** Sources of one stream that are told apart; more are a peer that changes its SSRC all the time. */
const SOURCES_MAX = 8

type Joined = Extract<JournalEntry, { kind: 'joined' }>

type Source = { readonly clock: StreamClock; end: number }

/** What one stream says. */
export class StreamVoice {
  readonly #window: SampleWindow
  readonly #codecs = new Map<number, AudioCodec | undefined>([
    [0, 'PCMU'], // Static payload types, RFC 3551 §6; a `joined` entry may say otherwise.
    [8, 'PCMA'],
  ])
  readonly #sources = new Map<number, Source>()
  readonly #view = new RtpView()
  readonly #samples = new Int16Array(RTP_PACKET_BYTES_MAX)
  readonly #tail = new Int16Array(REPEAT_SAMPLES)
  readonly #fill = new Int16Array(CONCEAL_SAMPLES_MAX)

  /** `base` is the first position that counts. */
  constructor(base: number) {
    this.#window = new SampleWindow(base)
  }

  /** Learns what payload types mean from now on. */
  join(entry: Joined): void {
    this.#codecs.set(entry.payloadType, entry.codec)
    if (entry.dtmfPayloadType !== undefined) this.#codecs.set(entry.dtmfPayloadType, undefined)
    if (entry.cnPayloadType !== undefined) this.#codecs.set(entry.cnPayloadType, undefined)
  }

  /** Takes a packet that arrived at position `arrival`. What cannot be used is passed over. */
  packet(arrival: number, packet: Uint8Array): void {
    const view = this.#view
    if (view.read(packet, packet.length) !== undefined) return
    const codec = this.#codecs.get(view.payloadType)
    if (codec === undefined) return
    const source = this.#sourceOf(view.ssrc)
    const count = decodeG711(codec, packet, view.payloadStart, view.payloadEnd, this.#samples)
    // A packet is sent when its last sample has been spoken.
    const position = source.clock.place(arrival - count, view.timestamp, view.marker)
    if (position === undefined) return
    this.#bridgeGap(source.end, position)
    this.#window.write(position, this.#samples, count)
    if (position + count <= source.end) return
    source.end = position + count
    const kept = Math.min(count, REPEAT_SAMPLES)
    this.#tail.copyWithin(0, kept)
    this.#tail.set(this.#samples.subarray(count - kept, count), REPEAT_SAMPLES - kept)
  }

  /** One past the last sample that was ever placed. */
  get end(): number {
    return this.#window.end
  }

  /** Adds the samples from `from` up to `to` to those in `into`, which saturate. */
  add(from: number, to: number, into: Int16Array, offset: number): void {
    this.#window.add(from, to, into, offset)
  }

  /** Forgets everything before `position`. */
  advance(position: number): void {
    this.#window.advance(position)
  }

  #sourceOf(ssrc: number): Source {
    const known = this.#sources.get(ssrc)
    if (known !== undefined) return known
    const oldest = this.#sources.keys().next()
    if (this.#sources.size >= SOURCES_MAX && oldest.done !== true) this.#sources.delete(oldest.value)
    const source: Source = { clock: new StreamClock(), end: Number.NEGATIVE_INFINITY }
    this.#sources.set(ssrc, source)
    return source
  }

  #bridgeGap(end: number, position: number): void {
    const gap = position - end
    if (gap <= 0 || gap > CONCEAL_SAMPLES_MAX) return
    const last = this.#tail[REPEAT_SAMPLES - 1] as number // The tail has exactly so many samples.
    for (let index = 0; index < gap; index++) {
      const repeated = this.#tail[index % REPEAT_SAMPLES] as number // Inside the tail by the remainder.
      this.#fill[index] =
        gap <= DRIFT_GAP_SAMPLES_MAX ? last : Math.round(repeated * (1 - index / CONCEAL_SAMPLES_MAX))
    }
    this.#window.write(end, this.#fill, gap)
  }
}
