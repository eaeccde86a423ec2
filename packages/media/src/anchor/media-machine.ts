/**
 * Everything that one media worker knows, without its sockets: legs on shared ports, who hears whom, sounds, RTCP
 * (RFC 3550), and what recordings are handed.
 *
 * `receiveRtp` is the hot path: it allocates nothing, changes the packet in place and passes it to the sink. All
 * else comes out of `command` and `tick` as events. Local port numbers are unique over both address families.
 */
import { after, earlier, type Instant, type Machine, NEVER } from '@tandem/base'
import type { MediaCommand, MediaEvent, MediaFormat, MediaLegId } from '../port.ts'
import { parseRtcp } from '../rtcp/rtcp-packet.ts'
import { RtpView } from '../rtp/rtp-packet.ts'
import { soundSource } from '../tones/sound.ts'
import { type ClipSource, NO_CLIPS } from '../tones/sound-source.ts'
import { Hearing } from './hearing.ts'
import { Hush } from './hush.ts'
import { KeptSounds } from './kept-sounds.ts'
import { LegSender, ringFormat } from './leg-sender.ts'
import { LegTable, type MediaLimits } from './leg-table.ts'
import type { KeptSound, MediaLeg } from './media-leg.ts'
import { Pacer } from './pacer.ts'
import { reportAddress, statisticsOf, takeReport, writeReport } from './report.ts'
import type { DropReason, JournalSink, PacketSink } from './sinks.ts'
import { Taps } from './taps.ts'

/** RTCP is sent about this often, RFC 3550 §6.2. */
const REPORT_MS = 5_000
/** Reports, forgotten sources, waiting and silent legs are looked after this often. */
const CHORES_MS = 250
/** Recordings that keep one sound: each gets its packets on both sides. */
export const SOUND_RECORDINGS_MAX = 16

/** How much a worker has to do. */
export interface MediaCounts {
  readonly legs: number
  readonly ports: number
  readonly rooms: number
  /** Legs without a source yet. */
  readonly learning: number
  /** Legs without a port yet. */
  readonly waiting: number
  readonly droppedPackets: Readonly<Record<DropReason, number>>
}

/** What a machine is made of. */
export interface MediaMachineOptions {
  /** 32 random bits. */
  readonly random: () => number
  readonly sink: PacketSink
  readonly journal: JournalSink
  /** Where clips and prompts come from; without it none can be played. */
  readonly clips?: ClipSource
  readonly limits?: Partial<MediaLimits>
}

/** How a leg of another worker takes part in a room here. */
export interface DistantPart {
  readonly leg: MediaLegId
  readonly ring: number
  readonly room: string
  readonly speaks: boolean
  readonly hears: boolean
  readonly group?: string
}

type Play = Extract<MediaCommand, { kind: 'play' }>

/** The media of one worker. */
export class MediaMachine implements Machine<MediaEvent> {
  readonly #random: () => number
  readonly #sink: PacketSink
  readonly #clips: ClipSource
  readonly #legs: LegTable
  readonly #kept: KeptSounds
  readonly #pacer: Pacer
  readonly #sender: LegSender
  readonly #hearing: Hearing
  readonly #taps: Taps
  readonly #hush = new Hush()
  readonly #dropped: Record<DropReason, number> = {
    malformed: 0,
    unknownPort: 0,
    unknownSource: 0,
    released: 0,
    unknownSsrc: 0,
    payloadType: 0,
    overRate: 0,
    notReceiving: 0,
  }
  readonly #view = new RtpView()
  readonly #scratch = new Uint8Array(1500)
  #events: MediaEvent[] = []
  #choresAt: Instant = NEVER

  constructor(options: MediaMachineOptions) {
    const say = (event: MediaEvent): void => {
      this.#events.push(event)
    }
    this.#random = options.random
    this.#sink = options.sink
    this.#clips = options.clips ?? NO_CLIPS
    this.#legs = new LegTable(options.random, options.limits, say)
    this.#kept = new KeptSounds(options.journal)
    this.#pacer = new Pacer(this.#kept, say)
    this.#sender = new LegSender(options.sink, this.#pacer.lay)
    this.#pacer.sendThrough(this.#sender)
    this.#hearing = new Hearing(this.#pacer, options.random)
    this.#taps = new Taps(options.journal, options.random, say)
  }

  /** When `tick` is next due. At once (0) when something has happened that only `tick` can say. */
  get deadline(): Instant {
    if (this.#events.length > 0) return 0
    return earlier(this.#pacer.deadline, this.#choresAt)
  }

  /** How many more port pairs would help: legs that wait, and places to spare for the next ones. */
  get wantsPorts(): number {
    return this.#legs.wantsPorts
  }

  /** Legs, ports and dropped packets, for metrics. */
  get counts(): MediaCounts {
    let learning = 0
    for (const leg of this.#legs.legs.values()) if (leg.source === undefined) learning += 1
    return {
      legs: this.#legs.legs.size,
      ports: this.#legs.portCount,
      rooms: this.#hearing.roomCount,
      learning,
      waiting: this.#legs.waitingCount,
      droppedPackets: { ...this.#dropped },
    }
  }

  /** Takes a bound port pair into the pool. Legs that waited for one are answered by the next `tick`. */
  addPort(localPort: number, host: string): void {
    this.#legs.addPort(localPort, host)
  }

  /** Takes a port out of the pool; false when legs still use it, or their late packets are still awaited. */
  removePort(localPort: number): boolean {
    return this.#legs.removePort(localPort)
  }

  /** Carries out one command. Those that concern a recording's file alone are for the journal's writer. */
  command(now: Instant, command: MediaCommand): MediaEvent[] {
    switch (command.kind) {
      case 'allocate':
        this.#allocate(now, command)
        break
      case 'bridge': {
        const left = this.#legs.legs.get(command.a)
        const right = this.#legs.legs.get(command.b)
        if (left !== undefined && right !== undefined) this.#hearing.bridge(now, left, right)
        break
      }
      case 'release':
        this.#release(now, command.leg)
        break
      case 'openRecording':
      case 'pauseRecording':
      case 'resumeRecording':
      case 'note':
      case 'closeRecording':
        break
      default: {
        const leg = this.#legs.legs.get(command.leg)
        if (leg !== undefined) this.#legCommand(now, leg, command)
      }
    }
    return this.#takeEvents()
  }

  /** Joins a leg to one on another worker, reached through `ring`. `unbridge` or another bridge undoes it. */
  bridgeAcross(now: Instant, leg: MediaLegId, ring: number): void {
    const found = this.#legs.legs.get(leg)
    if (found !== undefined) this.#hearing.bridgeAcross(now, found, ring)
  }

  /** Takes a leg of another worker into a room here, or changes how it takes part. That worker bridges it across. */
  mixAcross(now: Instant, part: DistantPart): void {
    this.#hearing.mixAcross(now, part.leg, part.ring, part.room, { ...part, group: part.group })
  }

  /** Takes a leg of another worker out of its room. */
  leaveAcross(now: Instant, leg: MediaLegId): void {
    this.#hearing.leaveAcross(now, leg)
  }

  /** Takes a packet that another worker's `sendAcross` sent for `leg`; the bytes are changed in place. */
  receiveAcross(now: Instant, leg: MediaLegId, packet: Uint8Array, length: number): void {
    if (this.#view.read(packet, length) !== undefined) return
    const format = ringFormat(this.#view.payloadType)
    const distant = this.#hearing.distant(leg)
    if (distant !== undefined) {
      this.#enter(now, distant, format, packet)
      return
    }
    const found = this.#legs.legs.get(leg)
    if (found !== undefined && found.ring !== -1) this.#sender.relay(now, found, format, this.#view, packet)
  }

  /** Takes an RTP packet from a socket; the first `length` bytes of `packet` are changed in place. */
  receiveRtp(
    now: Instant,
    localPort: number,
    packet: Uint8Array,
    length: number,
    host: string,
    port: number,
  ): void {
    const dropped = this.#takeRtp(now, localPort, packet, length, host, port)
    if (dropped !== undefined) this.#dropped[dropped] += 1
  }

  /** Takes an RTCP compound. `localPort` is the RTP port of the pair. */
  receiveRtcp(
    now: Instant,
    localPort: number,
    packet: Uint8Array,
    length: number,
    host: string,
    port: number,
  ): void {
    const dropped = this.#takeRtcp(now, localPort, packet, length, host, port)
    if (dropped !== undefined) this.#dropped[dropped] += 1
  }

  /** Moves time forward: what is paced on absolute deadlines, reports, sources to forget, legs that waited too long. */
  tick(now: Instant): MediaEvent[] {
    this.#pacer.tick(now)
    if (now >= this.#choresAt) this.#doChores(now)
    return this.#takeEvents()
  }

  #takeEvents(): MediaEvent[] {
    const events = this.#events
    if (events.length > 0) this.#events = []
    return events
  }

  // Commands.

  #allocate(now: Instant, command: Extract<MediaCommand, { kind: 'allocate' }>): void {
    if (this.#choresAt === NEVER) this.#choresAt = after(now, CHORES_MS)
    const answer = this.#legs.allocate(now, command)
    if (answer !== undefined) this.#events.push(answer)
  }

  #release(now: Instant, id: MediaLegId): void {
    const leg = this.#legs.legs.get(id)
    if (leg !== undefined) {
      this.#hearing.leave(leg)
      this.#pacer.forget(now, leg)
      this.#taps.release(now, leg)
    }
    this.#legs.release(now, id)
    const statistics =
      leg === undefined
        ? { packetsReceived: 0, packetsLost: 0, jitterMs: 0, packetsSent: 0 }
        : statisticsOf(leg)
    this.#events.push({ kind: 'released', leg: id, statistics })
  }

  #legCommand(now: Instant, leg: MediaLeg, command: LegCommand): void {
    switch (command.kind) {
      case 'configure':
        this.#configure(now, leg, command)
        return
      case 'unbridge':
        this.#hearing.leave(leg)
        return
      case 'mix': {
        const { speaks, hears, group } = command
        this.#hearing.mix(now, leg, command.room, { speaks, hears, group })
        return
      }
      case 'mute':
        leg.muted = command.muted
        return
      case 'play':
        this.#play(now, leg, command)
        return
      case 'sendDigits':
        this.#pacer.press(now, leg, command.digits)
        return
      case 'silence':
        this.#pacer.silenceAll(now, leg)
        return
      case 'attach':
        this.#taps.attach(now, leg, command.recording, command.side === 'left' ? 0 : 1)
        return
      case 'detach':
        this.#taps.detach(now, leg, command.recording)
        return
    }
  }

  #configure(now: Instant, leg: MediaLeg, command: Extract<MediaCommand, { kind: 'configure' }>): void {
    const changed = !sameFormat(leg.format, command.format)
    leg.format = command.format
    leg.remote = command.remote
    leg.send = command.send
    leg.receive = command.receive
    leg.fixedSource = command.fixedSource === true
    if (leg.reportAt === 0) leg.reportAt = this.#nextReportAt(now)
    if (leg.fixedSource) leg.port.fix(leg)
    const source = leg.source
    const elsewhere = source?.host !== command.remote.host || source.port !== command.remote.port
    if (command.relearn && source !== undefined && elsewhere) leg.port.relearn(leg)
    if (!changed) return
    leg.lastCode = -1 // A code of another law.
    this.#taps.formatChanged(now, leg)
  }

  #play(now: Instant, leg: MediaLeg, command: Play): void {
    const { sound, token, recordings = [] } = command
    const kept: KeptSound | undefined =
      recordings.length === 0
        ? undefined
        : {
            source: soundSource(sound, this.#clips),
            recordings: recordings.slice(0, SOUND_RECORDINGS_MAX),
            stream: this.#random() >>> 0,
            sequence: 0,
            timestamp: 0,
            joined: false,
          }
    const playing = { source: soundSource(sound, this.#clips), token, kept }
    this.#pacer.play(now, leg, playing, { over: command.over === true })
  }

  // Packets.

  #takeRtp(
    now: Instant,
    localPort: number,
    packet: Uint8Array,
    length: number,
    host: string,
    port: number,
  ): DropReason | undefined {
    const shared = this.#legs.port(localPort)
    if (shared === undefined) return 'unknownPort'
    const view = this.#view
    if (view.read(packet, length) !== undefined) return 'malformed'
    let leg = shared.find(now, host, port, view.ssrc)
    if (leg === undefined) leg = shared.learn(now, host, port, view.ssrc, view.sequence)
    return typeof leg === 'string' ? leg : this.#hear(now, leg, packet, length)
  }

  #takeRtcp(
    now: Instant,
    localPort: number,
    packet: Uint8Array,
    length: number,
    host: string,
    port: number,
  ): DropReason | undefined {
    const shared = this.#legs.port(localPort)
    if (shared === undefined) return 'unknownPort'
    const compound = parseRtcp(packet, length)
    const first = compound?.[0]
    if (first === undefined || !('ssrc' in first)) return 'malformed'
    const leg = shared.bySsrc(first.ssrc)
    if (leg === undefined || leg.source?.host !== host) return 'unknownSource'
    leg.rtcpHost = host
    leg.rtcpPort = port
    if (first.kind === 'senderReport' || first.kind === 'receiverReport') takeReport(now, leg, first)
    return undefined
  }

  /** A packet of the leg's own source, read into the view. */
  #hear(now: Instant, leg: MediaLeg, packet: Uint8Array, length: number): DropReason | undefined {
    const view = this.#view
    const format = leg.format
    leg.heardAt = now
    if (format === undefined || !leg.receive) return 'notReceiving'
    const type = view.payloadType
    const isEvent = type === format.dtmfPayloadType
    if (type !== format.payloadType && !isEvent && type !== format.comfortNoisePayloadType) {
      return 'payloadType'
    }
    if (!leg.allows(now, view.payloadEnd - view.payloadStart)) return 'overRate'
    leg.reception.receive(now, view.ssrc, view.sequence, view.timestamp)
    this.#taps.keep(now, leg, packet, length)
    if (leg.seat !== undefined) {
      this.#enter(now, leg, format, packet)
      return undefined
    }
    if (isEvent) this.#digit(now, leg, packet)
    else if ((leg.muted || leg.hushed) && !this.#hush.hush(leg, format, view, packet)) return undefined
    if (leg.peer !== undefined) this.#sender.relay(now, leg.peer, format, view, packet)
    else if (leg.ring !== -1) this.#sender.across(leg.ring, format, view, packet)
    return undefined
  }

  /** A packet of somebody in a room, read into the view. Comfort noise is silence there. */
  #enter(now: Instant, leg: MediaLeg, format: MediaFormat, packet: Uint8Array): void {
    const view = this.#view
    if (view.payloadType === format.dtmfPayloadType) {
      const digit = this.#digit(now, leg, packet)
      if (digit !== undefined) this.#hearing.pass(now, leg, digit)
      return
    }
    if (view.payloadType !== format.payloadType) return
    if ((leg.muted || leg.hushed) && !this.#hush.hush(leg, format, view, packet)) return
    const { ssrc, timestamp, payloadStart, payloadEnd } = view
    leg.seat?.member.voice.push(ssrc, timestamp, format.codec, packet, payloadStart, payloadEnd)
  }

  /** Hears an event of a leg, and tells of its digit; that of another worker's leg is told there. */
  #digit(now: Instant, leg: MediaLeg, packet: Uint8Array): string | undefined {
    const { timestamp, payloadStart, payloadEnd } = this.#view
    const digit = leg.dtmf.receive(now, timestamp, packet, payloadStart, payloadEnd)
    if (digit !== undefined && leg.outRing === -1) this.#events.push({ kind: 'digit', leg: leg.id, digit })
    return digit
  }

  // Chores.

  #doChores(now: Instant): void {
    for (const leg of this.#legs.legs.values()) {
      if (now >= leg.reportAt) this.#report(now, leg)
      this.#taps.watch(now, leg)
    }
    this.#choresAt = this.#legs.doChores(now) ? after(now, CHORES_MS) : NEVER
  }

  #report(now: Instant, leg: MediaLeg): void {
    leg.reportAt = this.#nextReportAt(now)
    const to = reportAddress(leg)
    if (to === undefined) return
    const length = writeReport(now, leg, this.#scratch)
    this.#sink.sendRtcp(leg.port.number, this.#scratch, length, to.host, to.port)
  }

  /** RFC 3550 §6.2: half to one and a half times the interval, so that reports of many legs spread out. */
  #nextReportAt(now: Instant): Instant {
    return after(now, REPORT_MS * (0.5 + (this.#random() >>> 0) / 2 ** 32))
  }
}

/** The commands that concern one leg that there is. */
type LegCommand = Extract<
  MediaCommand,
  {
    kind: 'configure' | 'unbridge' | 'mix' | 'mute' | 'play' | 'sendDigits' | 'silence' | 'attach' | 'detach'
  }
>

function sameFormat(a: MediaFormat | undefined, b: MediaFormat): boolean {
  return (
    a !== undefined &&
    a.codec === b.codec &&
    a.payloadType === b.payloadType &&
    a.dtmfPayloadType === b.dtmfPayloadType &&
    a.comfortNoisePayloadType === b.comfortNoisePayloadType
  )
}
