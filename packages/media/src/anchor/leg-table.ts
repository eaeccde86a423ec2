/**
 * The legs of one worker and the ports that they share: who gets a place, who waits for one, who has waited too long.
 *
 * A leg keeps its port for life. A new one gets the learning place of a port; when none is free it waits, bounded in
 * number and in time, and the next `addPort` or learned source answers it.
 */
import { after, type Instant } from '@tandem/base'
import type { MediaCommand, MediaEvent, MediaLegId } from '../port.ts'
import { FamilyPorts } from './family-ports.ts'
import { MediaLeg } from './media-leg.ts'
import { SharedPort } from './source-table.ts'

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

type Allocate = Extract<MediaCommand, { kind: 'allocate' }>
type Waiting = { readonly command: Allocate; readonly until: Instant }

/** Legs by id, ports by number. */
export class LegTable {
  readonly #random: () => number
  readonly #limits: MediaLimits
  readonly #say: (event: MediaEvent) => void
  readonly #ports = new Map<number, SharedPort>()
  readonly #legs = new Map<MediaLegId, MediaLeg>()
  readonly #family: Readonly<Record<4 | 6, FamilyPorts<Waiting>>>

  /** `say` takes the answers to those that waited. */
  constructor(
    random: () => number,
    limits: Partial<MediaLimits> | undefined,
    say: (event: MediaEvent) => void,
  ) {
    this.#random = random
    this.#limits = { ...LIMITS, ...limits }
    this.#say = say
    const { legsPerPortMax } = this.#limits
    this.#family = { 4: new FamilyPorts(legsPerPortMax), 6: new FamilyPorts(legsPerPortMax) }
  }

  /** Every leg that has a port. */
  get legs(): ReadonlyMap<MediaLegId, MediaLeg> {
    return this.#legs
  }

  /** How many ports there are. */
  get portCount(): number {
    return this.#ports.size
  }

  /** How many legs wait for one. */
  get waitingCount(): number {
    return this.#family[4].waiting.size + this.#family[6].waiting.size
  }

  /** How many more port pairs would help: legs that wait, and places to spare for the next ones. */
  get wantsPorts(): number {
    const free = this.#family[4].openCount + this.#family[6].openCount
    return Math.max(0, this.waitingCount + this.#limits.sparePlaces - free)
  }

  /** The port of this number. */
  port(localPort: number): SharedPort | undefined {
    return this.#ports.get(localPort)
  }

  /** Takes a bound port pair into the pool. */
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

  /** Gives a new leg a place: the answer, or undefined while it waits for one. */
  allocate(now: Instant, command: Allocate): MediaEvent | undefined {
    const family = this.#family[command.family]
    const waits = this.#family[4].waiting.has(command.leg) || this.#family[6].waiting.has(command.leg)
    if (this.#legs.has(command.leg) || waits) {
      return { kind: 'failed', leg: command.leg, why: 'the leg has its media already' }
    }
    if (this.#legs.size >= this.#limits.legsMax) {
      return { kind: 'failed', leg: command.leg, why: 'the worker carries as many legs as it may' }
    }
    const port = family.portFor(now)
    if (port !== undefined) return this.#admit(now, command, port)
    if (this.waitingCount >= this.#limits.waitingMax) {
      return { kind: 'failed', leg: command.leg, why: 'too many legs wait for a media port' }
    }
    family.waiting.set(command.leg, { command, until: after(now, this.#limits.allocateMsMax) })
    return undefined
  }

  /** Lets a leg go, or one that still waits. Its source is dropped for a while. */
  release(now: Instant, id: MediaLegId): void {
    this.#family[4].waiting.delete(id)
    this.#family[6].waiting.delete(id)
    const leg = this.#legs.get(id)
    if (leg === undefined) return
    leg.port.release(now, leg)
    this.#legs.delete(id)
    this.#serveWaiting(leg.port.family)
  }

  /** Forgets old sources, answers legs that wait; false when there is nothing left to look after. */
  doChores(now: Instant): boolean {
    let busy = this.#legs.size > 0
    for (const port of this.#ports.values()) {
      port.sweep(now)
      if (port.releasedCount > 0) busy = true
    }
    this.#serveWaiting(4) // A place is free again when its leg has learned.
    this.#serveWaiting(6)
    this.#refuseWaiting(now, this.#family[4].waiting)
    this.#refuseWaiting(now, this.#family[6].waiting)
    return busy || this.waitingCount > 0
  }

  readonly #portChanged = (port: SharedPort): void => this.#family[port.family].changed(port)

  #admit(now: Instant, command: Allocate, port: SharedPort): MediaEvent {
    const leg = new MediaLeg(now, command.leg, port, this.#random)
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
      this.#say(this.#admit(askedAt, command, port))
    }
  }

  #refuseWaiting(now: Instant, waiting: Map<MediaLegId, Waiting>): void {
    for (const [leg, { until }] of waiting) {
      if (until > now) return // The others came later.
      waiting.delete(leg)
      this.#say({ kind: 'failed', leg, why: 'no media port became free in time' })
    }
  }
}
