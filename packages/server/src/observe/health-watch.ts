/**
 * Looks after the parts that everything else needs: database, calls thread, disk, store of recordings, clock. What it
 * finds is what `/readyz` answers at once, and an alarm that lasts until the part works again.
 *
 * Each check runs alone and within its time, so that one that hangs hides none of the others.
 */
import type { NotReady } from '../http/health/health.ts'
import type { AlarmKind } from './alarm-kinds.ts'
import type { RaisesAlarms } from './alarms.ts'

/** How often the quick checks run, milliseconds. */
const LOOK_MS = 5_000
/** How long a part may take to answer before it counts as not working. */
const ANSWER_MS_MAX = 5_000

/** What a check found. */
export interface Finding {
  /** The alarms that hold now, of those that the check may raise. */
  readonly alarms: readonly AlarmKind[]
  /** Why the server should get no work; undefined when it may. */
  readonly notReady?: NotReady
}

/** One thing that is looked at. */
export interface HealthCheck {
  /** Every alarm that this check raises and clears. */
  readonly kinds: readonly AlarmKind[]
  /** It runs at every so many looks; 1 unless set. */
  readonly every?: number
  /** Looks. A rejection or no answer in time is `broken`. */
  run(): Promise<Finding>
  /** Absent where silence says nothing: what was found before then stays. */
  readonly broken?: Finding
}

/** How to make a watch. */
export interface HealthWatchOptions {
  readonly checks: readonly HealthCheck[]
  readonly alarms: RaisesAlarms
  readonly answerMsMax?: number
}

/** Watches until it is stopped. */
export class HealthWatch {
  readonly #options: HealthWatchOptions
  readonly #notReady = new Map<HealthCheck, NotReady>()
  readonly #running = new Map<HealthCheck, Promise<void>>()
  #looks = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: HealthWatchOptions) {
    this.#options = options
  }

  /** Looks now and then every few seconds. */
  start(): void {
    void this.look()
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref()
  }

  /** Runs the checks that are due; resolves when they are done. Never rejects. */
  async look(): Promise<void> {
    const due = this.#options.checks.filter((check) => this.#looks % (check.every ?? 1) === 0)
    this.#looks += 1
    await Promise.all(due.map((check) => this.#running.get(check) ?? this.#begin(check)))
  }

  /** What does not work as of the last look. */
  get notReady(): readonly NotReady[] {
    return [...this.#notReady.values()]
  }

  /** No more looks; resolves when those under way are done. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#running.values())
  }

  #begin(check: HealthCheck): Promise<void> {
    const running = this.#run(check).finally(() => this.#running.delete(check))
    this.#running.set(check, running)
    return running
  }

  async #run(check: HealthCheck): Promise<void> {
    const { alarms, answerMsMax = ANSWER_MS_MAX } = this.#options
    const late = Promise.withResolvers<Finding | undefined>()
    const timer = setTimeout(() => late.resolve(check.broken), answerMsMax)
    const found = await Promise.race([check.run().catch(() => check.broken), late.promise])
    clearTimeout(timer)
    if (found === undefined) return
    if (found.notReady === undefined) this.#notReady.delete(check)
    else this.#notReady.set(check, found.notReady)
    for (const kind of check.kinds)
      if (found.alarms.includes(kind)) alarms.alarm(kind)
      else alarms.clear(kind)
  }
}
