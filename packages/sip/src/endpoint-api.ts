/**
 * The face of the SIP endpoint: what its user (the call engine, the softphone) tells it, and what it says back.
 *
 * The endpoint owns transactions, dialogs and offer/answer; its user thinks in `SipCall`s: one INVITE usage of
 * one dialog (or of several early ones, until one answers). Nothing here does I/O or reads a clock: each method
 * takes the present time and returns what it caused, in the order to carry it out.
 */
import type { Instant, Machine } from '@tandem/base'
import type { Headers } from './message/headers.ts'
import type { SipMessage, SipRequest, SipResponse } from './message/message.ts'
import type { SessionDescription } from './sdp/description.ts'
import type { Destination, Flow, SocketAddress, TransportName } from './transport/flow.ts'

/** Names a call inside one endpoint. Never reused while the process lives. */
export type SipCallId = number
/** Names a server transaction that its user has still to answer. */
export type ServerTransactionId = number
/** Names a client transaction outside of calls (REGISTER, OPTIONS ...). */
export type ClientTransactionId = number

/** Sources of what a sans-IO package may not make itself. */
export interface SipCrypto {
  /** Lower-case hex digest of UTF-8 text. */
  hash(algorithm: 'md5' | 'sha256', text: string): string
  /** HMAC-SHA-256 of UTF-8 text, lower-case hex. */
  hmac(key: Uint8Array, text: string): string
  /** `length` random bytes from a cryptographic source (seeded in tests). */
  randomBytes(length: number): Uint8Array
}

/** How the endpoint names itself. */
export interface EndpointOptions {
  readonly crypto: SipCrypto
  /** `User-Agent` of requests and `Server` of responses. */
  readonly product: string
  /** The address that peers reach us at by this transport, for Via, Contact and Record-Route; IPv6 without brackets. */
  advertised(transport: TransportName, remote: SocketAddress): SocketAddress
  /** What its user answers beside the methods of the endpoint itself, for `Allow`: `['INFO', 'NOTIFY']`. */
  readonly methods?: readonly string[]
  /** Events advertised as `Allow-Events`, e.g. `['talk', 'hold']` for a phone. */
  readonly allowEvents?: readonly string[]
  /**
   * Option tags beside `100rel` and `timer` that its user carries out, e.g. `['replaces']`: for Supported, and what a
   * Require may name. Lower case.
   */
  readonly extensions?: readonly string[]
  /** Most calls at once; an INVITE above it is answered 503 with Retry-After. */
  readonly callsMax?: number
  /** Most transactions at once. */
  readonly transactionsMax?: number
  /**
   * Session-Expires that is asked for, in seconds (RFC 4028); the endpoint negotiates, refreshes and ends calls by it.
   * Absent: no session timers are asked for, those of peers are still kept.
   */
  readonly sessionExpiresSeconds?: number
}

/** An outgoing INVITE. */
export interface InviteOptions {
  /** Request-URI. */
  readonly uri: string
  /** From and To header values without tags, e.g. `"Ada" <sip:101@example.test>`. */
  readonly from: string
  readonly to: string
  readonly destination: Destination
  /** Route header values, outermost first (Path of the registration). */
  readonly route?: readonly string[]
  /** User part of our Contact. */
  readonly contactUser?: string
  /** Further header fields. */
  readonly headers?: Iterable<readonly [string, string]>
  /** How many hops it may go; 70 when absent. One less than the INVITE that it forwards had (RFC 3261 §16.6). */
  readonly maxForwards?: number
  /** The offer; without one the offer is delayed to the peer's 2xx and ours is the answer in the ACK. */
  readonly offer?: SessionDescription
  /** Gives up ringing after this time: CANCEL, then `rejected` with 408. */
  readonly ringMsMax?: number
  /** Answers a 401/407 challenge of the INVITE and of what follows in its dialog, each once. */
  readonly credentials?: Credentials
  /** A call chosen before, so that the caller's own tables can be filled first. */
  readonly callId?: string
}

/** What answers a digest challenge (RFC 8760: MD5 and SHA-256). */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** What the endpoint caused. */
export type EndpointOutput =
  | { readonly kind: 'transmit'; readonly destination: Destination; readonly message: SipMessage }
  | CallOutput
  /** A request outside of any call (REGISTER, OPTIONS, SUBSCRIBE, MESSAGE, REFER ...): answer it with `respond`. */
  | {
      readonly kind: 'request'
      readonly transaction: ServerTransactionId
      readonly request: SipRequest
      readonly flow: Flow
    }
  /** The final (or provisional) answer to a request sent with `send`; a time-out is a 408, an unreachable peer a 503. */
  | {
      readonly kind: 'response'
      readonly transaction: ClientTransactionId
      readonly response: SipResponse
      /** The flow it came by; absent when the response was made here. */
      readonly flow?: Flow
    }
  /** A message was refused without being answered or passed on; counted, never logged with its content. */
  | { readonly kind: 'refused'; readonly why: string }

/** What happened to a call. */
export type CallOutput =
  /** A new INVITE; ring, accept or reject it. `offer` is absent when the peer left it to us. 100 has been sent. */
  | {
      readonly kind: 'invited'
      readonly call: SipCallId
      readonly request: SipRequest
      readonly flow: Flow
      readonly offer?: SessionDescription
    }
  /** 101 to 199 to our INVITE. `answer` is early media, on the early dialog named by `dialog` (the peer's tag). */
  | {
      readonly kind: 'progressed'
      readonly call: SipCallId
      readonly status: number
      readonly response: SipResponse
      readonly dialog: string
      readonly answer?: SessionDescription
    }
  /**
   * 2xx to our INVITE; the ACK is on its way. With a delayed offer `offer` is set and the ACK waits for `acknowledge`.
   * Further 2xx of a forked INVITE are acknowledged and hung up here; nobody hears of them.
   */
  | {
      readonly kind: 'accepted'
      readonly call: SipCallId
      readonly response: SipResponse
      readonly dialog: string
      readonly answer?: SessionDescription
      readonly offer?: SessionDescription
    }
  /** Our INVITE failed, also by our own CANCEL (487), by time-out (408) or for want of a way (503). The call is over. */
  | {
      readonly kind: 'rejected'
      readonly call: SipCallId
      readonly status: number
      readonly response?: SipResponse
    }
  /** The peer cancelled its INVITE before we answered; 487 has been sent. The call is over. */
  | { readonly kind: 'cancelled'; readonly call: SipCallId; readonly reason?: string }
  /** The peer's ACK to our 2xx; `answer` is set when our 2xx carried the offer. */
  | { readonly kind: 'acknowledged'; readonly call: SipCallId; readonly answer?: SessionDescription }
  /** A re-INVITE or UPDATE; `offer` is absent when the peer wants ours. Reply with `answerOffer` or `rejectOffer`. */
  | {
      readonly kind: 'offered'
      readonly call: SipCallId
      readonly request: SipRequest
      readonly offer?: SessionDescription
    }
  /** Our re-INVITE was answered. Also said of a session refresh, which no `offer` began, if the answer differs from before. */
  | { readonly kind: 'answered'; readonly call: SipCallId; readonly answer: SessionDescription }
  /** Our re-INVITE was refused (491 is retried here first, RFC 3261 §14.1); the session stays as it was. */
  | { readonly kind: 'offerFailed'; readonly call: SipCallId; readonly status: number }
  /** An in-dialog request that the call does not handle itself (INFO, NOTIFY, REFER, MESSAGE): answer with `respond`. */
  | {
      readonly kind: 'callRequest'
      readonly call: SipCallId
      readonly transaction: ServerTransactionId
      readonly request: SipRequest
    }
  /** The answer to `requestInCall`. */
  | {
      readonly kind: 'callResponse'
      readonly call: SipCallId
      readonly transaction: ClientTransactionId
      readonly response: SipResponse
    }
  /** The dialog is over: the peer's BYE (answered already), or no ACK, or an in-dialog request met 408 or 481. */
  | {
      readonly kind: 'ended'
      readonly call: SipCallId
      readonly why: 'bye' | 'noAck' | 'timeout' | 'gone'
      readonly request?: SipRequest
    }

/** What starts a call or a transaction: its name, and what to carry out. */
export interface Started<Name> {
  readonly id: Name
  readonly outputs: EndpointOutput[]
}

/** The SIP user agent core of RFC 3261 §8, §12 to §15 and §17, as one machine. Implemented by `Endpoint`. */
export interface SipEndpoint extends Machine<EndpointOutput> {
  /** Takes a parsed message from the flow it came by. */
  receive(now: Instant, message: SipMessage, flow: Flow): EndpointOutput[]
  /** A `transmit` could not be sent at all; by the message it carried. */
  sendFailed(now: Instant, message: SipMessage): EndpointOutput[]

  /** Places a call. */
  invite(now: Instant, options: InviteOptions): Started<SipCallId>
  /** 101 to 199 to an incoming INVITE; with `answer` early media. Sent reliably where the peer can (RFC 3262). */
  progress(
    now: Instant,
    call: SipCallId,
    status: number,
    options?: { answer?: SessionDescription; headers?: Iterable<readonly [string, string]> },
  ): EndpointOutput[]
  /** 200 to an incoming INVITE, with the answer (or the offer, when the INVITE had none). Repeated until the ACK. */
  accept(
    now: Instant,
    call: SipCallId,
    description: SessionDescription,
    options?: { contactUser?: string; headers?: Iterable<readonly [string, string]> },
  ): EndpointOutput[]
  /** 300 to 699 to an incoming INVITE. The call is over. */
  reject(
    now: Instant,
    call: SipCallId,
    status: number,
    options?: { reason?: string; headers?: Iterable<readonly [string, string]> },
  ): EndpointOutput[]
  /** The answer to a delayed offer, in the ACK. */
  acknowledge(now: Instant, call: SipCallId, answer: SessionDescription): EndpointOutput[]
  /**
   * Ends a call in whatever state it is: CANCEL (held back until a 1xx), 480 to an unanswered INVITE, BYE after the
   * ACK. A 2xx that crosses the CANCEL is acknowledged and hung up. Safe to repeat; the call says nothing more.
   * `reason` is the value of the Reason header (RFC 3326) of that message.
   */
  end(now: Instant, call: SipCallId, options?: { status?: number; reason?: string }): EndpointOutput[]
  /** A re-INVITE with this offer; queued while another offer is open. */
  offer(
    now: Instant,
    call: SipCallId,
    offer: SessionDescription,
    options?: { headers?: Iterable<readonly [string, string]> },
  ): EndpointOutput[]
  /** An UPDATE without an offer (RFC 3311): new identities, a refreshed session. Nothing when the peer takes none. */
  update(now: Instant, call: SipCallId, headers: Iterable<readonly [string, string]>): EndpointOutput[]
  /** The answer to `offered` (or our offer, when it had none). */
  answerOffer(now: Instant, call: SipCallId, description: SessionDescription): EndpointOutput[]
  rejectOffer(now: Instant, call: SipCallId, status: number): EndpointOutput[]
  /** A request inside a call's dialog: INFO, NOTIFY talk (also in the early dialog `dialog`), REFER. */
  requestInCall(
    now: Instant,
    call: SipCallId,
    request: {
      method: string
      headers?: Iterable<readonly [string, string]>
      body?: Uint8Array
      dialog?: string
    },
  ): Started<ClientTransactionId>

  /** Answers `request` and `callRequest`. */
  respond(
    now: Instant,
    transaction: ServerTransactionId,
    status: number,
    options?: { reason?: string; headers?: Iterable<readonly [string, string]>; body?: Uint8Array },
  ): EndpointOutput[]
  /** Sends a request outside of calls. Via, Call-ID, CSeq, tags and Max-Forwards are added where missing. */
  send(now: Instant, request: OutgoingRequest): Started<ClientTransactionId>
  /** The Call-ID, tags and peer target of a call, for records and for Replaces, and what its peer said it takes. */
  describe(call: SipCallId):
    | {
        callId: string
        localTag: string
        remoteTag: string | undefined
        remoteTarget: string | undefined
        /** Methods of the peer's last `Allow`; empty when it sent none. */
        allow: readonly string[]
        /** Events of the peer's last `Allow-Events` in this dialog. */
        allowEvents: readonly string[]
      }
    | undefined
  /** The call that a Replaces header names (RFC 3891 §3), by our side of its tags. */
  findCall(dialog: { callId: string; localTag: string; remoteTag: string }): SipCallId | undefined
  /** How many calls and transactions are alive; both are 0 when everything has come to rest. */
  readonly counts: { readonly calls: number; readonly transactions: number }
}

/** A request outside of calls. */
export interface OutgoingRequest {
  readonly method: string
  readonly uri: string
  readonly destination: Destination
  readonly headers: Headers
  readonly body?: Uint8Array
  readonly credentials?: Credentials
}
