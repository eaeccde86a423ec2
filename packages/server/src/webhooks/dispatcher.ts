/**
 * Carries events from the outbox to webhooks, at least once (contract, webhooks §8; promise P14). Two loops: `#follow`
 * turns new events into deliveries, rows and cursor in one commit; `#pull` takes up what is due in the database. From
 * there a delivery goes through the order of its key, the lane of its host and the attempt, whose outcome is committed.
 * Whatever ends the process, a row that was on its way waits again at the next start.
 */
import type { Logger } from '@tandem/base'
import { type Compilable, readOutbox, type StoredOutboxEvent } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { Counters } from '../observe/counters.ts'
import { Attempts } from './attempts.ts'
import type { DeliveryClock } from './clock.ts'
import { type CommitSoon, Committer } from './committer.ts'
import type { Creators } from './creators.ts'
import { Cursor } from './cursor.ts'
import { Deliveries, type NewDelivery, newOutgoing, type Outgoing } from './deliveries.ts'
import { FailureWindow } from './failure-window.ts'
import { KeyOrder, type Recall } from './key-order.ts'
import { type LaneLimits, Lanes } from './lanes.ts'
import type { Post } from './post.ts'
import type { WebhookRegistry } from './registry.ts'
import type { TargetResolver } from './resolve-target.ts'
import { EVENT_AGE_MS_MAX, HOLD_MS } from './schedule.ts'
import type { ReadyWebhook } from './webhook.ts'

/** Events that are turned into deliveries in one commit. */
const EVENTS_AT_ONCE = 200
/** Deliveries taken out of the database at once. */
const TAKEN_AT_ONCE = 500
/** Deliveries in memory: some 10 MB. */
const MEMORY_MAX = 8_192
/** How long one waits in the database whose host has more than enough in memory. */
const CROWDED_MS = 2_000
/** How often the outbox is looked at although nobody called: another process may have written. */
const LOOK_MS = 2_000
/** How often the log is tidied. */
const TIDY_MS = 60_000
/** How soon a database that failed is asked again. */
const AGAIN_MS = 1_000

/** What a dispatcher works with. */
export interface DispatcherOptions {
  readonly db: ServerDatabase
  readonly registry: WebhookRegistry
  readonly resolver: TargetResolver
  readonly creators: Creators
  readonly post: Post
  readonly clock: DeliveryClock
  readonly counters: Counters
  readonly logger: Logger
  /** Failed attempts within five minutes that disable a webhook. */
  readonly disableFailures: number
  /** Takes a webhook out of service, with everything that it has waiting. */
  readonly disable: (webhookId: string, why: 'failures' | 'creatorGone') => Promise<void>
  /** 0 up to 1. */
  readonly random?: () => number
  readonly laneLimits?: LaneLimits
  /** How often the outbox is looked at although nobody called, and the log is tidied. */
  readonly pace?: { readonly lookMs: number; readonly tidyMs: number }
}

/** The deliveries of a server. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #deliveries: Deliveries
  readonly #cursor: Cursor
  readonly #committer: Committer
  readonly #order: KeyOrder<Outgoing>
  readonly #lanes: Lanes<Outgoing>
  readonly #attempts: Attempts
  readonly #window: FailureWindow
  readonly #inMemory = new Map<string, Outgoing>()
  readonly #touched = new Set<string>()
  #following: Promise<void> | undefined
  #followAgain = false
  #pulling: Promise<void> | undefined
  #pullAgain = false
  #tidying: Promise<void> | undefined
  /** More is due than memory takes. */
  #crowded = false
  #pullAt = Number.POSITIVE_INFINITY
  #callOffPull: () => void = () => {}
  #callOffs: (() => void)[] = []
  #state: 'idle' | 'running' | 'stopped' = 'idle'

  constructor(options: DispatcherOptions) {
    this.#options = options
    const { db, clock, logger } = options
    this.#deliveries = new Deliveries(db)
    this.#cursor = new Cursor(db)
    this.#committer = new Committer({ db, clock, logger })
    this.#window = new FailureWindow(options.disableFailures)
    this.#order = new KeyOrder({
      clock,
      release: (outgoing) => this.#send(outgoing),
      recall: (recall) => this.#recall(recall),
    })
    this.#lanes = new Lanes({
      clock,
      run: (outgoing) => this.#attempts.run(outgoing),
      ...(options.laneLimits === undefined ? {} : { limits: options.laneLimits }),
    })
    this.#attempts = new Attempts({
      ...options,
      random: options.random ?? Math.random,
      deliveries: this.#deliveries,
      window: this.#window,
      commitSoon: this.#commitSoon,
      order: this.#order,
      over: (outgoing, nextAt) => this.#over(outgoing, nextAt),
    })
  }

  /** Takes up what an earlier run left, then follows the outbox. */
  async start(): Promise<void> {
    const { clock, db } = this.#options
    const now = clock.now()
    await this.#cursor.load()
    await this.#deliveries.takeBack(now)
    for (const failed of await this.#deliveries.failedSince(now - HOLD_MS))
      this.#order.failed({ ...failed, queuedAt: failed.failedAt, attempts: 1 }, failed.failedAt)
    this.#state = 'running'
    this.#callOffs.push(db.onOutbox(() => this.wake()))
    this.#every(this.#options.pace?.lookMs ?? LOOK_MS, () => {
      this.wake()
      this.#pull() // A timer that was missed, or a clock that was set.
    })
    this.#every(this.#options.pace?.tidyMs ?? TIDY_MS, () => {
      this.#tidying ??= this.#tidy().finally(() => {
        this.#tidying = undefined
      })
    })
    this.#pull()
    await this.#pulling // What is older goes before what the outbox has.
    this.wake()
  }

  /** Attempts being made. */
  get underWay(): number {
    return this.#attempts.underWay
  }

  /** Looks at the outbox. */
  wake(): void {
    if (this.#state !== 'running' || this.#options.registry.active === 0) return
    if (this.#following !== undefined) {
      this.#followAgain = true
      return
    }
    this.#following = this.#follow().finally(() => {
      this.#following = undefined
      if (this.#followAgain) this.wake() // Somebody asked when it had looked already.
    })
  }

  /** Looks at what is due. */
  pull(): void {
    this.#pull()
  }

  /** A webhook was deleted or disabled: what it has waiting comes no more, or in its order when it is revived. */
  stopped(webhookId: string): void {
    this.#order.forgetAway(webhookId)
  }

  /** A webhook was revived: its failures are forgotten. */
  revived(webhookId: string): void {
    this.#window.forget(webhookId)
    this.#order.forgetAway(webhookId)
    // One that was taken up after its row said active, and before the registry did, was paused once more.
    const again = this.#deliveries.resumeAll(webhookId, this.#options.clock.now())
    void this.#committer.add([again]).then(() => this.#pull())
    this.#pull()
  }

  /** What belongs into the commit that makes a webhook active: it is told of nothing that was before it. */
  async beforeActive(): Promise<readonly Compilable[]> {
    if (this.#options.registry.active > 0) return [this.#cursor.statement()]
    return [await this.#cursor.toEnd()]
  }

  /** Resolves when nothing is on its way and everything that became of it is on disk. For tests and benchmarks. */
  async settled(): Promise<void> {
    do {
      await this.#following
      await this.#pulling
      await this.#tidying
      await this.#committer.settled()
    } while (this.#following !== undefined || this.#pulling !== undefined)
  }

  /** Stops taking up new deliveries and waits for the attempts under way, at most so many milliseconds. */
  async stop(graceMs: number): Promise<void> {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    this.#callOffPull()
    for (const callOff of this.#callOffs) callOff()
    await this.#following
    await this.#pulling
    await this.#tidying
    const until = performance.now() + graceMs
    while (this.#attempts.underWay > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20))
    await this.#committer.close()
  }

  readonly #commitSoon: CommitSoon = (statements) => this.#committer.add(statements)

  async #follow(): Promise<void> {
    const { db, logger, clock } = this.#options
    try {
      for (;;) {
        this.#followAgain = false
        const events = await readOutbox(db, { after: this.#cursor.at, limit: EVENTS_AT_ONCE })
        if (events.length > 0) await this.#fanOut(events)
        if (this.#state !== 'running') return
        if (events.length < EVENTS_AT_ONCE && !this.#followAgain) return
      }
    } catch (error) {
      logger.warn('Events could not be turned into deliveries; they wait in the outbox', {
        error: String(error),
      })
      clock.after(AGAIN_MS, () => this.wake())
    }
  }

  async #fanOut(events: readonly StoredOutboxEvent[]): Promise<void> {
    const now = this.#options.clock.now()
    const rows: NewDelivery[] = []
    let room = MEMORY_MAX - this.#inMemory.size
    for (const event of events)
      for (const { webhook, target } of this.#options.registry.wanting(event)) {
        const outgoing = newOutgoing(webhook.id, event, now)
        const tooOld = now > event.createdAt + EVENT_AGE_MS_MAX // Given up where it is taken up.
        const fits = !tooOld && room > 0 && !this.#crowded && this.#lanes.hasRoom(hostOf(target))
        if (fits) room--
        else this.#order.wentAway(outgoing) // Before it is there: the other loop may take it up at once.
        rows.push({ orgId: webhook.orgId, outgoing, waitsUntil: fits ? undefined : now })
      }
    const last = events.at(-1)?.id ?? this.#cursor.at
    if (rows.length === 0) {
      await this.#cursor.pass(last)
      return
    }
    await this.#options.db.commit([...this.#deliveries.insert(rows), this.#cursor.statement(last)])
    this.#cursor.moved(last)
    for (const { outgoing, waitsUntil } of rows) {
      this.#touched.add(outgoing.webhookId)
      if (waitsUntil === undefined) this.#enter(outgoing)
    }
    if (rows.some((row) => row.waitsUntil !== undefined)) this.#crowded = true
    if (this.#crowded) this.#pull()
  }

  /** In the order of commits: whatever was put back before is due now as well. */
  async #recall(recall: Recall): Promise<void> {
    await this.#committer.add([this.#deliveries.recall(recall, this.#options.clock.now())])
    this.#pull()
  }

  /** A delivery is in memory from now on. */
  #enter(outgoing: Outgoing): void {
    this.#inMemory.set(outgoing.id, outgoing)
    const admission = this.#order.admit(outgoing)
    if (admission.kind === 'go') this.#send(outgoing)
    else if (admission.kind === 'later') this.#putBack(outgoing, admission.at)
  }

  #send(outgoing: Outgoing): void {
    const ready: ReadyWebhook | undefined = this.#options.registry.get(outgoing.webhookId)
    if (ready === undefined) {
      this.#order.over(outgoing) // Its webhook was deleted, and its row with it.
      this.#over(outgoing)
    } else this.#lanes.push(hostOf(ready.target), outgoing)
  }

  #putBack(outgoing: Outgoing, at: number): void {
    void this.#committer
      .add([this.#deliveries.putBack([outgoing.id], at)])
      .then(() => this.#over(outgoing, at))
  }

  /** A delivery left memory; `nextAt` when it waits in the database. */
  #over(outgoing: Outgoing, nextAt?: number): void {
    this.#inMemory.delete(outgoing.id)
    if (nextAt !== undefined) this.#pullBy(nextAt)
    if (this.#crowded && this.#inMemory.size < MEMORY_MAX / 2) this.#pull()
  }

  #pullBy(at: number): void {
    if (this.#state !== 'running' || at >= this.#pullAt) return
    this.#callOffPull()
    this.#pullAt = at
    this.#callOffPull = this.#options.clock.after(Math.max(0, at - this.#options.clock.now()), () => {
      this.#pullAt = Number.POSITIVE_INFINITY
      this.#pull()
    })
  }

  #pull(): void {
    if (this.#state !== 'running') return
    if (this.#pulling !== undefined) {
      this.#pullAgain = true
      return
    }
    this.#pulling = this.#pullDue().finally(() => {
      this.#pulling = undefined
      if (this.#pullAgain) this.#pull() // Somebody asked when it had looked already.
    })
  }

  async #pullDue(): Promise<void> {
    const { clock, logger } = this.#options
    this.#pullAgain = false
    try {
      do {
        this.#pullAgain = false
        const room = Math.min(TAKEN_AT_ONCE, MEMORY_MAX - this.#inMemory.size)
        if (room <= 0) {
          this.#crowded = true // `#over` comes back to it.
          return
        }
        const taken = await this.#deliveries.take(clock.now(), room)
        this.#crowded = taken.length === room
        await this.#takeUp(taken)
      } while ((this.#crowded || this.#pullAgain) && this.#state === 'running')
      const next = await this.#deliveries.nextDueAt()
      if (next !== undefined) this.#pullBy(next)
    } catch (error) {
      logger.warn('Waiting deliveries could not be read; they wait on', { error: String(error) })
      this.#pullBy(clock.now() + AGAIN_MS)
    }
  }

  async #takeUp(taken: readonly Outgoing[]): Promise<void> {
    const now = this.#options.clock.now()
    const crowded: string[] = []
    for (const outgoing of taken) {
      this.#touched.add(outgoing.webhookId)
      const ready = this.#options.registry.get(outgoing.webhookId)
      if (outgoing.payload === undefined || now > outgoing.eventAt + EVENT_AGE_MS_MAX) {
        this.#inMemory.set(outgoing.id, outgoing)
        this.#attempts.giveUp(outgoing)
      } else if (ready !== undefined && !this.#lanes.hasRoom(hostOf(ready.target))) {
        this.#order.wentAway(outgoing)
        crowded.push(outgoing.id)
      } else this.#enter(outgoing)
    }
    if (crowded.length === 0) return
    await this.#committer.add([this.#deliveries.putBack(crowded, now + CROWDED_MS)])
  }

  async #tidy(): Promise<void> {
    const { clock, counters, logger } = this.#options
    const now = clock.now()
    this.#window.tidy(now)
    try {
      const touched = [...this.#touched]
      this.#touched.clear()
      const givenUp = await this.#deliveries.giveUpPaused(now)
      if (givenUp > 0) counters.add('tandem_webhook_deliveries_total', { outcome: 'givenUp' }, givenUp)
      await this.#deliveries.prune(now, touched)
    } catch (error) {
      logger.warn('The log of deliveries could not be tidied; it is tried again', { error: String(error) })
    }
  }

  #every(ms: number, run: () => void): void {
    let callOff = (): void => {}
    const again = (): void => {
      callOff = this.#options.clock.after(ms, () => {
        run()
        again()
      })
    }
    again()
    this.#callOffs.push(() => callOff())
  }
}

/** What a lane belongs to: a host and its port. */
function hostOf({ host, port }: ReadyWebhook['target']): string {
  return `${host} ${port}`
}
