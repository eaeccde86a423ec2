/**
 * What the endpoint asks of a call, whichever side placed it, and what both sides do alike with requests inside a
 * dialog that are not about the session (RFC 3261 §12.2.2).
 */
import type { Instant } from '@tandem/base'
import { abilityFields, type Core, respond } from '../endpoint/core.ts'
import type { MessageFacts } from '../endpoint/facts.ts'
import type { SipCallId } from '../endpoint-api.ts'
import type { SipRequest } from '../message/message.ts'
import type { ServerEntry } from '../transaction/entry.ts'
import type { Dialog } from './dialog.ts'
import type { Session } from './session.ts'

/** One INVITE usage, from its INVITE to its end. */
export interface Call {
  readonly id: SipCallId
  readonly callId: string
  readonly localTag: string
  /** True once the user has ended the call and hears no more of it. */
  readonly silent: boolean
  /** Present once a 2xx was sent or has come. */
  readonly session: Session | undefined
  /** The dialog with this peer tag; without a tag the only one, or the first that there was. */
  dialog(remoteTag: string | undefined): Dialog | undefined
  /** A request in one of its dialogs, other than ACK and CANCEL; its transaction runs already. */
  takeRequest(now: Instant, entry: ServerEntry): void
  /** An ACK in one of its dialogs. */
  takeAck(now: Instant, ack: SipRequest, facts: MessageFacts): void
  /** The CANCEL of its INVITE. */
  takeCancel(now: Instant, cancel: SipRequest): void
  /** An UPDATE without an offer, when its dialog is there and the peer takes one (RFC 3311 §5.1). */
  update(now: Instant, headers: Iterable<readonly [string, string]>): void
  end(now: Instant, options: { readonly status?: number; readonly reason?: string }): void
}

/** Who a request inside a call is told of. */
export interface RequestTaker {
  readonly id: SipCallId
  /** True once the user has ended the call and hears no more of it. */
  readonly silent: boolean
}

/** Answers OPTIONS, passes on INFO, NOTIFY, REFER, MESSAGE, SUBSCRIBE, and refuses what no call understands. */
export function takeOther(core: Core, now: Instant, call: RequestTaker, entry: ServerEntry): void {
  const { method } = entry.request
  switch (method) {
    case 'OPTIONS':
      respond(core, now, entry, 200, { headers: [...abilityFields(core), ['Accept', 'application/sdp']] })
      return
    case 'INFO':
    case 'NOTIFY':
    case 'REFER':
    case 'MESSAGE':
    case 'SUBSCRIBE':
      if (call.silent) respond(core, now, entry, 481)
      else core.emit({ kind: 'callRequest', call: call.id, transaction: entry.id, request: entry.request })
      return
    case 'PRACK': // The call knows of no response that it could be for (RFC 3262 §3).
      respond(core, now, entry, 481)
      return
    default:
      respond(core, now, entry, 405, { headers: abilityFields(core) })
  }
}
