/**
 * One transaction of the table with what surrounds its machine: its key, its way, and who listens.
 *
 * Others see entries through `ClientEntry` and `ServerEntry`; only the table changes them.
 */
import type { Instant } from '@tandem/base'
import type { MessageFacts } from '../endpoint/facts.ts'
import type { ClientTransactionId, ServerTransactionId } from '../endpoint-api.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Destination, Flow } from '../transport/flow.ts'
import type { InviteClientTransaction } from './invite-client.ts'
import type { InviteServerTransaction } from './invite-server.ts'
import type { NonInviteClientTransaction } from './non-invite-client.ts'
import type { NonInviteServerTransaction } from './non-invite-server.ts'

/** Anything that waits in the endpoint's heap of deadlines. */
export interface Timed {
  readonly deadline: Instant
  /** Moves time forward; what it causes is put among the outputs of the step. */
  wake(now: Instant): void
}

/** Who sent a request and wants its responses. A time-out is a 408 and a dead way a 503, both without a flow. */
export interface ClientListener {
  response(now: Instant, response: SipResponse, flow: Flow | undefined): void
}

/** A listener for requests whose answer changes nothing: CANCEL, the BYE of a call that is over. */
export const DEAF: ClientListener = { response() {} }

/** A request of ours on its way, as its sender sees it. */
export interface ClientEntry {
  readonly id: ClientTransactionId
  /** As it was sent, with its Via. */
  readonly request: SipRequest
  readonly destination: Destination
}

/** A request of a peer that is being answered, as its user sees it. */
export interface ServerEntry {
  readonly id: ServerTransactionId
  readonly request: SipRequest
  readonly facts: MessageFacts
  readonly flow: Flow
  /** The To tag of our responses. */
  readonly toTag: string
  /** Whether a final response can still be given. */
  readonly awaitsAnswer: boolean
}

/** The machine of a client transaction and the way it goes; both change when TCP fails and UDP takes over. */
export interface ClientWay {
  readonly key: string
  readonly request: SipRequest
  readonly destination: Destination
  readonly machine: InviteClientTransaction | NonInviteClientTransaction
  /** Where to try next when this way is dead (RFC 3261 §18.1.1). */
  readonly fallback: Destination | undefined
}

/** A client transaction in the table. */
export class Client implements ClientEntry, Timed {
  readonly id: ClientTransactionId
  readonly listener: ClientListener
  way: ClientWay
  /** Whether the listener has had its final response. */
  answered = false
  readonly #wake: (now: Instant, client: Client) => void

  constructor(
    parts: { readonly id: ClientTransactionId; readonly listener: ClientListener; readonly way: ClientWay },
    wake: (now: Instant, client: Client) => void,
  ) {
    this.id = parts.id
    this.listener = parts.listener
    this.way = parts.way
    this.#wake = wake
  }

  get request(): SipRequest {
    return this.way.request
  }

  get destination(): Destination {
    return this.way.destination
  }

  get deadline(): Instant {
    return this.way.machine.deadline
  }

  wake(now: Instant): void {
    this.#wake(now, this)
  }
}

/** What a server transaction is made with. */
export interface ServerParts {
  readonly id: ServerTransactionId
  readonly key: string
  readonly mergeKey: string | undefined
  readonly request: SipRequest
  readonly facts: MessageFacts
  readonly flow: Flow
  readonly destination: Destination
  readonly toTag: string
  readonly machine: InviteServerTransaction | NonInviteServerTransaction
}

/** A server transaction in the table. */
export class Server implements ServerEntry, Timed {
  readonly parts: ServerParts
  readonly #wake: (now: Instant, server: Server) => void

  constructor(parts: ServerParts, wake: (now: Instant, server: Server) => void) {
    this.parts = parts
    this.#wake = wake
  }

  get id(): ServerTransactionId {
    return this.parts.id
  }

  get request(): SipRequest {
    return this.parts.request
  }

  get facts(): MessageFacts {
    return this.parts.facts
  }

  get flow(): Flow {
    return this.parts.flow
  }

  get toTag(): string {
    return this.parts.toTag
  }

  get awaitsAnswer(): boolean {
    return this.parts.machine.awaitsAnswer
  }

  get deadline(): Instant {
    return this.parts.machine.deadline
  }

  wake(now: Instant): void {
    this.#wake(now, this)
  }
}
