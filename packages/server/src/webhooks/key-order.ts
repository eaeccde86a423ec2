/**
 * The order of deliveries to one webhook that are about the same call or recording (contract, webhooks §8): one after the
 * other, and a failing one holds back the later ones for a minute at most; then they pass it. Some of what is held is in
 * memory here. The rest is away, in the database alone, so that dead targets cannot fill the memory: of it the order is
 * remembered, and it is recalled when its turn comes.
 */
import type { DeliveryClock } from './clock.ts'
import { HOLD_MS } from './schedule.ts'

/** What of a delivery the order needs. Moments in Unix milliseconds. */
export interface Ordered {
  readonly id: string
  readonly webhookId: string
  readonly key: string
  /** Where its event stands in the outbox: the order of a key. */
  readonly outboxId: number
  readonly queuedAt: number
  /** Attempts made before. */
  readonly attempts: number
}

/** Deliveries of one webhook that are held in memory. */
export const HELD_PER_WEBHOOK_MAX = 100
/** Deliveries of all webhooks that are held in memory. */
export const HELD_MAX = 4_096
/** Deliveries of one key that are recalled at once. */
const RECALLED_AT_ONCE = 50
/** When one that is away comes by itself if it has waited for a minute already. A recall is sooner. */
const AWAY_MS = 10_000

/** What is to be done with a delivery that comes. */
export type Admission =
  | { readonly kind: 'go' }
  /** It is told to `release` when its turn comes. */
  | { readonly kind: 'held' }
  /** It belongs into the database until then, or until it is recalled. */
  | { readonly kind: 'later'; readonly at: number }

/** Deliveries of one key that are away and may come now: those up to a place in the outbox. */
export interface Recall {
  readonly webhookId: string
  readonly key: string
  readonly outboxIdMax: number
}

interface Chain<Item extends Ordered> {
  readonly name: string
  readonly webhookId: string
  readonly key: string
  /** First attempts under way, or waiting for their host. */
  readonly going: Set<string>
  /** Deliveries that have failed, until when each holds back others. */
  readonly failing: Map<string, number>
  readonly held: Item[]
  /** Places in the outbox of those that are away, in order; all of them behind those that are held. */
  away: number[]
  recalling: boolean
  /** The first of those that were recalled, and when that was first tried. */
  recalled: { readonly outboxId: number; readonly at: number } | undefined
  /** The last to end failed: those that have waited for a minute wait for nobody any more. */
  troubled: boolean
  wakeAt: number
  callOff: () => void
}

/** What an order works with. */
export interface KeyOrderOptions<Item extends Ordered> {
  readonly clock: DeliveryClock
  /** The turn of one that was held has come. */
  readonly release: (item: Item) => void
  /** Makes what is away due now; resolves when it is. */
  readonly recall: (recall: Recall) => Promise<void>
}

/** Every chain with something in it. */
export class KeyOrder<Item extends Ordered> {
  readonly #options: KeyOrderOptions<Item>
  readonly #chains = new Map<string, Chain<Item>>()
  readonly #heldOf = new Map<string, number>()
  #held = 0

  constructor(options: KeyOrderOptions<Item>) {
    this.#options = options
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#chains.size
  }

  /** A delivery comes. */
  admit(item: Item): Admission {
    if (item.attempts > 0) return { kind: 'go' } // It is what the others wait for.
    const now = this.#options.clock.now()
    const chain = this.#chainOf(item)
    const passes = chain.troubled && now >= item.queuedAt + HOLD_MS
    const overtakes = (chain.away[0] ?? Number.POSITIVE_INFINITY) < item.outboxId
    if (overtakes && !passes && !this.#isLost(chain, item, now)) return this.#later(chain, item, now)
    returned(chain, item)
    if (passes || !this.#blocks(chain, item, now)) {
      chain.going.add(item.id)
      return { kind: 'go' }
    }
    const held = this.#heldOf.get(item.webhookId) ?? 0
    if (held >= HELD_PER_WEBHOOK_MAX || this.#held >= HELD_MAX) return this.#later(chain, item, now)
    this.#heldOf.set(item.webhookId, held + 1)
    this.#held++
    chain.held.push(item)
    this.#wake(chain)
    return { kind: 'held' }
  }

  /** A delivery that was never tried waits in the database because its host has no room: none of its key may pass it. */
  wentAway(item: Ordered): void {
    if (item.attempts > 0) return
    const chain = this.#chainOf(item)
    let at = chain.away.length // Nearly always the last.
    while (at > 0 && (chain.away[at - 1] as number) > item.outboxId) at--
    if (chain.away[at - 1] !== item.outboxId) chain.away.splice(at, 0, item.outboxId)
  }

  /** A delivery is over: it arrived, was given up, or is gone with its webhook. */
  over(item: Ordered): void {
    const chain = this.#chains.get(nameOf(item))
    if (chain === undefined) return
    returned(chain, item)
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
    if (failedAt + HOLD_MS > this.#options.clock.now()) chain.failing.set(item.id, failedAt + HOLD_MS)
    this.#advance(chain)
  }

  /** Whatever of a webhook is away does not come any more, or in its order anyway. */
  forgetAway(webhookId: string): void {
    for (const chain of this.#chains.values())
      if (chain.webhookId === webhookId) {
        chain.away = []
        this.#wake(chain)
      }
  }

  #later(chain: Chain<Item>, item: Item, now: number): Admission {
    this.wentAway(item)
    if (chain.recalled?.outboxId !== chain.away[0]) this.#recall(chain, now) // Once; it may be on its way.
    this.#wake(chain)
    const passesAt = item.queuedAt + HOLD_MS
    return { kind: 'later', at: passesAt > now ? passesAt : now + AWAY_MS }
  }

  /**
   * Whether what is away before a delivery was recalled a minute ago and has not come: its row is gone, or its host has had
   * no room since. Nobody waits for it any more.
   */
  #isLost(chain: Chain<Item>, item: Item, now: number): boolean {
    const { recalled, away } = chain
    if (recalled === undefined || recalled.outboxId !== away[0] || now < recalled.at + HOLD_MS) return false
    chain.away = away.filter((outboxId) => outboxId >= item.outboxId)
    return true
  }

  /** Whether a delivery must wait: for one under way, one that fails, or one before it; where they fail, for a minute. */
  #blocks(chain: Chain<Item>, item: Item, now: number): boolean {
    if (chain.troubled && now >= item.queuedAt + HOLD_MS) return false
    return chain.going.size > 0 || isFailing(chain, now) || (chain.held.length > 0 && chain.held[0] !== item)
  }

  #advance(chain: Chain<Item>): void {
    const now = this.#options.clock.now()
    for (const [id, until] of chain.failing) if (until <= now) chain.failing.delete(id)
    for (;;) {
      const [first] = chain.held
      if (first === undefined || this.#blocks(chain, first, now)) break
      chain.held.shift()
      this.#held--
      const held = (this.#heldOf.get(first.webhookId) ?? 1) - 1
      if (held === 0) this.#heldOf.delete(first.webhookId)
      else this.#heldOf.set(first.webhookId, held)
      chain.going.add(first.id)
      this.#options.release(first)
    }
    this.#recall(chain, now)
    this.#wake(chain)
  }

  /** Nothing is before those that are away: they may come. */
  #recall(chain: Chain<Item>, now: number): void {
    const { webhookId, key, away } = chain
    const last = away[Math.min(away.length, RECALLED_AT_ONCE) - 1]
    if (last === undefined || chain.recalling) return
    if (chain.going.size > 0 || chain.held.length > 0 || isFailing(chain, now)) return
    const [first = last] = away
    if (chain.recalled?.outboxId !== first) chain.recalled = { outboxId: first, at: now }
    chain.recalling = true
    void this.#options.recall({ webhookId, key, outboxIdMax: last }).then(() => {
      chain.recalling = false
      this.#wake(chain)
    })
  }

  /** Sees to it that the chain goes on by time alone, or goes when nothing is left in it. */
  #wake(chain: Chain<Item>): void {
    const { clock } = this.#options
    const now = clock.now()
    let at = Number.POSITIVE_INFINITY
    for (const until of chain.failing.values()) at = Math.min(at, until)
    const [first] = chain.held
    if (first !== undefined && chain.troubled) at = Math.min(at, first.queuedAt + HOLD_MS)
    const { going, held, away } = chain
    if (at === Number.POSITIVE_INFINITY && going.size + held.length + away.length === 0 && !chain.recalling)
      this.#chains.delete(chain.name)
    if (at === chain.wakeAt) return
    chain.callOff()
    chain.wakeAt = at
    chain.callOff = () => {}
    if (at === Number.POSITIVE_INFINITY) return
    chain.callOff = clock.after(Math.max(0, at - now), () => {
      chain.wakeAt = Number.POSITIVE_INFINITY
      this.#advance(chain)
    })
  }

  #chainOf({ webhookId, key }: Ordered): Chain<Item> {
    const name = nameOf({ webhookId, key })
    let chain = this.#chains.get(name)
    if (chain === undefined) {
      chain = {
        ...{ name, webhookId, key },
        going: new Set(),
        failing: new Map(),
        held: [],
        away: [],
        recalling: false,
        recalled: undefined,
        troubled: false,
        wakeAt: Number.POSITIVE_INFINITY,
        callOff: () => {},
      }
      this.#chains.set(name, chain)
    }
    return chain
  }
}

/** A delivery is no longer away. */
function returned(chain: { readonly away: number[] }, { outboxId }: Ordered): void {
  const at = chain.away.indexOf(outboxId) // Nearly always the first.
  if (at >= 0) chain.away.splice(at, 1)
}

function isFailing({ failing }: { readonly failing: ReadonlyMap<string, number> }, now: number): boolean {
  for (const until of failing.values()) if (until > now) return true
  return false
}

function nameOf({ webhookId, key }: Pick<Ordered, 'webhookId' | 'key'>): string {
  return `${webhookId} ${key}`
}
