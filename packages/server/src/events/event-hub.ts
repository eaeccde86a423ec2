/**
 * Live events for everybody who listens: one reader of the outbox, whatever the number of listeners. An event is printed
 * once and handed to those whose organisation or person it names, found by an index and judged by `sight.ts`.
 *
 * Nothing is lost or repeated over a reconnect: a listener that names its last id first gets what it missed, read from the
 * outbox, and joins the others at exactly the id where that ends. While nobody listens nothing is read.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { ERRORS } from '@tandem/contract'
import { OUTBOX_PAGE_MAX, readOutbox, type StoredOutboxEvent } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import { Failure } from '../http/failure.ts'
import { eventFrame, HEARTBEAT, openingFrame, positionFrame } from './event-frame.ts'
import { type EventStream, WAITING_BYTES_MAX } from './event-stream.ts'
import { Listener, type ListenerTerms } from './listener.ts'
import { Listeners } from './listeners.ts'
import { missed, newestId, oldestId } from './outbox-pages.ts'
import { stillHolds } from './subscription.ts'
import { Turns } from './turns.ts'

/** What a hub is made of. */
export interface EventHubOptions {
  readonly db: ServerDatabase
  /** Most streams in all. */
  readonly listenersMax: number
  /** Does something again and again; returns how to stop. A test has its own. */
  readonly every?: (ms: number, run: () => void) => () => void
  /** From 0 to 1; `Math.random` unless a test wants to know. */
  readonly random?: () => number
}

/** Most streams of one token. */
export const LISTENERS_PER_TOKEN_MAX = 8
/** How often a comment goes out, so that no proxy takes a quiet stream for a dead one. */
export const HEARTBEAT_MS = 15_000
/** How often tokens are looked at again: with the half second for which callers are remembered, within one second. */
export const RECHECK_MS = 250
/** How often the outbox is read although nobody has called: another process may have written to it. */
export const POLL_MS = 1_000
/** Listeners that catch up at the same time; the others wait for their turn. */
const CATCHING_UP_MAX = 4
/** Bytes of frames after which connections get their turn: half of what may wait for one. */
const TURN_BYTES: number = WAITING_BYTES_MAX / 2
/** When to come back to where no more streams may be opened. */
const FULL_SECONDS = 5

/** The streams of one server. */
export class EventHub {
  readonly #options: EventHubOptions
  readonly #listeners = new Listeners()
  readonly #turns = new Turns(CATCHING_UP_MAX)
  /** Resolves when `#at` is known; `undefined` while nobody listens. */
  #begun: Promise<void> | undefined
  /** Everything up to this id has been handed out. */
  #at = 0
  #stops: (() => void)[] = []
  #reading: Promise<void> | undefined
  #isStale = false
  #isRechecking = false
  #isClosed = false

  constructor(options: EventHubOptions) {
    this.#options = options
  }

  /** Streams that are open. */
  get size(): number {
    return this.#listeners.size
  }

  /** Opens a stream. Throws the `Failure` that the request earns. */
  async open(terms: ListenerTerms): Promise<EventStream> {
    this.#admit(terms)
    const listener = new Listener(terms, this.#remove)
    this.#listeners.add(listener)
    try {
      this.#begun ??= this.#begin()
      await this.#begun
      if (terms.after !== undefined) await this.#checkKept(terms.after)
    } catch (error) {
      listener.stream.destroy()
      throw error
    }
    const { stream } = listener
    const { after } = terms
    if (after === undefined) this.#join(listener, this.#at)
    stream.send(openingFrame(listener.at, (this.#options.random ?? Math.random)()))
    if (after !== undefined) void this.#catchUp(listener, after)
    return stream
  }

  /** Ends every stream and opens no more: the server stops. */
  close(): void {
    this.#isClosed = true
    for (const listener of this.#listeners.all()) listener.stream.endWith('the server is stopping')
    this.#stop()
  }

  #admit({ tokenKey }: ListenerTerms): void {
    if (this.#isClosed) throw new Failure('service_draining', 'The server is stopping; connect again later')
    const wait = { 'retry-after': String(FULL_SECONDS) }
    if (this.#listeners.ofToken(tokenKey) >= LISTENERS_PER_TOKEN_MAX)
      throw new Failure(
        'too_many_requests',
        `A token may have ${LISTENERS_PER_TOKEN_MAX} streams of events; close one first`,
        wait,
      )
    if (this.#listeners.size >= this.#options.listenersMax)
      throw new Failure('overloaded', 'No more streams of events can be opened; retry later', wait)
  }

  async #begin(): Promise<void> {
    const { db, every = everyFewMs } = this.#options
    this.#stops = [
      db.onOutbox(() => this.#wake()),
      every(POLL_MS, () => this.#wake()),
      every(HEARTBEAT_MS, () => this.#beat()),
      every(RECHECK_MS, () => void this.#recheck()),
    ]
    try {
      this.#at = await newestId(db)
    } catch (error) {
      this.#stop()
      throw error
    }
  }

  #stop(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
    this.#begun = undefined
  }

  /** One for all listeners. */
  readonly #remove = (listener: Listener): void => {
    this.#listeners.remove(listener)
    if (this.#listeners.size === 0) this.#stop()
  }

  /** Refuses an id whose successors may be gone, or that was never given out. */
  async #checkKept(after: number): Promise<void> {
    const { db } = this.#options
    const newest = await newestId(db)
    const oldest = (await oldestId(db)) ?? newest + 1
    if (after < oldest - 1 || after > newest) throw new Failure('events_gone', ERRORS.events_gone.description)
  }

  #wake(): void {
    this.#isStale = true
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
  }

  async #read(): Promise<void> {
    await this.#begun?.catch(() => {})
    try {
      while (this.#isStale && this.#begun !== undefined) {
        this.#isStale = false
        const page = await readOutbox(this.#options.db, { after: this.#at, limit: OUTBOX_PAGE_MAX })
        await this.#handOutPage(page)
        if (page.length === OUTBOX_PAGE_MAX) this.#isStale = true
      }
    } catch {
      // The database is away; the next poll asks again, and nothing is passed over meanwhile.
    }
  }

  /** A page may hold more than may wait for one listener, so that connections get their turn in between. */
  async #handOutPage(page: readonly StoredOutboxEvent[]): Promise<void> {
    let bytes = 0
    for (const event of page) {
      // A page that was asked for before everybody left may come back after a new beginning.
      if (event.id <= this.#at) continue
      bytes += this.#handOut(event)
      this.#at = event.id // Before anything is awaited: whoever joins then begins here.
      if (bytes < TURN_BYTES) continue
      bytes = 0
      await turn()
    }
  }

  /** Gives the length of its frame; 0 when nobody wants it. */
  #handOut(event: StoredOutboxEvent): number {
    let frame: Buffer | undefined
    for (const listener of this.#listeners.concernedBy(event)) {
      if (!listener.wants(event)) continue
      frame ??= eventFrame(event)
      listener.send(event.id, frame)
    }
    return frame?.length ?? 0
  }

  /** Gives a listener what it missed, step by step, until it stands where the hub stands. */
  async #catchUp(listener: Listener, after: number): Promise<void> {
    const { stream, terms } = listener
    let at = after
    try {
      await this.#turns.take(async () => {
        while (at < this.#at && !stream.hasEnded) {
          const { events, upTo } = await missed(this.#options.db, terms.subscription, {
            after: at,
            end: this.#at,
          })
          for (const event of events) {
            if (!listener.wants(event)) continue
            stream.send(eventFrame(event))
            await stream.drained()
          }
          at = upTo
        }
        // Nothing was awaited since the comparison, so no event falls between what was read and what comes.
        if (!stream.hasEnded) this.#join(listener, at)
      })
    } catch {
      stream.endWith('the events cannot be read; connect again later')
    }
  }

  #join(listener: Listener, at: number): void {
    listener.at = at
    this.#listeners.join(listener)
  }

  /** Says where each listener stands when nothing came for it, so that it never falls behind what is kept. */
  #beat(): void {
    const position = positionFrame(this.#at)
    for (const { stream, at } of this.#listeners.all())
      stream.send(at === undefined || at >= this.#at ? HEARTBEAT : position)
    for (const listener of this.#listeners.joined()) listener.at = this.#at
  }

  /** Ends the streams of tokens that may no longer have them. */
  async #recheck(): Promise<void> {
    if (this.#isRechecking) return
    this.#isRechecking = true
    try {
      for (const listeners of this.#listeners.byToken()) {
        const [first] = listeners
        if (first === undefined) continue
        const caller = await first.terms.authenticate()
        for (const { stream, terms } of listeners)
          if (caller === undefined) stream.endWith('the token works no more')
          else if (!stillHolds(caller, terms.subscription)) stream.endWith('the token has lost a scope')
      }
    } catch {
      // The database is away: nothing new can be read or given out meanwhile.
    } finally {
      this.#isRechecking = false
    }
  }
}

function everyFewMs(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms)
  timer.unref()
  return () => clearInterval(timer)
}
