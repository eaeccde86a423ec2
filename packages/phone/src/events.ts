/**
 * What a phone tells: a line of JSON each under `tandem phone --json`, and what scripts wait for.
 *
 * The log keeps what has happened, so that a script which waits for something that came a moment ago finds it.
 */
import type { VoiceStatistics } from './voice/voice.ts'

/** Something that happened. Times of day are added where events are printed. */
export type PhoneEvent =
  | { readonly kind: 'registered'; readonly expiresSeconds: number }
  | { readonly kind: 'unregistered' }
  /** The registrar refused or was not reached; the phone goes on trying unless `final`. */
  | {
      readonly kind: 'registrationFailed'
      readonly status: number
      readonly reason: string
      readonly final: boolean
    }
  /** Somebody calls. `remote` is the caller's address, `name` the display name, '' when there is none. */
  | {
      readonly kind: 'incoming'
      readonly remote: string
      readonly name: string
      readonly autoAnswer: boolean
    }
  /** The far end of our call rings. */
  | { readonly kind: 'ringing'; readonly status: number }
  | { readonly kind: 'established'; readonly direction: 'incoming' | 'outgoing'; readonly codec: string }
  /** A hold began or ended, by us or by the peer. */
  | { readonly kind: 'held'; readonly by: 'us' | 'peer'; readonly held: boolean }
  /** A re-INVITE of ours was refused; the call goes on as it was. */
  | { readonly kind: 'refused'; readonly what: 'hold' | 'resume'; readonly status: number }
  /** The peer pressed a key. */
  | { readonly kind: 'digit'; readonly digit: string }
  /** A file has been played to its end. */
  | { readonly kind: 'played' }
  /** The server asked for something by NOTIFY (`honourTalk`). */
  | { readonly kind: 'asked'; readonly what: 'talk' | 'hold' }
  | {
      readonly kind: 'ended'
      readonly why: 'us' | 'peer' | 'cancelled' | 'lost'
      readonly statistics: VoiceStatistics
    }
  /** Our call was not answered, or an incoming one was rejected by us. */
  | { readonly kind: 'failed'; readonly status: number; readonly reason: string }

/** The name of one kind of event. */
export type PhoneEventKind = PhoneEvent['kind']

/** All kinds, for scripts. */
export const PHONE_EVENT_KINDS: readonly PhoneEventKind[] = [
  'registered',
  'unregistered',
  'registrationFailed',
  'incoming',
  'ringing',
  'established',
  'held',
  'refused',
  'digit',
  'played',
  'asked',
  'ended',
  'failed',
]

const EVENTS_KEPT_MAX = 1_000 // A script that waits is never this far behind.

/** Events in order, for listeners and for those who come late. */
export class EventLog {
  #events: PhoneEvent[] = []
  #forgotten = 0
  readonly #listeners = new Set<(event: PhoneEvent) => void>()

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
}
