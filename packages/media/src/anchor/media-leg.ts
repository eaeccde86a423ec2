/**
 * One leg as a media worker knows it: what was negotiated, where its peer is, what it hears and who hears it.
 *
 * A plain record that `MediaMachine` and `SourceTable` change; it has no behaviour beyond its rate cap.
 */
import type { Instant } from '@tandem/base'
import { DtmfReceiver } from '../dtmf/telephone-event.ts'
import type { Side } from '../journal/entry.ts'
import type { MediaFormat, MediaLegId, RemoteMedia } from '../port.ts'
import { Reception } from '../rtp/reception.ts'
import type { SoundSource } from '../tones/sound.ts'
import { OutboundClock } from './outbound-clock.ts'
import type { SharedPort, Source } from './source-table.ts'

/** Every leg's clock rate: G.711 is the only family of codecs here. */
export const CLOCK_RATE_HZ = 8000

/** Payload bytes a second that a leg may send, a tenth above G.711: a recording never grows faster (S45). */
export const RATE_BYTES_PER_SECOND_MAX = 8_800
/** What may come at once after the network stood still: half a second of G.711. */
export const BURST_BYTES_MAX = 4_000
/** What the smallest packet is charged: 220 packets a second at most, where 10 ms packets need 100. */
export const CHARGE_BYTES_MIN = 40

/** A recording that keeps what this leg says. */
export interface Tap {
  readonly recording: string
  readonly side: Side
  /** Whether the journal knows the leg's format already. */
  joined: boolean
}

/** One leg. */
export class MediaLeg {
  readonly id: MediaLegId
  readonly port: SharedPort
  readonly clock: OutboundClock
  readonly reception: Reception = new Reception(CLOCK_RATE_HZ)
  readonly dtmf: DtmfReceiver = new DtmfReceiver()
  readonly taps: Tap[] = []

  format: MediaFormat | undefined = undefined
  remote: RemoteMedia | undefined = undefined
  send = false
  receive = false
  fixedSource = false

  /** The locked source; undefined until one is learned. */
  source: Source | undefined = undefined
  /** Until when the address of the SDP still takes over from a source that was only guessed. */
  guessedUntil: Instant = 0
  /** Whether learning is open. */
  learning = true
  heardAt: Instant
  /** Where the peer's RTCP came from; the SDP's word until then. */
  rtcpHost: string | undefined = undefined
  rtcpPort = 0

  /** The leg that hears this one, and is heard by it. */
  peer: MediaLeg | undefined = undefined
  /** The ring to a bridged leg on another worker; -1 when there is none. */
  ring = -1
  sound: SoundSource | undefined = undefined
  /** Ticks of sound that are due but do not fill a packet yet. */
  soundDueTicks = 0

  packetsSent = 0
  octetsSent = 0
  octetsSentAtReport = 0
  reportAt: Instant = 0
  /** Middle bits of the peer's last sender report, and when it came; 0 before. */
  lastReport = 0
  lastReportAt: Instant = 0

  #allowance = BURST_BYTES_MAX
  #allowedAt: Instant

  constructor(now: Instant, id: MediaLegId, port: SharedPort, random: () => number) {
    this.id = id
    this.port = port
    this.clock = new OutboundClock(random, CLOCK_RATE_HZ)
    this.heardAt = now
    this.#allowedAt = now
  }

  /** Whether a payload of `bytes` is within what the codec can need; it is charged when it is. */
  allows(now: Instant, bytes: number): boolean {
    const earned = ((now - this.#allowedAt) * RATE_BYTES_PER_SECOND_MAX) / 1000
    this.#allowance = Math.min(BURST_BYTES_MAX, this.#allowance + Math.max(0, earned))
    this.#allowedAt = now
    const charge = Math.max(bytes, CHARGE_BYTES_MIN)
    if (charge > this.#allowance) return false
    this.#allowance -= charge
    return true
  }
}
