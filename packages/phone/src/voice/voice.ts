/**
 * The media of one call without its sockets: RTP and RTCP of RFC 3550, G.711, key presses of RFC 4733.
 *
 * A machine: `tick` at `deadline` sends the packets that are due through the sink, at the packet time that the peer
 * asked for, and plays what was heard 20 ms at a time. It sends from the first `configure` on; a held call sends no
 * audio but goes on with RTCP, so that nobody takes it for dead.
 */
import { after, earlier, type Instant, type Machine, NEVER } from '@tandem/base'
import {
  type AudioCodec,
  DtmfReceiver,
  DtmfSender,
  encodeG711,
  G711_RATE_HZ,
  parseRtcp,
  Reception,
  RTCP_COMPOUND_BYTES_MAX,
  RTP_HEADER_BYTES,
  RTP_PACKET_BYTES_MAX,
  type RtcpPacket,
  RtpView,
  type SoundSource,
  writeRtcp,
  writeRtpHeader,
} from '@tandem/media'
import type { Negotiated } from '@tandem/sip'
import { Pacer } from './pacer.ts'
import { SourceGuard } from './source-guard.ts'
import { PLAY_SAMPLES, Speaker } from './speaker.ts'

const PLAY_MS = 20
const RTCP_FIRST_MS = 2_500 // RFC 3550 §6.2: half of the interval for the first report.
const RTCP_PERIOD_MS = 5_000
const NTP_UNIX_SECONDS = 2_208_988_800 // From 1900 to 1970.

/** Where packets go, and what is heard. Nothing may be kept after the call returns. */
export interface VoiceSink {
  sendRtp(packet: Uint8Array, length: number, host: string, port: number): void
  sendRtcp(packet: Uint8Array, length: number, host: string, port: number): void
  /** The next 20 ms of what the peer says, 160 samples. */
  heard(samples: Int16Array): void
}

/**
 * What the person at the phone does in a call: talks, listens with the microphone off, or has turned to another call,
 * so that nothing is said and nothing heard.
 */
export type Attention = 'talking' | 'muted' | 'away'

/** What the peer's media said, and what has left. */
export type VoiceEvent =
  | { readonly kind: 'digit'; readonly digit: string }
  /** The last key press has left. */
  | { readonly kind: 'pressed' }
  /** A source of limited length has been played to its end; silence follows. */
  | { readonly kind: 'played' }

/** How the media of a call went. */
export interface VoiceStatistics {
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly packetsLost: number
  /** Came too late for the jitter buffer, or twice. */
  readonly packetsLate: number
  /** From elsewhere than the peer, or no RTP at all. */
  readonly packetsRefused: number
  readonly jitterMs: number
  /** What the peer says it lost of ours, 0 to 1; undefined before its first report. */
  readonly lossAtPeer: number | undefined
}

/** What a voice is made with. */
export interface VoiceOptions {
  /** 32 random bits. */
  readonly random: () => number
  readonly sink: VoiceSink
  /** Unix milliseconds at instant 0, for sender reports. */
  readonly wallOffsetMs: number
  /** Names us in RTCP; nothing personal. */
  readonly cname: string
  readonly source: SoundSource
}

/** One call's voice. */
export class Voice implements Machine<VoiceEvent> {
  readonly #options: VoiceOptions
  readonly #ssrc: number
  readonly #packet = new Uint8Array(RTP_PACKET_BYTES_MAX)
  readonly #report = new Uint8Array(RTCP_COMPOUND_BYTES_MAX)
  readonly #samples = new Int16Array(RTP_PACKET_BYTES_MAX)
  readonly #view = new RtpView()
  readonly #reception = new Reception(G711_RATE_HZ)
  readonly #ears = new DtmfReceiver()
  readonly #speaker: Speaker
  #keys = new DtmfSender(G711_RATE_HZ)
  #attention: Attention = 'talking'
  #source: SoundSource | undefined
  #format: Negotiated | undefined
  #guard: SourceGuard | undefined
  #sending: Pacer | undefined
  #playing: Pacer | undefined
  #reportAt: Instant = NEVER
  #sequence: number
  #timestamp: number
  #marker = true
  #packetsSent = 0
  #octetsSent = 0
  #sentAtReport = 0
  #packetsLate = 0
  #packetsRefused = 0
  #lossAtPeer: number | undefined
  #lastReport = 0
  #lastReportAt: Instant = 0

  constructor(options: VoiceOptions) {
    this.#options = options
    this.#ssrc = options.random() >>> 0
    this.#sequence = options.random() & 0x7fff
    this.#timestamp = options.random() >>> 0
    this.#speaker = new Speaker(options.random() >>> 0)
    this.#source = options.source
  }

  get deadline(): Instant {
    const sending = this.#sending?.deadline ?? NEVER
    return earlier(earlier(sending, this.#playing?.deadline ?? NEVER), this.#reportAt)
  }

  /** What was agreed on, at first or by a later description. */
  configure(now: Instant, format: Negotiated): void {
    const { host, port } = format.remote
    if (this.#guard === undefined) this.#guard = new SourceGuard({ host, port })
    else this.#guard.rename({ host, port })
    const before = this.#format
    this.#format = format
    this.#playing ??= new Pacer(now, PLAY_MS)
    if (this.#reportAt === NEVER) this.#reportAt = after(now, RTCP_FIRST_MS)
    this.#rearm(now, before?.ptimeMs)
  }

  /** Turns to the call, or away from it: an absent one sends no audio, and what comes is not heard. */
  attend(now: Instant, attention: Attention): void {
    this.#attention = attention
    this.#rearm(now, this.#format?.ptimeMs)
  }

  /** Says something else from now on. */
  play(source: SoundSource): void {
    this.#source = source
  }

  /** Presses keys one after the other; false when the peer takes none, we may not send, or a character is no key. */
  press(digits: string): boolean {
    const { dtmfPayloadType } = this.#format ?? {}
    return dtmfPayloadType !== undefined && this.#sending !== undefined && this.#keys.press(digits)
  }

  /** Whether key presses are still on their way. */
  get pressing(): boolean {
    return this.#keys.busy
  }

  tick(now: Instant): VoiceEvent[] {
    const events: VoiceEvent[] = []
    for (;;) {
      const skipped = this.#sending?.step(now)
      if (skipped === undefined) break
      this.#sendPacket(skipped, events)
    }
    while (this.#playing !== undefined) {
      const skipped = this.#playing.step(now)
      if (skipped === undefined) break
      for (let step = 0; step <= skipped; step++) this.#playStep() // What was heard keeps its length.
    }
    if (now >= this.#reportAt) {
      this.#sendReport(now, [])
      this.#reportAt = after(now, RTCP_PERIOD_MS * (0.5 + this.#options.random() / 2 ** 32)) // RFC 3550 §6.3.1.
    }
    return events
  }

  /** Takes a packet from the RTP port. */
  receiveRtp(now: Instant, packet: Uint8Array, length: number, host: string, port: number): VoiceEvent[] {
    const view = this.#view
    const format = this.#format
    const refused = format === undefined || !format.receive || view.read(packet, length) !== undefined
    if (refused || this.#guard?.admits(host, port, view.ssrc) !== true) {
      this.#packetsRefused += 1
      return []
    }
    if (this.#reception.receive(now, view.ssrc, view.sequence, view.timestamp) < 0) return []
    const { sequence, timestamp, payloadType, payloadStart, payloadEnd } = view
    const payload = packet.subarray(payloadStart, payloadEnd)
    if (!this.#speaker.take(view.ssrc, sequence, timestamp, payloadType, payload)) this.#packetsLate += 1
    if (payloadType !== format.dtmfPayloadType) return []
    const digit = this.#ears.receive(now, timestamp, packet, payloadStart, payloadEnd)
    return digit === undefined ? [] : [{ kind: 'digit', digit }]
  }

  /** Takes a packet from the RTCP port. Reports of other sources than the peer's are passed over. */
  receiveRtcp(now: Instant, packet: Uint8Array, length: number): VoiceEvent[] {
    for (const part of parseRtcp(packet, length) ?? []) {
      if (part.kind !== 'senderReport' && part.kind !== 'receiverReport') continue
      if (part.kind === 'senderReport' && part.ssrc === this.#reception.ssrc) {
        this.#lastReport = (((part.ntpSeconds & 0xffff) << 16) | (part.ntpFraction >>> 16)) >>> 0
        this.#lastReportAt = now
      }
      const ours = part.blocks.find((block) => block.ssrc === this.#ssrc)
      if (ours !== undefined) this.#lossAtPeer = ours.fractionLost / 256
    }
    return []
  }

  /** Says goodbye (RFC 3550 §6.6). The voice is silent afterwards. */
  end(now: Instant): void {
    if (this.#format !== undefined) this.#sendReport(now, [{ kind: 'goodbye', ssrcs: [this.#ssrc] }])
    this.#sending = undefined
    this.#playing = undefined
    this.#reportAt = NEVER
    this.#format = undefined
  }

  get statistics(): VoiceStatistics {
    return {
      packetsSent: this.#packetsSent,
      packetsReceived: this.#reception.packetsReceived,
      packetsLost: this.#reception.packetsLost,
      packetsLate: this.#packetsLate,
      packetsRefused: this.#packetsRefused,
      jitterMs: Math.round(10 * this.#reception.jitterMs) / 10,
      lossAtPeer: this.#lossAtPeer,
    }
  }

  /** Starts or stops to send, as the agreement and the attention have it. */
  #rearm(now: Instant, ptimeMsBefore: number | undefined): void {
    const format = this.#format
    const named = format !== undefined && format.remote.port !== 0 && !isUnspecified(format.remote.host)
    if (!named || !format.send || this.#attention === 'away') {
      this.#sending = undefined
      this.#keys = new DtmfSender(G711_RATE_HZ) // Keys that could not be sent are not pressed later.
    } else if (this.#sending === undefined || ptimeMsBefore !== format.ptimeMs) {
      this.#sending = new Pacer(now, format.ptimeMs)
      this.#marker = true
    }
  }

  #sendPacket(skipped: number, events: VoiceEvent[]): void {
    const format = this.#format
    const target = this.#guard?.target
    if (format === undefined || target === undefined) return
    const ticks = (format.ptimeMs * G711_RATE_HZ) / 1_000
    this.#timestamp = (this.#timestamp + skipped * ticks) >>> 0
    if (skipped > 0) this.#marker = true
    const pressing = this.#keys.busy
    const key = pressing ? this.#keys.next(this.#timestamp, ticks) : undefined
    if (pressing && !this.#keys.busy) events.push({ kind: 'pressed' })
    let length: number
    if (key !== undefined && format.dtmfPayloadType !== undefined) {
      this.#stamp(format.dtmfPayloadType, key.marker, key.timestamp)
      this.#packet.set(key.payload, RTP_HEADER_BYTES)
      length = RTP_HEADER_BYTES + key.payload.length
      this.#marker = true // The audio after it begins anew.
    } else {
      this.#stamp(format.payloadType, this.#marker, this.#timestamp)
      this.#readSource(ticks, events)
      length =
        RTP_HEADER_BYTES +
        encodeG711(format.codec as AudioCodec, this.#samples, ticks, this.#packet, RTP_HEADER_BYTES) // We offer no other.
      this.#marker = false
    }
    this.#timestamp = (this.#timestamp + ticks) >>> 0
    this.#packetsSent += 1
    this.#octetsSent += length - RTP_HEADER_BYTES
    this.#options.sink.sendRtp(this.#packet, length, target.host, target.port)
  }

  #stamp(payloadType: number, marker: boolean, timestamp: number): void {
    writeRtpHeader(this.#packet, payloadType, marker, this.#sequence, timestamp, this.#ssrc)
    this.#sequence = (this.#sequence + 1) & 0xffff
  }

  #readSource(count: number, events: VoiceEvent[]): void {
    const read = this.#source?.read(this.#samples, count) ?? 0
    this.#samples.fill(0, this.#attention === 'muted' ? 0 : read, count)
    if (read === count || this.#source === undefined) return
    this.#source = undefined
    events.push({ kind: 'played' })
  }

  #playStep(): void {
    const format = this.#format
    if (format === undefined) return
    const samples = this.#samples.subarray(0, PLAY_SAMPLES)
    this.#speaker.play(
      samples,
      format.codec as AudioCodec,
      format.payloadType,
      format.comfortNoisePayloadType,
    ) // We offer no other.
    if (this.#attention === 'away') samples.fill(0)
    this.#options.sink.heard(samples)
  }

  #sendReport(now: Instant, more: readonly RtcpPacket[]): void {
    const format = this.#format
    const guard = this.#guard
    if (format === undefined || guard === undefined || format.remote.rtcpPort === 0) return
    const wallMs = now + this.#options.wallOffsetMs
    const blocks = this.#reception.ssrc < 0 ? [] : [this.#reportBlock(now)]
    const report: RtcpPacket =
      this.#packetsSent > this.#sentAtReport
        ? {
            kind: 'senderReport',
            ssrc: this.#ssrc,
            ntpSeconds: (Math.floor(wallMs / 1_000) + NTP_UNIX_SECONDS) >>> 0,
            ntpFraction: Math.floor(((wallMs % 1_000) / 1_000) * 2 ** 32) >>> 0,
            timestamp: this.#timestamp,
            packets: this.#packetsSent,
            octets: this.#octetsSent,
            blocks,
          }
        : { kind: 'receiverReport', ssrc: this.#ssrc, blocks }
    this.#sentAtReport = this.#packetsSent
    const compound: RtcpPacket[] = [
      report,
      { kind: 'description', ssrc: this.#ssrc, cname: this.#options.cname },
      ...more,
    ]
    const length = writeRtcp(this.#report, compound)
    // Symmetric as the audio is: where that comes from elsewhere than the SDP said, so does its RTCP, one port up.
    const { host, port } = guard.target
    const rtcpPort = port === format.remote.port ? format.remote.rtcpPort : port + 1
    this.#options.sink.sendRtcp(this.#report, length, host, rtcpPort)
  }

  #reportBlock(now: Instant): NonNullable<Extract<RtcpPacket, { kind: 'receiverReport' }>['blocks'][number]> {
    const delayMs = this.#lastReport === 0 ? 0 : now - this.#lastReportAt
    return {
      ssrc: this.#reception.ssrc,
      fractionLost: this.#reception.takeFractionLost(),
      cumulativeLost: this.#reception.cumulativeLost,
      extendedHighest: this.#reception.extendedHighest,
      jitterTicks: this.#reception.jitterTicks,
      lastReport: this.#lastReport,
      delay: Math.round((delayMs * 65_536) / 1_000) >>> 0,
    }
  }
}

/** RFC 2543 holds by an address that nobody has (RFC 3264 §8.4). */
export function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
