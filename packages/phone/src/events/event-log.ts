/**
 * What has happened on a phone, in order: for listeners, for loops, and for scripts that wait.
 *
 * It keeps the last events, so that whoever waits for something that came a moment ago finds it. A place in the log is
 * a cursor: the number of events before it.
 */
import { PhoneError } from '../phone-error.ts'
import { callOf, type PhoneEvent, type PhoneEventKind } from './event.ts'

/** How many events are kept: a script that waits is never this far behind. */
export const EVENTS_KEPT_MAX = 1_000

const WAIT_MS_DEFAULT = 30_000 // About the time for which a phone rings before its owner gives up.

/** Where a wait begins, and when it is given up. */
export interface WaitOptions {
  /** A place in the log; its end when absent. */
  readonly since?: number
  /** Only events of the call with this number are waited for. */
  readonly call?: number
  /** Default 30,000. */
  readonly timeoutMs?: number
  /** Whether what is waited for can come no more after this event. */
  readonly stopAt?: (event: PhoneEvent) => boolean
}

/** Events in order, for listeners and for those who come late. */
export class EventLog {
  #events: PhoneEvent[] = []
  #forgotten = 0
  #closed = false
  readonly #listeners = new Set<(event: PhoneEvent) => void>()
  /** Loops that have seen everything: woken by the next event, or by the end. */
  readonly #sleepers = new Set<() => void>()

  /** How many events there have been: the cursor that sees only what is still to come. */
  get end(): number {
    return this.#forgotten + this.#events.length
  }

  add(event: PhoneEvent): void {
    this.#events.push(event)
    if (this.#events.length > EVENTS_KEPT_MAX) {
      this.#events.shift()
      this.#forgotten += 1
    }
    for (const listener of [...this.#listeners]) listener(event)
    this.#wake()
  }

  /** Nothing comes any more: loops end once they have seen what there is. Safe to repeat. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  /** Calls `listener` for every event from now on; the result ends that. */
  listen(listener: (event: PhoneEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The first event from `cursor` on for which `matches` holds, and the cursor behind it; undefined when there is none. */
  find(
    cursor: number,
    matches: (event: PhoneEvent) => boolean,
  ): { readonly event: PhoneEvent; readonly cursor: number } | undefined {
    for (let at = Math.max(cursor, this.#forgotten); at < this.end; at++) {
      const event = this.#events[at - this.#forgotten] as PhoneEvent // Between the bounds.
      if (matches(event)) return { event, cursor: at + 1 }
    }
    return undefined
  }

  /**
   * Every event from `since` on, as it comes, until the log is closed. A loop that falls so far behind that an event it
   * has not seen is forgotten fails with `PhoneError` rather than miss it.
   */
  async *events(since: number = this.end): AsyncGenerator<PhoneEvent, void, void> {
    for (let cursor = since; ; cursor++) {
      while (cursor >= this.end) {
        if (this.#closed) return
        await new Promise<void>((resolve) => this.#sleepers.add(resolve))
      }
      const event = this.#events[cursor - this.#forgotten]
      if (event === undefined)
        throw new PhoneError(`${this.#forgotten - cursor} events are forgotten: read them sooner`)
      yield event
    }
  }

  /** Comes back with the first event of those kinds; fails with `PhoneError` as `WaitOptions` say. */
  waitFor<Kind extends PhoneEventKind>(
    kinds: Kind | readonly Kind[],
    options: WaitOptions = {},
  ): Promise<{ readonly event: Extract<PhoneEvent, { kind: Kind }>; readonly cursor: number }> {
    const wanted: readonly string[] = typeof kinds === 'string' ? [kinds] : kinds
    const { since = this.end, call, timeoutMs = WAIT_MS_DEFAULT, stopAt = () => false } = options
    const isWanted = (event: PhoneEvent): boolean =>
      wanted.includes(event.kind) && (call === undefined || callOf(event) === call)
    const what = `${wanted.join(' or ')}${call === undefined ? '' : ` of call ${call}`}`
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.find(since, (event) => isWanted(event) || stopAt(event))
        if (found === undefined) return
        clearTimeout(timer)
        stopListening()
        if (isWanted(found.event))
          resolve(found as Parameters<typeof resolve>[0]) // Its kind was just seen.
        else reject(new PhoneError(`waited for ${what}, but ${describe(found.event)}`))
      }
      const stopListening = this.listen(look)
      const timer = setTimeout(() => {
        stopListening()
        reject(new PhoneError(`waited ${timeoutMs} ms in vain for ${what}`))
      }, timeoutMs)
      look()
    })
  }

  #wake(): void {
    const sleepers = [...this.#sleepers]
    this.#sleepers.clear()
    for (const wake of sleepers) wake()
  }
}

function describe(event: PhoneEvent): string {
  return 'status' in event ? `${event.kind} came with ${event.status}` : `${event.kind} came`
}
