/**
 * Who is sent to next, so that dead targets do not delay the living. Each host has a lane of its own with few attempts at
 * a time, and lanes take turns. An attempt begins in the quick pool; when it is not over in a quarter of a second it moves
 * to the slow one and frees its place. Hosts that were slow or dead the last time begin in the slow pool at once.
 */
import type { DeliveryClock } from './clock.ts'

/** Limits; tests choose smaller ones. */
export interface LaneLimits {
  /** Attempts of one host at a time. */
  readonly perHostMax: number
  /** Attempts that are new at a time. */
  readonly quickMax: number
  /** Attempts that take long at a time; with the quick ones, the sockets of a server. */
  readonly slowMax: number
  /** From when on an attempt takes long, in milliseconds. */
  readonly slowMs: number
  /** Deliveries that wait for one host in memory. */
  readonly waitingPerHostMax: number
}

/** What a server of two cores carries. */
export const LANE_LIMITS: LaneLimits = {
  perHostMax: 16,
  quickMax: 256,
  slowMax: 2_048,
  slowMs: 250,
  waitingPerHostMax: 256,
}

/** Hosts whose slowness is remembered. */
const SLOW_HOSTS_MAX = 50_000

interface Lane<Item> {
  readonly host: string
  readonly waiting: Item[]
  running: number
  /** Whether it stands in the line of a pool. */
  lined: boolean
}

/** Lanes for items; `run` makes one attempt and says whether the host is well. */
export class Lanes<Item> {
  readonly #limits: LaneLimits
  readonly #clock: DeliveryClock
  readonly #run: (item: Item) => Promise<boolean>
  readonly #lanes = new Map<string, Lane<Item>>()
  readonly #quickLine: Lane<Item>[] = []
  readonly #slowLine: Lane<Item>[] = []
  readonly #slowHosts = new Set<string>()
  #quick = 0
  #slow = 0

  constructor(options: {
    readonly limits?: LaneLimits
    readonly clock: DeliveryClock
    readonly run: (item: Item) => Promise<boolean>
  }) {
    this.#limits = options.limits ?? LANE_LIMITS
    this.#clock = options.clock
    this.#run = options.run
  }

  /** Attempts under way. */
  get running(): number {
    return this.#quick + this.#slow
  }

  /** Whether a host's lane takes another. */
  hasRoom(host: string): boolean {
    return (this.#lanes.get(host)?.waiting.length ?? 0) < this.#limits.waitingPerHostMax
  }

  /** Puts an item into its host's lane, whether there is room or not; it runs when it is its turn. */
  push(host: string, item: Item): void {
    let lane = this.#lanes.get(host)
    if (lane === undefined) {
      lane = { host, waiting: [], running: 0, lined: false }
      this.#lanes.set(host, lane)
    }
    lane.waiting.push(item)
    this.#line(lane)
    this.#start()
  }

  #line(lane: Lane<Item>): void {
    if (lane.lined || lane.waiting.length === 0 || lane.running >= this.#limits.perHostMax) return
    lane.lined = true
    const line = this.#slowHosts.has(lane.host) ? this.#slowLine : this.#quickLine
    line.push(lane)
  }

  #start(): void {
    const { quickMax, slowMax } = this.#limits
    while (
      this.#quick < quickMax &&
      this.#quick + this.#slow < quickMax + slowMax &&
      this.#quickLine.length > 0
    )
      this.#next(this.#quickLine.shift() as Lane<Item>, false) // It has one.
    while (this.#slow < slowMax && this.#slowLine.length > 0)
      this.#next(this.#slowLine.shift() as Lane<Item>, true) // It has one.
  }

  #next(lane: Lane<Item>, slow: boolean): void {
    lane.lined = false
    const item = lane.waiting.shift()
    if (item === undefined) return
    lane.running++
    void this.#attempt(lane, item, slow)
    this.#line(lane) // Behind all others that wait: lanes take turns.
  }

  async #attempt(lane: Lane<Item>, item: Item, slow: boolean): Promise<void> {
    let inSlow = slow
    if (slow) this.#slow++
    else this.#quick++
    const callOff = slow
      ? () => {}
      : this.#clock.after(this.#limits.slowMs, () => {
          inSlow = true
          this.#quick--
          this.#slow++
          this.#mark(lane.host)
          this.#start()
        })
    const well = await this.#run(item).catch(() => false) // It tells its own faults; a lane must go on.
    callOff()
    if (inSlow) this.#slow--
    else this.#quick--
    if (!well) this.#mark(lane.host)
    else if (!inSlow || slow) this.#slowHosts.delete(lane.host)
    lane.running--
    this.#line(lane)
    if (lane.running === 0 && lane.waiting.length === 0) this.#lanes.delete(lane.host)
    this.#start()
  }

  #mark(host: string): void {
    if (this.#slowHosts.size >= SLOW_HOSTS_MAX)
      this.#slowHosts.delete(this.#slowHosts.values().next().value as string)
    this.#slowHosts.add(host)
  }
}
