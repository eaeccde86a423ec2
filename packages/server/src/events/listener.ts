/** Somebody who listens: what for, as whom, and up to which event they have everything. */
import type { Caller } from '@tandem/contract'
import type { StoredOutboxEvent } from '@tandem/store'
import { EventStream } from './event-stream.ts'
import { isSeen, type Subscription } from './subscription.ts'

/** What a stream is opened with. */
export interface ListenerTerms {
  readonly subscription: Subscription
  /** The token, for its share of the streams. */
  readonly tokenKey: string
  /** Who stands behind that token now; `undefined` when it works no more. */
  readonly authenticate: () => Promise<Caller | undefined>
  /** The last event that the client has; absent when it wants new ones only. */
  readonly after?: number
}

/** One open stream. */
export class Listener {
  readonly terms: ListenerTerms
  readonly stream: EventStream
  /** Everything up to this id has been put in; `undefined` while it catches up. */
  at: number | undefined

  /** `onClosed` is called once, when its connection has gone. */
  constructor(terms: ListenerTerms, onClosed: (listener: Listener) => void) {
    this.terms = terms
    this.stream = new EventStream(() => onClosed(this))
  }

  /** Whether an event is for this listener. */
  wants(event: StoredOutboxEvent): boolean {
    return isSeen(this.terms.subscription, event)
  }

  /** Puts an event in, unless it has it. */
  send(id: number, frame: Buffer): void {
    if (this.at !== undefined && id <= this.at) return
    if (this.stream.send(frame)) this.at = id
  }
}
