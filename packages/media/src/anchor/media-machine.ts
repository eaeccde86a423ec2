/**
 * Everything that one media worker knows, without its sockets: ports shared by legs, sources learned and locked,
 * relaying, transcoding, sounds, RTCP (RFC 3550), and what recordings are handed.
 *
 * `receiveRtp` is the hot path: it allocates nothing, changes the packet in place and passes it to the sink. All
 * else comes out of `command` and `tick` as events. Local port numbers are unique over both address families.
 */
import { after, earlier, type Instant, type Machine, NEVER } from '@tandem/base'
import type { LegStatistics, MediaCommand, MediaEvent, MediaFormat, MediaLegId } from '../port.ts'
import { parseRtcp } from '../rtcp/rtcp-packet.ts'
import { RtpView } from '../rtp/rtp-packet.ts'
import { FamilyPorts } from './family-ports.ts'
import { LegSender, ringFormat } from './leg-sender.ts'
import { MediaLeg } from './media-leg.ts'
import { reportAddress, writeReport } from './report.ts'
import type { DropReason, JournalSink, PacketSink } from './sinks.ts'
import { SoundPacer } from './sound-pacer.ts'
import { SharedPort } from './source-table.ts'

/** RTCP is sent about this often, RFC 3550 §6.2. */
const REPORT_MS = 5_000
/** Reports, forgotten sources and waiting legs are looked after this often. */
const CHORES_MS = 250

/** Bounds of one worker, each with its default. */
export interface MediaLimits {
  /** Learning places kept free for legs to come (default 8: a burst of calls while sockets are being bound). */
  readonly sparePlaces: number
  /** How long a leg may wait for a port before it is refused, in ms (default 2000: an INVITE can be answered 503). */
  readonly allocateMsMax: number
  /** Legs that may wait at once (default 1000). */
  readonly waitingMax: number
  /** Legs on one port (default 200: their sources are searched in turn when a packet is from nobody). */
  readonly legsPerPortMax: number
  /** Legs of one worker (default 5000). */
  readonly legsMax: number
}

const LIMITS: MediaLimits = {
  sparePlaces: 8,
  allocateMsMax: 2_000,
  waitingMax: 1_000,
  legsPerPortMax: 200,
  legsMax: 5_000,
}

/** How much a worker has to do. */
export interface MediaCounts {
  readonly legs: number
  readonly ports: number
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
  readonly limits?: Partial<MediaLimits>
}

type Allocate = Extract<MediaCommand, { kind: 'allocate' }>
type Waiting = { readonly command: Allocate; readonly until: Instant }

/** The media of one worker. */
export class MediaMachine implements Machine<MediaEvent> {
  readonly #random: () => number
  readonly #sink: PacketSink
  readonly #journal: JournalSink
  readonly #limits: MediaLimits
  readonly #ports = new Map<number, SharedPort>()
  readonly #legs = new Map<MediaLegId, MediaLeg>()
  readonly #sender: LegSender
  readonly #pacer: SoundPacer
  readonly #family: Readonly<Record<4 | 6, FamilyPorts<Waiting>>>
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
    this.#random = options.random
    this.#sink = options.sink
    this.#sender = new LegSender(options.sink)
    this.#pacer = new SoundPacer(this.#sender)
    this.#journal = options.journal
    this.#limits = { ...LIMITS, ...options.limits }
    const { legsPerPortMax } = this.#limits
    this.#family = { 4: new FamilyPorts(legsPerPortMax), 6: new FamilyPorts(legsPerPortMax) }
  }

  /** When `tick` is next due. At once (0) when something has happened that only `tick` can say. */
  get deadline(): Instant {
    if (this.#events.length > 0) return 0
    return earlier(this.#pacer.deadline, this.#choresAt)
  }

  /** How many more port pairs would help: legs that wait, and places to spare for the next ones. */
  get wantsPorts(): number {
    const free = this.#family[4].openCount + this.#family[6].openCount
    return Math.max(0, this.#waitingCount + this.#limits.sparePlaces - free)
  }

  /** Legs, ports and dropped packets, for metrics. */
  get counts(): MediaCounts {
    let learning = 0
    for (const leg of this.#legs.values()) if (leg.source === undefined) learning += 1
    return {
      legs: this.#legs.size,
      ports: this.#ports.size,
      learning,
      waiting: this.#waitingCount,
      droppedPackets: { ...this.#dropped },
    }
  }

  /** Takes a bound port pair into the pool. Legs that waited for one are answered by the next `tick`. */
  addPort(localPort: number, host: string): void {
    if (this.#ports.has(localPort)) return
    const port = new SharedPort(localPort, host, this.#portChanged)
    this.#ports.set(localPort, port)
    this.#family[port.family].add(port)
    this.#serveWaiting(port.family)
  }

  /** Takes a port out of the pool; false when legs still use it, or their late packets are still awaited. */
  removePort(localPort: number): boolean {
    const port = this.#ports.get(localPort)
    if (port === undefined || port.legs.size > 0 || port.releasedCount > 0) return false
    this.#family[port.family].remove(port)
    return this.#ports.delete(localPort)
  }

  /** Carries out one command. Those that concern a recording's file alone are for the journal's writer. */
  command(now: Instant, command: MediaCommand): MediaEvent[] {
    switch (command.kind) {
      case 'allocate':
        return this.#allocate(now, command)
      case 'release':
        return this.#release(now, command.leg)
      case 'configure':
        this.#configure(now, command)
        break
      case 'bridge':
        this.#bridge(command.a, command.b)
        break
      case 'unbridge':
        this.#unbridge(this.#legs.get(command.leg))
        break
      case 'play': {
        const leg = this.#legs.get(command.leg)
        if (leg !== undefined) this.#pacer.play(now, leg, command.sound)
        break
      }
      case 'silence': {
        const leg = this.#legs.get(command.leg)
        if (leg !== undefined) this.#pacer.silence(leg)
        break
      }
      case 'attach':
        this.#attach(now, command.recording, command.side === 'left' ? 0 : 1, command.leg)
        break
      case 'detach':
        this.#detach(now, command.recording, this.#legs.get(command.leg))
        break
      case 'openRecording':
      case 'pauseRecording':
      case 'resumeRecording':
      case 'note':
      case 'closeRecording':
        break
    }
    return this.#takeEvents()
  }

  /** Joins a leg to one on another worker, reached through `ring`. `unbridge` or another bridge undoes it. */
  bridgeAcross(_now: Instant, leg: MediaLegId, ring: number): void {
    const found = this.#legs.get(leg)
    if (found === undefined) return
    this.#unbridge(found)
    this.#pacer.silence(found)
    found.ring = ring
  }

  /** Takes a packet that another worker's `sendAcross` sent for `leg`; the bytes are changed in place. */
  receiveAcross(now: Instant, leg: MediaLegId, packet: Uint8Array, length: number): void {
    const found = this.#legs.get(leg)
    if (found === undefined || found.ring === -1) return
    if (this.#view.read(packet, length) !== undefined) return
    this.#sender.relay(now, found, ringFormat(this.#view.payloadType), this.#view, packet)
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

  /** Moves time forward: sounds on absolute deadlines, reports, sources to forget, legs that waited too long. */
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

  // Legs and ports.

  readonly #portChanged = (port: SharedPort): void => this.#family[port.family].changed(port)

  get #waitingCount(): number {
    return this.#family[4].waiting.size + this.#family[6].waiting.size
  }

  #allocate(now: Instant, command: Allocate): MediaEvent[] {
    if (this.#choresAt === NEVER) this.#choresAt = after(now, CHORES_MS)
    const family = this.#family[command.family]
    const waits = this.#family[4].waiting.has(command.leg) || this.#family[6].waiting.has(command.leg)
    if (this.#legs.has(command.leg) || waits) {
      return [{ kind: 'failed', leg: command.leg, why: 'the leg has its media already' }]
    }
    if (this.#legs.size >= this.#limits.legsMax) {
      return [{ kind: 'failed', leg: command.leg, why: 'the worker carries as many legs as it may' }]
    }
    const port = family.portFor(now)
    if (port !== undefined) return [this.#admit(now, command, port)]
    if (this.#waitingCount >= this.#limits.waitingMax) {
      return [{ kind: 'failed', leg: command.leg, why: 'too many legs wait for a media port' }]
    }
    family.waiting.set(command.leg, { command, until: after(now, this.#limits.allocateMsMax) })
    return []
  }

  #admit(now: Instant, command: Allocate, port: SharedPort): MediaEvent {
    const leg = new MediaLeg(now, command.leg, port, this.#random)
    leg.reportAt = this.#nextReportAt(now)
    port.admit(leg)
    this.#legs.set(leg.id, leg)
    return { kind: 'allocated', leg: leg.id, host: port.host, port: port.number, rtcpPort: port.number + 1 }
  }

  /** Gives free places to the legs that wait longest. */
  #serveWaiting(family: 4 | 6): void {
    const { waiting } = this.#family[family]
    for (const [leg, { command, until }] of waiting) {
      const askedAt = until - this.#limits.allocateMsMax
      const port = this.#family[family].portFor(askedAt)
      if (port === undefined) return
      waiting.delete(leg)
      this.#events.push(this.#admit(askedAt, command, port))
    }
  }

  #release(now: Instant, id: MediaLegId): MediaEvent[] {
    const leg = this.#legs.get(id)
    if (leg === undefined) {
      this.#family[4].waiting.delete(id)
      this.#family[6].waiting.delete(id)
      const statistics = { packetsReceived: 0, packetsLost: 0, jitterMs: 0, packetsSent: 0 }
      return [...this.#takeEvents(), { kind: 'released', leg: id, statistics }]
    }
    this.#unbridge(leg)
    this.#pacer.silence(leg)
    for (const tap of leg.taps) this.#leave(now, leg, tap.recording, tap.joined, tap.side)
    leg.port.release(now, leg)
    this.#legs.delete(id)
    this.#serveWaiting(leg.port.family)
    return [...this.#takeEvents(), { kind: 'released', leg: id, statistics: statisticsOf(leg) }]
  }

  #configure(now: Instant, command: Extract<MediaCommand, { kind: 'configure' }>): void {
    const leg = this.#legs.get(command.leg)
    if (leg === undefined) return
    const changed = !sameFormat(leg.format, command.format)
    leg.format = command.format
    leg.remote = command.remote
    leg.send = command.send
    leg.receive = command.receive
    leg.fixedSource = command.fixedSource === true
    if (leg.fixedSource) leg.port.fix(leg)
    const source = leg.source
    const elsewhere = source?.host !== command.remote.host || source.port !== command.remote.port
    if (command.relearn && source !== undefined && elsewhere) leg.port.relearn(leg)
    if (!changed) return
    for (const tap of leg.taps) this.#join(now, leg, tap)
  }

  // Bridges.

  #bridge(a: MediaLegId, b: MediaLegId): void {
    const left = this.#legs.get(a)
    const right = this.#legs.get(b)
    if (left === undefined || right === undefined || left === right) return
    this.#pacer.silence(left)
    this.#pacer.silence(right)
    if (left.peer === right) return
    this.#unbridge(left)
    this.#unbridge(right)
    left.peer = right
    right.peer = left
  }

  #unbridge(leg: MediaLeg | undefined): void {
    if (leg === undefined) return
    leg.ring = -1
    leg.clock.endStretch()
    const peer = leg.peer
    if (peer === undefined) return
    peer.clock.endStretch()
    peer.peer = undefined
    leg.peer = undefined
  }

  // Recordings.

  #attach(now: Instant, recording: string, side: 0 | 1, id: MediaLegId): void {
    const leg = this.#legs.get(id)
    if (leg === undefined || leg.taps.some((tap) => tap.recording === recording && tap.side === side)) return
    const tap = { recording, side, joined: false }
    leg.taps.push(tap)
    this.#join(now, leg, tap)
  }

  #detach(now: Instant, recording: string, leg: MediaLeg | undefined): void {
    if (leg === undefined) return
    for (let index = leg.taps.length - 1; index >= 0; index--) {
      const tap = leg.taps[index] as MediaLeg['taps'][number] // Inside the list by the loop's condition.
      if (tap.recording !== recording) continue
      leg.taps.splice(index, 1)
      this.#leave(now, leg, recording, tap.joined, tap.side)
    }
  }

  #join(now: Instant, leg: MediaLeg, tap: MediaLeg['taps'][number]): void {
    const format = leg.format
    if (format === undefined) return
    tap.joined = true
    this.#journal.entry(tap.recording, {
      kind: 'joined',
      side: tap.side,
      leg: leg.id,
      codec: format.codec,
      payloadType: format.payloadType,
      ...(format.dtmfPayloadType === undefined ? {} : { dtmfPayloadType: format.dtmfPayloadType }),
      ...(format.comfortNoisePayloadType === undefined
        ? {}
        : { cnPayloadType: format.comfortNoisePayloadType }),
      clockRateHz: format.clockRateHz,
      at: now,
    })
  }

  #leave(now: Instant, leg: MediaLeg, recording: string, joined: boolean, side: 0 | 1): void {
    if (joined) this.#journal.entry(recording, { kind: 'left', side, leg: leg.id, at: now })
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
    const shared = this.#ports.get(localPort)
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
    const shared = this.#ports.get(localPort)
    if (shared === undefined) return 'unknownPort'
    const compound = parseRtcp(packet, length)
    const first = compound?.[0]
    if (first === undefined || !('ssrc' in first)) return 'malformed'
    const leg = shared.bySsrc(first.ssrc)
    if (leg === undefined || leg.source?.host !== host) return 'unknownSource'
    leg.rtcpHost = host
    leg.rtcpPort = port
    if (first.kind !== 'senderReport') return undefined
    leg.lastReport = ((first.ntpSeconds << 16) | (first.ntpFraction >>> 16)) >>> 0
    leg.lastReportAt = now
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
    for (let index = 0; index < leg.taps.length; index++) {
      const tap = leg.taps[index] as MediaLeg['taps'][number] // Inside the list by the loop's condition.
      this.#journal.packet(tap.recording, tap.side, now, packet, length)
    }
    if (isEvent) {
      const digit = leg.dtmf.receive(now, view.timestamp, packet, view.payloadStart, view.payloadEnd)
      if (digit !== undefined) this.#events.push({ kind: 'digit', leg: leg.id, digit })
    }
    if (leg.peer !== undefined) this.#sender.relay(now, leg.peer, format, view, packet)
    else if (leg.ring !== -1) this.#sender.across(leg.ring, format, view, packet)
    return undefined
  }

  // Chores.

  #doChores(now: Instant): void {
    for (const leg of this.#legs.values()) if (now >= leg.reportAt) this.#report(now, leg)
    let busy = this.#legs.size > 0
    for (const port of this.#ports.values()) {
      port.sweep(now)
      if (port.releasedCount > 0) busy = true
    }
    this.#serveWaiting(4) // A place is free again when its leg has learned.
    this.#serveWaiting(6)
    this.#refuseWaiting(now, this.#family[4].waiting)
    this.#refuseWaiting(now, this.#family[6].waiting)
    this.#choresAt = busy || this.#waitingCount > 0 ? after(now, CHORES_MS) : NEVER
  }

  #refuseWaiting(now: Instant, waiting: Map<MediaLegId, Waiting>): void {
    for (const [leg, { until }] of waiting) {
      if (until > now) return // The others came later.
      waiting.delete(leg)
      this.#events.push({ kind: 'failed', leg, why: 'no media port became free in time' })
    }
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

function statisticsOf(leg: MediaLeg): LegStatistics {
  return {
    packetsReceived: leg.reception.packetsReceived,
    packetsLost: leg.reception.packetsLost,
    jitterMs: leg.reception.jitterMs,
    packetsSent: leg.packetsSent,
  }
}

function sameFormat(a: MediaFormat | undefined, b: MediaFormat): boolean {
  return (
    a !== undefined &&
    a.codec === b.codec &&
    a.payloadType === b.payloadType &&
    a.dtmfPayloadType === b.dtmfPayloadType &&
    a.comfortNoisePayloadType === b.comfortNoisePayloadType
  )
}
