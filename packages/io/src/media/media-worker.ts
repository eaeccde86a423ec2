/**
 * One media worker: a `MediaMachine` with sockets, a journal and time. It owns its ports, its segment files and its
 * rings; the thread around it is in `media-worker-thread.ts`.
 *
 * The packet path is socket -> machine -> socket: no promise, no closure, no timer is made for a packet.
 */
import { after, type Instant, type Logger, NEVER } from '@tandem/base'
import { type MediaEvent, MediaMachine, type PacketSink } from '@tandem/media'
import { nodeCrypto, random32, seal } from '../crypto.ts'
import type { JournalFolder } from '../journal/journal-folder.ts'
import { FLUSH_MS, FLUSH_TURNS, JournalWriter, SYNC_MS } from '../journal/journal-writer.ts'
import { Alarm } from '../time/alarm.ts'
import { now } from '../time/clock.ts'
import { lastResort } from '../transport/last-resort.ts'
import { ClipShelf } from './clip-shelf.ts'
import { Gather } from './gather.ts'
import { PortPool } from './port-pool.ts'
import { RingReader, RingWriter } from './ring.ts'
import type { MediaWorkerCounts, MediaWorkerData, WorkerOrder, WorkerReport } from './worker-message.ts'

/** Pairs that are bound at start and kept: the first calls find them ready. */
export const PORT_PAIRS_MIN = 4
/**
 * Legs that share a port. Linux grants a socket 416 kB unless told otherwise (`net.core.rmem_max`), which is some 550
 * packets: enough for this many legs while the thread stands still for a quarter of a second.
 */
export const LEGS_PER_PORT_MAX = 40
/** How long a leg may wait for a port: less than the five seconds after which the engine gives its leg up. */
export const ALLOCATE_MS_MAX = 4_500
/** How often pairs that nobody uses are given back. */
const SHRINK_MS = 30_000
/** Waits this long after the range was found exhausted before it is searched again. */
const GROW_AGAIN_MS = 1_000

/** A worker without a thread. */
export class MediaWorker implements PacketSink {
  readonly #machine: MediaMachine
  readonly #pool: PortPool
  readonly #journal: JournalWriter
  readonly #alarm: Alarm
  readonly #gather = new Gather()
  readonly #report: (report: WorkerReport) => void
  readonly #guard: (what: string, work: () => void) => void
  readonly #writers = new Map<number, RingWriter>()
  readonly #readers: RingReader[] = []
  /** Channel to the leg it feeds here, and to the ring that leads away; a leg is in one bridge at most. */
  readonly #channels = new Map<number, { readonly leg: string; readonly peer: number }>()
  readonly #channelOf = new Map<string, number>()
  #syncTimer: NodeJS.Timeout | undefined
  /** Runs while there are recordings. */
  #flushTimer: NodeJS.Timeout | undefined
  #syncAt: Instant = 0
  #shrinkAt: Instant = 0
  #growing = false
  #growAgainAt: Instant = 0
  #errors = 0

  constructor(options: {
    data: MediaWorkerData
    folder: JournalFolder
    report: (report: WorkerReport) => void
    logger: Logger
  }) {
    const { data, folder, report, logger } = options
    this.#report = report
    this.#guard = lastResort(logger, () => this.#errors++)
    this.#journal = new JournalWriter({
      folder,
      worker: data.worker,
      clock: now,
      wallOffsetMs: data.wallOffsetMs,
      seal,
      randomBytes: nodeCrypto.randomBytes,
      onEvent: (event) => this.#say([event]),
      onRetired: (segment) => report({ kind: 'retired', segment }),
      logger,
    })
    this.#machine = new MediaMachine({
      random: random32,
      sink: this,
      journal: this.#journal,
      clips: new ClipShelf({
        clock: now,
        ...(data.clipsFolder === undefined ? {} : { folder: data.clipsFolder }),
      }),
      limits: { legsPerPortMax: LEGS_PER_PORT_MAX, allocateMsMax: ALLOCATE_MS_MAX },
    })
    this.#alarm = new Alarm(now, () => this.#tick())
    this.#pool = new PortPool(data.range, {
      rtp: this.#receiveRtp,
      rtcp: this.#receiveRtcp,
      bound: (port, host) => this.#bound(port, host),
    })
    for (const ring of data.rings) {
      this.#writers.set(ring.peer, new RingWriter(ring.outgoing))
      this.#readers.push(new RingReader(ring.incoming, this.#receiveAcross))
    }
  }

  /** Binds the first ports; false when not one pair of the range is free. */
  async start(): Promise<boolean> {
    const got = await this.#pool.grow(PORT_PAIRS_MIN)
    if (got === 0) return false
    for (const reader of this.#readers) reader.listen()
    this.#shrinkAt = after(now(), SHRINK_MS)
    this.#syncTimer = setInterval(() => this.#lookAround(), FLUSH_MS)
    return true
  }

  /** Carries out one order. What goes wrong inside costs that order only. */
  take(order: WorkerOrder): void {
    this.#guard('a media order', () => this.#take(order))
    this.#settle()
  }

  get counts(): MediaWorkerCounts {
    const { legs, rooms, learning, droppedPackets } = this.#machine.counts
    let ringDrops = 0
    for (const writer of this.#writers.values()) ringDrops += writer.dropped
    const dropped = { ...droppedPackets, sendErrors: this.#pool.sendErrors, handlerErrors: this.#errors }
    return {
      legs,
      ports: this.#pool.size,
      rooms,
      learning,
      recordings: this.#journal.recordings,
      ringDrops,
      dropped,
    }
  }

  sendRtp(localPort: number, packet: Uint8Array, length: number, host: string, port: number): void {
    this.#pool.sendRtp(localPort, packet, length, host, port)
  }

  sendRtcp(localPort: number, packet: Uint8Array, length: number, host: string, port: number): void {
    this.#pool.sendRtcp(localPort, packet, length, host, port)
  }

  sendAcross(channel: number, packet: Uint8Array, length: number): void {
    const peer = this.#channels.get(channel)?.peer
    if (peer !== undefined) this.#writers.get(peer)?.write(channel, packet, length)
  }

  /** Syncs the journal and closes everything. */
  async finish(): Promise<void> {
    clearInterval(this.#syncTimer)
    clearInterval(this.#flushTimer)
    await this.#journal.finish()
    this.#alarm.set(NEVER)
    for (const reader of this.#readers) reader.stop()
    this.#pool.close()
    this.#report({ kind: 'finished' })
  }

  #take(order: WorkerOrder): void {
    const journal = this.#journal
    switch (order.kind) {
      case 'command': {
        const { command } = order
        if (command.kind === 'bridge') {
          this.#leaveChannel(command.a)
          this.#leaveChannel(command.b)
        } else if (command.kind === 'unbridge' || command.kind === 'release' || command.kind === 'mix') {
          this.#leaveChannel(command.leg)
        }
        this.#say(this.#machine.command(now(), command))
        return
      }
      case 'bridgeAcross':
        this.#takeChannel(order)
        this.#machine.bridgeAcross(now(), order.leg, order.channel)
        return
      case 'mixAcross':
        this.#takeChannel(order)
        this.#machine.mixAcross(now(), { ...order, ring: order.channel })
        return
      case 'leaveAcross':
        this.#leaveChannel(order.leg)
        this.#machine.leaveAcross(now(), order.leg)
        return
      case 'open':
        journal.open(order.order)
        this.#flushTimer ??= setInterval(() => this.#flushTurn(), FLUSH_MS / FLUSH_TURNS)
        return
      case 'close':
        journal.close(order.recording, order.facts, order.wallAt)
        return
      case 'abandon':
        journal.abandon(order.recording)
        return
      case 'pause':
      case 'resume':
        journal.entry(order.recording, { kind: order.kind, at: order.at })
        return
      case 'note':
        journal.entry(order.recording, { kind: 'note', at: order.at, json: order.note })
        return
      case 'counts':
        this.#report({ kind: 'counts', id: order.id, counts: this.counts })
        return
      case 'finish':
        void this.finish()
        return
    }
  }

  readonly #receiveRtp = (
    localPort: number,
    packet: Uint8Array,
    length: number,
    host: string,
    port: number,
  ): void => {
    const at = now()
    this.#gather.note(at)
    try {
      this.#machine.receiveRtp(at, localPort, packet, length, host, port)
    } catch (error) {
      this.#blame('an RTP packet', error)
    }
    this.#alarm.set(this.#machine.deadline)
  }

  readonly #receiveRtcp = (
    localPort: number,
    packet: Uint8Array,
    length: number,
    host: string,
    port: number,
  ): void => {
    try {
      this.#machine.receiveRtcp(now(), localPort, packet, length, host, port)
    } catch (error) {
      this.#blame('an RTCP packet', error)
    }
    this.#alarm.set(this.#machine.deadline)
  }

  readonly #receiveAcross = (channel: number, packet: Uint8Array, length: number): void => {
    const leg = this.#channels.get(channel)?.leg
    if (leg === undefined) return // The bridge is over; the packet was already on its way.
    try {
      this.#machine.receiveAcross(now(), leg, packet, length)
    } catch (error) {
      this.#blame('a packet of another worker', error)
    }
    this.#alarm.set(this.#machine.deadline)
  }

  #blame(what: string, error: unknown): void {
    this.#guard(what, () => {
      throw error
    })
  }

  #takeChannel(order: { readonly leg: string; readonly peer: number; readonly channel: number }): void {
    this.#leaveChannel(order.leg)
    this.#channels.set(order.channel, { leg: order.leg, peer: order.peer })
    this.#channelOf.set(order.leg, order.channel)
  }

  #leaveChannel(leg: string): void {
    const channel = this.#channelOf.get(leg)
    if (channel === undefined) return
    this.#channelOf.delete(leg)
    this.#channels.delete(channel)
  }

  #tick(): void {
    this.#guard('a tick of the media machine', () => this.#say(this.#machine.tick(now())))
    this.#settle()
  }

  /** After anything but a packet: follow the deadline, and bind the ports that are wanted. */
  #settle(): void {
    this.#alarm.set(this.#machine.deadline)
    if (this.#machine.wantsPorts > 0 && !this.#growing) void this.#grow()
  }

  async #grow(): Promise<void> {
    if (now() < this.#growAgainAt) return
    this.#growing = true
    const wanted = this.#machine.wantsPorts
    const got = await this.#pool.grow(wanted)
    this.#growing = false
    if (got < wanted) this.#growAgainAt = after(now(), GROW_AGAIN_MS)
    this.#settle()
  }

  #bound(port: number, host: string): void {
    this.#machine.addPort(port, host)
    this.#tick() // Legs that waited for it are answered now.
  }

  /** Some of the recordings at a time, so that sealing never keeps packets waiting. */
  #flushTurn(): void {
    this.#guard('a flush of the journal', () => this.#journal.flushTurn())
    if (this.#journal.recordings > 0) return
    clearInterval(this.#flushTimer)
    this.#flushTimer = undefined
  }

  #lookAround(): void {
    const at = now()
    if (at >= this.#syncAt) {
      this.#syncAt = after(at, SYNC_MS)
      this.#guard('a sync of the journal', () => this.#journal.sync())
    }
    if (at >= this.#shrinkAt) this.#shrink(at)
    this.#settle()
  }

  /** Gives back pairs that carry no leg; half of them each time, so that a busy hour does not rebind. */
  #shrink(at: Instant): void {
    this.#shrinkAt = after(at, SHRINK_MS)
    const ports = this.#pool.ports()
    let left = Math.floor((ports.length - PORT_PAIRS_MIN) / 2)
    for (const port of ports.reverse()) {
      if (left <= 0) return
      if (!this.#machine.removePort(port)) continue
      this.#pool.shrink(port)
      left -= 1
    }
  }

  #say(events: readonly MediaEvent[]): void {
    if (events.length > 0) this.#report({ kind: 'events', events })
  }
}
