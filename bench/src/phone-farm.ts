/**
 * The handle of a process full of bare phones: what it is told, what it tells, and what of its calls is known here.
 * Times are milliseconds of the machine's monotonic clock, which all its processes share.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Who is in the farm and where it stands. */
export interface FarmSetup {
  readonly serverPort: number
  readonly sipPort: number
  readonly domain: string
  readonly users: readonly { readonly name: string; readonly password: string }[]
  /** Leg i speaks from `rtpBase` + 2i; one is taken for each call of a phone. */
  readonly rtpBase: number
  readonly legs: number
  /** The leg of user i is i; else the one that has rested longest is taken. */
  readonly ownLegs: boolean
  /** The phones say that they take talk and hold NOTIFYs. */
  readonly remoteControl: boolean
}

/** What the process is told. */
export type FarmOrder =
  | { readonly kind: 'start'; readonly setup: FarmSetup }
  | { readonly kind: 'call'; readonly order: number; readonly user: number; readonly to: string }
  | { readonly kind: 'hangUp'; readonly user: number }
  /** Whether a phone rings until it is told to talk, or answers at once. */
  | { readonly kind: 'habit'; readonly user: number; readonly ring: boolean }

/** A request from the server has reached a phone. */
export interface FarmMessage {
  readonly kind: 'message'
  readonly method: string
  readonly user: number
  readonly at: number
}

/** What it tells. */
export type FarmReport =
  | { readonly kind: 'registered'; readonly count: number }
  | { readonly kind: 'failed'; readonly order: number; readonly user: number; readonly status: number }
  | FarmMessage
  /** A leg may speak to that port of the server; `first` when its call has just been answered. */
  | {
      readonly kind: 'talking'
      readonly user: number
      readonly leg: number
      readonly port: number
      readonly first: boolean
      readonly at: number
      readonly order?: number
    }
  | { readonly kind: 'over'; readonly user: number; readonly leg: number; readonly at: number }

const READY_MS_MAX = 60_000
const CALL_MS_MAX = 10_000

/** The monotonic clock of the machine, in milliseconds. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1_000_000
}

/** A running farm. */
export class PhoneFarm {
  readonly #child: ChildProcess
  readonly #events = new EventEmitter()
  /** Legs that speak, with the port that they speak to. */
  readonly legs = new Map<number, number>()
  #orders = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#events.setMaxListeners(0)
    child.on('message', (report: FarmReport) => {
      if (report.kind === 'talking') this.legs.set(report.leg, report.port)
      if (report.kind === 'over') this.legs.delete(report.leg)
      this.#events.emit('report', report)
    })
  }

  /** Starts the process and registers every phone; rejects when one cannot. */
  static async start(setup: FarmSetup): Promise<PhoneFarm> {
    const program = fileURLToPath(new URL('./phone-farm-process.ts', import.meta.url))
    const farm = new PhoneFarm(fork(program, { stdio: 'inherit' }))
    const registered = farm.wait('the phones are registered', READY_MS_MAX, (report) =>
      report.kind === 'registered' ? report.count : undefined,
    )
    farm.#tell({ kind: 'start', setup })
    const count = await registered
    if (count === setup.users.length) return farm
    await farm.stop()
    throw new Error(`only ${count} of ${setup.users.length} phones could register`)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Has a phone call a number; resolves when it is answered, rejects with the status when it is not. */
  async call(user: number, to: string): Promise<void> {
    const order = this.#orders++
    const answered = this.wait(`phone ${user} talks to ${to}`, CALL_MS_MAX, (report) => {
      if (report.kind === 'talking' && report.order === order) return 200
      return report.kind === 'failed' && report.order === order ? report.status : undefined
    })
    this.#tell({ kind: 'call', order, user, to })
    const status = await answered
    if (status !== 200) throw new Error(`the call of phone ${user} to ${to} got ${status}`)
  }

  /** Has a phone end its calls. */
  hangUp(user: number): void {
    this.#tell({ kind: 'hangUp', user })
  }

  /** Whether a phone rings or answers at once, from now on. */
  habit(user: number, habit: { readonly ring: boolean }): void {
    this.#tell({ kind: 'habit', user, ring: habit.ring })
  }

  /** Calls `listener` with everything that is told, until the function that comes back is called. */
  listen(listener: (report: FarmReport) => void): () => void {
    this.#events.on('report', listener)
    return () => this.#events.off('report', listener)
  }

  /** Resolves with the first thing that `pick` makes of a report; rejects after `waitMs`. */
  wait<T>(what: string, waitMs: number, pick: (report: FarmReport) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        stop()
      }
      const timer = setTimeout(() => {
        stop()
        reject(new Error(`${what}: not within ${waitMs} ms`))
      }, waitMs)
      const stop = this.listen((report) => {
        const picked = pick(report)
        if (picked === undefined) return
        settle()
        resolve(picked)
      })
    })
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || !this.#child.connected) return
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }

  #tell(order: FarmOrder): void {
    if (this.#child.connected) this.#child.send(order)
  }
}
