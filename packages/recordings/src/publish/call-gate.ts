/**
 * Recordings of one call half that become available together, when the half has ended (converged-recordings, "Stopping
 * and starting again"): those that are ready wait here for the end of their half, and at its end for those of it that are
 * still being made. It does no I/O; every input returns what may be published now.
 */

/**
 * Ends of halves that are remembered for recordings which come later: the end of the journal is told up to half a second
 * after the end of the call, and a full disk may take much longer.
 */
export const ENDED_MAX = 20_000

/** What waits. */
export interface Gated {
  readonly id: string
  /** The half that is recorded. */
  readonly callId: string
}

type Waiting<Item> = { readonly items: Item[]; awaited: Set<string> | undefined }

/** The recordings that wait for the end of their calls. */
export class CallGate<Item extends Gated> {
  readonly #calls = new Map<string, Waiting<Item>>()
  readonly #held = new Set<string>()
  /** Oldest first. */
  readonly #ended = new Set<string>()

  /** How many recordings wait. */
  get count(): number {
    return this.#held.size
  }

  /** Their ids. */
  get ids(): Iterable<string> {
    return this.#held
  }

  /** The halves they are of. */
  get callIds(): readonly string[] {
    return [...this.#calls.keys()]
  }

  /** Whether this recording waits. */
  holds(id: string): boolean {
    return this.#held.has(id)
  }

  /** Whether any recording of this half waits. */
  holdsOf(callId: string): boolean {
    return this.#calls.has(callId)
  }

  /** A recording is ready, and waits until its half is released. Returns those that waited for it alone. */
  hold(item: Item): readonly Item[] {
    this.#held.add(item.id)
    const waiting = this.#calls.get(item.callId)
    if (waiting === undefined) this.#calls.set(item.callId, { items: [item], awaited: undefined })
    else waiting.items.push(item)
    return this.passed(item.id)
  }

  /** A half has ended. Its recordings wait on until `release`. */
  ended(callId: string): void {
    this.#ended.delete(callId)
    this.#ended.add(callId)
    if (this.#ended.size <= ENDED_MAX) return
    for (const oldest of this.#ended) {
      this.#ended.delete(oldest)
      return
    }
  }

  /** Whether a half has ended, as far as that is remembered. */
  hasEnded(callId: string): boolean {
    return this.#ended.has(callId)
  }

  /** Gives out a half's recordings, once each of `making` was held or has passed. */
  release(callId: string, making: Iterable<string>): readonly Item[] {
    const waiting = this.#calls.get(callId)
    if (waiting === undefined) return []
    const awaited = new Set([...making].filter((id) => !this.#held.has(id)))
    if (awaited.size === 0) return this.#giveOut(callId, waiting)
    waiting.awaited = awaited
    return []
  }

  /** Nobody need wait for this recording any more: it failed, or went its own way. Returns those that waited for it alone. */
  passed(id: string): readonly Item[] {
    return [...this.#calls].flatMap(([callId, waiting]) => {
      const { awaited } = waiting
      if (awaited?.delete(id) !== true || awaited.size > 0) return []
      return this.#giveOut(callId, waiting)
    })
  }

  #giveOut(callId: string, waiting: Waiting<Item>): readonly Item[] {
    this.#calls.delete(callId)
    for (const { id } of waiting.items) this.#held.delete(id)
    return waiting.items
  }
}
