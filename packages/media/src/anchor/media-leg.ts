/**
 * One leg as a media worker knows it: what was negotiated, where its peer is, what it hears and who hears it.
 *
 * A plain record that `MediaMachine` and `SourceTable` change; it has no behaviour beyond its rate cap.
 */
import type { Instant } from '@tandem/base'
import { KeyPresses } from '../dtmf/key-presses.ts'
import { DtmfReceiver } from '../dtmf/telephone-event.ts'
import type { Side } from '../journal/entry.ts'
import type { Member, Room } from '../mix/room.ts'
import type { MediaFormat, MediaLegId, RemoteMedia } from '../port.ts'
import { Reception } from '../rtp/reception.ts'
import type { SoundSource } from '../tones/sound-source.ts'
import { OutboundClock } from './outbound-clock.ts'
import type { SharedPort, Source } from './source-table.ts'

/** Every leg's clock rate: G.711 is the only family of codecs here. */
export const CLOCK_RATE_HZ = 8000

/** Payload bytes a second that a leg may send, a tenth above G.711: a recording never grows faster (S45). */
export const RATE_BYTES_PER_SECOND_MAX = 8_800
/** What may come at once after the network stood still: half a second of G.711. */
export const BURST_BYTES_MAX = 4_000
/** One packet of 60 ms less a sample, and one turn of 20 ms more. */
const DUE_SAMPLES_MAX = 640

/** What the smallest packet is charged: 220 packets a second at most, where 10 ms packets need 100. */
export const CHARGE_BYTES_MIN = 40

/** A recording that keeps what this leg says. */
export interface Tap {
  readonly recording: string
  readonly side: Side
  /** What tells its packets from those of other legs on the same side. */
  readonly stream: number
  /** Whether the journal knows the leg's format already. */
  joined: boolean
}

/** A sound that a leg hears. */
export interface Playing {
  readonly source: SoundSource
  readonly token: string | undefined
  readonly kept: KeptSound | undefined
}

/** A sound that recordings keep beside what the legs say. */
export interface KeptSound {
  readonly source: SoundSource
  readonly recordings: readonly string[]
  readonly stream: number
  sequence: number
  timestamp: number
  joined: boolean
}

/** A leg's place in a room. */
export interface Seat {
  readonly name: string
  readonly room: Room
  readonly member: Member
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
  /** The ring that this leg itself is reached through, when it stands for one of another worker; else -1. */
  outRing = -1
  /** Its place in a room; never beside `peer` or `ring`. */
  seat: Seat | undefined = undefined

  /** What it hears in place of all else, and what is added to what it hears. */
  sound: Playing | undefined = undefined
  overlay: Playing | undefined = undefined
  readonly keys: KeyPresses = new KeyPresses()
  /** Samples that are due but do not fill a packet yet. */
  readonly due: Int16Array = new Int16Array(DUE_SAMPLES_MAX)
  dueSamples = 0

  /** Its voice goes nowhere; `hushed` is true once what it says has been faded out. */
  muted = false
  hushed = false
  /** What it hears changes with the next packet, which has to begin where the last one ended. */
  turns = false
  /** The last code that was sent to it, and when. */
  lastCode = -1
  sentAt: Instant = Number.NEGATIVE_INFINITY
  /** When another leg's packet was last relayed to it. */
  relayedAt: Instant = Number.NEGATIVE_INFINITY

  /** When audio was last taken from it, or had first to be; and whether its silence has been told. */
  audioAt: Instant = Number.NEGATIVE_INFINITY
  watchedFrom: Instant | undefined = undefined
  silent = false

  /** What the peer reported of what it received from us; undefined when it never did. */
  remoteLost: number | undefined = undefined
  remoteJitterMs = 0
  roundTripMs: number | undefined = undefined

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

  /** Says that what it hears changes: its clock goes on with a marker, its samples without a click. */
  turn(): void {
    this.clock.endStretch()
    this.turns = true
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
