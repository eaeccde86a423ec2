/**
 * The order of deliveries to one webhook that are about the same call or recording (contract, webhooks §8): one after the
 * other, and a failing one holds back the later ones for a minute at most; then they pass it. What is held is in memory
 * here and in the database beside; no more of one webhook than a limit, so that a dead target cannot fill the memory.
 */
import type { DeliveryClock } from './clock.ts'
import { HOLD_MS } from './schedule.ts'

/** What of a delivery the order needs. Moments in Unix milliseconds. */
export interface Ordered {
  readonly id: string
  readonly webhookId: string
  readonly key: string
  readonly queuedAt: number
  /** Attempts made before. */
  readonly attempts: number
}

/** Deliveries of one webhook that are held in memory. */
export const HELD_PER_WEBHOOK_MAX = 100

/** How soon one that was sent to the database may come again. */
const LATER_MS_MIN = 1_000

/** What is to be done with a delivery that comes. */
export type Admission =
  | { readonly kind: 'go' }
  /** It is told to `release` when its turn comes. */
  | { readonly kind: 'held' }
  /** Too many are held: it belongs into the database until then. */
  | { readonly kind: 'later'; readonly at: number }

interface Chain<Item extends Ordered> {
  readonly name: string
  /** First attempts under way, or waiting for their host. */
  readonly going: Set<string>
  /** Deliveries that have failed, until when each holds back others. */
  readonly failing: Map<string, number>
  readonly held: Item[]
  /** The last to end failed: those that have waited for a minute wait for nobody any more. */
  troubled: boolean
  /** Some were sent to the database until then; none may pass them. */
  laterUntil: number
  wakeAt: number
  callOff: () => void
}

/** Every chain with something in it. */
export class KeyOrder<Item extends Ordered> {
  readonly #clock: DeliveryClock
  readonly #release: (item: Item) => void
  readonly #chains = new Map<string, Chain<Item>>()
  readonly #heldOf = new Map<string, number>()

  constructor(options: { readonly clock: DeliveryClock; readonly release: (item: Item) => void }) {
    this.#clock = options.clock
    this.#release = options.release
  }

  /** A delivery comes, in the order of its events. */
  admit(item: Item): Admission {
    const chain = this.#chainOf(item)
    if (item.attempts > 0) return { kind: 'go' } // It is what the others wait for.
    const now = this.#clock.now()
    if (!this.#blocks(chain, item, now)) {
      chain.going.add(item.id)
      return { kind: 'go' }
    }
    const held = this.#heldOf.get(item.webhookId) ?? 0
    // Behind one that was sent to the database nobody is held here: it would be overtaken when it comes back.
    if (held >= HELD_PER_WEBHOOK_MAX || chain.laterUntil > now) {
      const passesAt = Math.min(this.#failingUntil(chain, now), item.queuedAt + HOLD_MS)
      const at = Math.max(chain.laterUntil, passesAt, now + LATER_MS_MIN)
      chain.laterUntil = at
      this.#wake(chain)
      return { kind: 'later', at }
    }
    this.#heldOf.set(item.webhookId, held + 1)
    chain.held.push(item)
    this.#wake(chain)
    return { kind: 'held' }
  }

  /** A delivery is over: it arrived, was given up, or is gone with its webhook. */
  over(item: Ordered): void {
    const chain = this.#chains.get(nameOf(item))
    if (chain === undefined) return
    chain.going.delete(item.id)
    chain.failing.delete(item.id)
    chain.troubled = false
    this.#advance(chain)
  }

  /** A delivery failed for the first time at `failedAt` and will be tried again. */
  failed(item: Ordered, failedAt: number): void {
    const chain = this.#chainOf(item)
    chain.going.delete(item.id)
    chain.troubled = true
    if (failedAt + HOLD_MS > this.#clock.now()) chain.failing.set(item.id, failedAt + HOLD_MS)
    this.#advance(chain)
  }

  /** Whether a delivery must wait: for one under way, one that fails, or one before it; where they fail, for a minute. */
  #blocks(chain: Chain<Item>, item: Item, now: number): boolean {
    if (chain.troubled && now >= item.queuedAt + HOLD_MS) return false
    return (
      chain.going.size > 0 ||
      chain.laterUntil > now ||
      this.#failingUntil(chain, now) > now ||
      (chain.held.length > 0 && chain.held[0] !== item)
    )
  }

  #failingUntil(chain: Chain<Item>, now: number): number {
    let until = now
    for (const each of chain.failing.values()) until = Math.max(until, each)
    return until
  }

  #advance(chain: Chain<Item>): void {
    const now = this.#clock.now()
    for (const [id, until] of chain.failing) if (until <= now) chain.failing.delete(id)
    for (;;) {
      const [first] = chain.held
      if (first === undefined || this.#blocks(chain, first, now)) break
      chain.held.shift()
      const held = (this.#heldOf.get(first.webhookId) ?? 1) - 1
      if (held === 0) this.#heldOf.delete(first.webhookId)
      else this.#heldOf.set(first.webhookId, held)
      chain.going.add(first.id)
      this.#release(first)
    }
    this.#wake(chain)
  }

  /** Sees to it that the chain goes on by time alone, or goes when nothing is left in it. */
  #wake(chain: Chain<Item>): void {
    const now = this.#clock.now()
    let at = Number.POSITIVE_INFINITY
    for (const until of chain.failing.values()) at = Math.min(at, until)
    if (chain.laterUntil > now) at = Math.min(at, chain.laterUntil)
    const [first] = chain.held
    if (first !== undefined && chain.troubled) at = Math.min(at, first.queuedAt + HOLD_MS)
    if (at === chain.wakeAt) return
    chain.callOff()
    chain.wakeAt = at
    chain.callOff = () => {}
    if (at !== Number.POSITIVE_INFINITY)
      chain.callOff = this.#clock.after(Math.max(0, at - now), () => {
        chain.wakeAt = Number.POSITIVE_INFINITY
        this.#advance(chain)
      })
    else if (chain.going.size === 0) this.#chains.delete(chain.name)
  }

  #chainOf(item: Ordered): Chain<Item> {
    const name = nameOf(item)
    let chain = this.#chains.get(name)
    if (chain === undefined) {
      chain = {
        name,
        going: new Set(),
        failing: new Map(),
        held: [],
        troubled: false,
        laterUntil: 0,
        wakeAt: Number.POSITIVE_INFINITY,
        callOff: () => {},
      }
      this.#chains.set(name, chain)
    }
    return chain
  }
}

function nameOf({ webhookId, key }: Ordered): string {
  return `${webhookId} ${key}`
}
