/**
 * The calls of one endpoint, and how a message finds its own: by name, by dialog (RFC 3261 §12), or, for a CANCEL, by
 * the INVITE that is still to be answered (§9.2).
 */
import type { Call } from '../dialog/call.ts'
import { IncomingCall } from '../dialog/incoming-call.ts'
import type { Session } from '../dialog/session.ts'
import type { ServerTransactionId, SipCallId } from '../endpoint-api.ts'
import type { MessageFacts } from './facts.ts'

/** All calls that are alive. */
export class CallTable {
  readonly #calls = new Map<SipCallId, Call>()
  /** The same calls by Call-ID and local tag. */
  readonly #byDialog = new Map<string, Call>()
  readonly #byInvite = new Map<ServerTransactionId, IncomingCall>()

  /** How many calls are alive. */
  get size(): number {
    return this.#calls.size
  }

  /** Adds a call; one that came in also by the transaction of its INVITE. */
  add(call: Call, invite?: ServerTransactionId): void {
    this.#calls.set(call.id, call)
    this.#byDialog.set(`${call.callId} ${call.localTag}`, call)
    if (invite !== undefined && call instanceof IncomingCall) this.#byInvite.set(invite, call)
  }

  /** The call is over: nothing that arrives is for it any more. Safe to repeat. */
  release(id: SipCallId): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    this.#calls.delete(id)
    this.#byDialog.delete(`${call.callId} ${call.localTag}`)
  }

  /** The transaction of an INVITE is over: no CANCEL can name it any more. */
  forgetInvite(transaction: ServerTransactionId): void {
    this.#byInvite.delete(transaction)
  }

  /** The call of this name, if it still lives. */
  get(id: SipCallId): Call | undefined {
    return this.#calls.get(id)
  }

  /** The same, if it came in. */
  incoming(id: SipCallId): IncomingCall | undefined {
    const call = this.#calls.get(id)
    return call instanceof IncomingCall ? call : undefined
  }

  /** The session of a call that is answered. */
  session(id: SipCallId): Session | undefined {
    return this.#calls.get(id)?.session
  }

  /** The call in whose dialog a message is, by the tag that we gave it. */
  inDialog(facts: MessageFacts): Call | undefined {
    return facts.toTag === undefined ? undefined : this.#byDialog.get(`${facts.callId} ${facts.toTag}`)
  }

  /** The call with this dialog, early or confirmed, seen from our side; one that its user has ended is none (RFC 3891 §3). */
  ofDialog(names: {
    readonly callId: string
    readonly localTag: string
    readonly remoteTag: string
  }): Call | undefined {
    const call = this.#byDialog.get(`${names.callId} ${names.localTag}`)
    return call === undefined || call.silent || call.dialog(names.remoteTag) === undefined ? undefined : call
  }

  /** The call that the INVITE of this transaction began. */
  ofInvite(transaction: ServerTransactionId): IncomingCall | undefined {
    return this.#byInvite.get(transaction)
  }
}
