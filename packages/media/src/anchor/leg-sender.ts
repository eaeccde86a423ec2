/**
 * Sends to legs: another leg's packets, transcoded and stamped anew, and sounds of our own.
 *
 * Everything that a leg is sent leaves through here, on the leg's one clock. Runs for every packet: nothing is
 * allocated, and a relayed packet is changed where it lies.
 */
import type { Instant } from '@tandem/base'
import { decodeG711, decodingTable, encodeG711, G711_SILENCE, transcodeG711 } from '../g711/g711.ts'
import { fadeFrom } from '../jitter/fade.ts'
import { FRAME_SAMPLES } from '../mix/room.ts'
import type { AudioCodec, MediaFormat } from '../port.ts'
import { RTP_HEADER_BYTES, RTP_PACKET_BYTES_MAX, type RtpView, writeRtpHeader } from '../rtp/rtp-packet.ts'
import { CLOCK_RATE_HZ, type MediaLeg, type Seat } from './media-leg.ts'
import type { PacketSink } from './sinks.ts'

/** Packet times that we send, whatever a peer asks for: issue and RFC 3551 §4.2 know 10 to 60 ms. */
export const PTIME_MS_MIN = 10
export const PTIME_MS_MAX = 60

/** A leg that heard nothing for longer than this hears no click when something begins. */
const TURN_MS_MAX = 100

/** Adds `count` samples of a leg's overlay to what it hears. */
export type Lay = (leg: MediaLeg, samples: Int16Array, count: number) => void

/**
 * Payload types on a ring between two workers: those of RFC 3551, and 101 for events. The receiving side puts
 * those of its own leg in their place.
 */
export const RING_FORMATS: Readonly<Record<'PCMU' | 'PCMA', MediaFormat>> = {
  PCMU: {
    codec: 'PCMU',
    payloadType: 0,
    clockRateHz: CLOCK_RATE_HZ,
    ptimeMs: 20,
    dtmfPayloadType: 101,
    comfortNoisePayloadType: 13,
  },
  PCMA: {
    codec: 'PCMA',
    payloadType: 8,
    clockRateHz: CLOCK_RATE_HZ,
    ptimeMs: 20,
    dtmfPayloadType: 101,
    comfortNoisePayloadType: 13,
  },
}

/** What a payload type means on a ring. */
export function ringFormat(payloadType: number): MediaFormat {
  return payloadType === RING_FORMATS.PCMA.payloadType ? RING_FORMATS.PCMA : RING_FORMATS.PCMU
}

/** The ticks of one packet to a peer of this format. */
export function ptimeTicks(format: MediaFormat): number {
  return (Math.min(PTIME_MS_MAX, Math.max(PTIME_MS_MIN, format.ptimeMs)) * CLOCK_RATE_HZ) / 1000
}

/** Stamps and sends. */
export class LegSender {
  readonly #sink: PacketSink
  readonly #scratch = new Uint8Array(RTP_PACKET_BYTES_MAX)
  readonly #samples = new Int16Array(RTP_PACKET_BYTES_MAX)
  readonly #lay: Lay

  /** `lay` adds what is due of a leg's overlay to samples that it hears. */
  constructor(sink: PacketSink, lay: Lay) {
    this.#sink = sink
    this.#lay = lay
  }

  /** Sends the packet in the view, which has format `from`, to `leg` on its own clock. */
  relay(now: Instant, leg: MediaLeg, from: MediaFormat, view: RtpView, packet: Uint8Array): void {
    const format = leg.format
    if (format === undefined || !leg.send || leg.sound !== undefined) return
    const type = view.payloadType
    if (type !== from.payloadType) {
      this.#relayOther(now, leg, format, from, view, packet)
      return
    }
    if (leg.keys.sounding) return
    const bytes = plainHeader(view, packet)
    const { clock } = leg
    if (!clock.relay(now, view.ssrc, view.sequence, view.timestamp, view.marker, bytes)) return
    if (leg.turns || leg.overlay !== undefined) this.#dress(now, leg, from.codec, format.codec, packet, bytes)
    else if (from.codec !== format.codec) {
      transcodeG711(from.codec, packet, RTP_HEADER_BYTES, RTP_HEADER_BYTES + bytes)
    }
    leg.relayedAt = now
    this.#sendAudio(now, leg, format.payloadType, packet, RTP_HEADER_BYTES + bytes)
  }

  /** Sends the packet in the view to the worker behind `ring`, with the payload types of rings. */
  across(ring: number, from: MediaFormat, view: RtpView, packet: Uint8Array): void {
    const format = RING_FORMATS[from.codec]
    const type =
      view.payloadType === from.payloadType
        ? format.payloadType
        : view.payloadType === from.dtmfPayloadType
          ? format.dtmfPayloadType
          : format.comfortNoisePayloadType
    const bytes = plainHeader(view, packet)
    writeRtpHeader(packet, type ?? format.payloadType, view.marker, view.sequence, view.timestamp, view.ssrc)
    this.#sink.sendAcross(ring, packet, RTP_HEADER_BYTES + bytes)
  }

  /** Sends `ticks` of our own samples to `leg`. They may be changed. */
  sound(now: Instant, leg: MediaLeg, samples: Int16Array, ticks: number): void {
    const format = leg.format
    if (format === undefined || !leg.send) return
    if (leg.turns) this.#soften(now, leg, format.codec, samples, ticks)
    encodeG711(format.codec, samples, ticks, this.#scratch, RTP_HEADER_BYTES)
    leg.clock.generate(now, ticks)
    this.#sendAudio(now, leg, format.payloadType, this.#scratch, RTP_HEADER_BYTES + ticks)
  }

  /** Sends what a leg hears in its room, straight as G.711; `leg` wants packets of one turn. */
  mixed(now: Instant, leg: MediaLeg, codec: AudioCodec, payloadType: number, seat: Seat): void {
    seat.room.encodeFor(seat.member, codec, this.#scratch, RTP_HEADER_BYTES)
    leg.clock.generate(now, FRAME_SAMPLES)
    this.#sendAudio(now, leg, payloadType, this.#scratch, RTP_HEADER_BYTES + FRAME_SAMPLES)
  }

  /** Sends a packet of a telephone event of our own; `leg` has agreed to those. */
  event(now: Instant, leg: MediaLeg, payload: Uint8Array, options: { first: boolean; ticks: number }): void {
    const type = leg.format?.dtmfPayloadType
    if (type === undefined || !leg.send) return
    this.#scratch.set(payload, RTP_HEADER_BYTES)
    leg.clock.event(now, options.first, options.ticks)
    this.#sendStamped(leg, type, this.#scratch, RTP_HEADER_BYTES + payload.length)
  }

  /** Relays a telephone event or comfort noise. */
  #relayOther(
    now: Instant,
    leg: MediaLeg,
    format: MediaFormat,
    from: MediaFormat,
    view: RtpView,
    packet: Uint8Array,
  ): void {
    const ticks = ptimeTicks(format)
    const isEvent = view.payloadType === from.dtmfPayloadType
    const mapped = isEvent ? format.dtmfPayloadType : format.comfortNoisePayloadType
    if (isEvent && mapped === undefined) return // The engine has heard of the digit; this peer cannot.
    if (!leg.clock.relay(now, view.ssrc, view.sequence, view.timestamp, view.marker, ticks)) return
    if (mapped !== undefined) {
      const bytes = plainHeader(view, packet)
      this.#sendStamped(leg, mapped, packet, RTP_HEADER_BYTES + bytes)
      return
    }
    // Comfort noise to a peer that has not negotiated it: one packet of silence marks the pause.
    this.#scratch.fill(G711_SILENCE[format.codec], RTP_HEADER_BYTES, RTP_HEADER_BYTES + ticks)
    this.#sendAudio(now, leg, format.payloadType, this.#scratch, RTP_HEADER_BYTES + ticks)
  }

  /** Changes the samples of a relayed packet: lays the overlay on them, and lets them begin softly. */
  #dress(
    now: Instant,
    leg: MediaLeg,
    from: AudioCodec,
    to: AudioCodec,
    packet: Uint8Array,
    bytes: number,
  ): void {
    const samples = this.#samples
    decodeG711(from, packet, RTP_HEADER_BYTES, RTP_HEADER_BYTES + bytes, samples)
    if (leg.overlay !== undefined) this.#lay(leg, samples, bytes)
    if (leg.turns) this.#soften(now, leg, to, samples, bytes)
    encodeG711(to, samples, bytes, packet, RTP_HEADER_BYTES)
  }

  /** Begins with the sample that was sent last, when that was just now. */
  #soften(now: Instant, leg: MediaLeg, codec: AudioCodec, samples: Int16Array, count: number): void {
    leg.turns = false
    if (leg.lastCode < 0 || now - leg.sentAt > TURN_MS_MAX) return
    fadeFrom(decodingTable(codec)[leg.lastCode] as number, samples, count) // A code is a byte.
  }

  #sendAudio(now: Instant, leg: MediaLeg, payloadType: number, packet: Uint8Array, length: number): void {
    leg.lastCode = packet[length - 1] as number // No audio packet is empty.
    leg.sentAt = now
    this.#sendStamped(leg, payloadType, packet, length)
  }

  /** Writes the stamp of the leg's clock and sends: to the locked source, or where the SDP points until then. */
  #sendStamped(leg: MediaLeg, payloadType: number, packet: Uint8Array, length: number): void {
    const clock = leg.clock
    if (leg.outRing !== -1) {
      writeRtpHeader(packet, payloadType, clock.marker, clock.sequence, clock.timestamp, clock.ssrc)
      this.#sink.sendAcross(leg.outRing, packet, length)
      return
    }
    const to = leg.source ?? leg.remote
    if (to === undefined || to.port === 0 || !leg.send) return
    writeRtpHeader(packet, payloadType, clock.marker, clock.sequence, clock.timestamp, clock.ssrc)
    leg.packetsSent += 1
    leg.octetsSent += length - RTP_HEADER_BYTES
    this.#sink.sendRtp(leg.port.number, packet, length, to.host, to.port)
  }
}

/** Moves the payload up to a plain 12-byte header when it is not there already; returns its size. */
function plainHeader(view: RtpView, packet: Uint8Array): number {
  if (view.payloadStart !== RTP_HEADER_BYTES) {
    packet.copyWithin(RTP_HEADER_BYTES, view.payloadStart, view.payloadEnd)
  }
  return view.payloadEnd - view.payloadStart
}
