/**
 * The state of one dialog: RFC 3261 §12. Its names, both sequence numbers, the route set and the remote target.
 *
 * One departure: requests go to the address that the peer's messages come from (`destination`), not to the host of
 * the route or the target. Behind NAT that host cannot be reached, and a proxy that stays in the path is where they
 * come from; Route and Request-URI are still as §12.2.1.1 wants them.
 */
import { CSEQ_MAX } from '../message/cseq.ts'
import { Headers } from '../message/headers.ts'
import { MAX_FORWARDS } from '../message/max-forwards.ts'
import { NO_BODY, type SipMessage, type SipRequest, type SipResponse } from '../message/message.ts'
import { parseNameAddr, tagOf } from '../message/name-addr.ts'
import type { Destination, Flow } from '../transport/flow.ts'
import { PeerAbilities } from './peer-abilities.ts'

/** What a dialog is made from. */
export interface DialogParts {
  readonly callId: string
  /** The From (UAC) or To (UAS) value with our tag. */
  readonly local: string
  /** The peer's value with its tag. */
  readonly remote: string
  readonly localTag: string
  readonly remoteTag: string
  readonly localCSeq: number
  readonly remoteCSeq?: number
  readonly routeSet: readonly string[]
  readonly remoteTarget: string
  readonly destination: Destination
  /** What made the dialog at the peer's side: the first that it says about itself. */
  readonly first: SipMessage
}

/** One dialog, early or confirmed. */
export class Dialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** What the peer said that it takes. */
  readonly peer: PeerAbilities = new PeerAbilities()
  readonly #local: string
  readonly #remote: string
  #routeSet: readonly string[]
  #localCSeq: number
  #remoteCSeq: number | undefined
  #remoteTarget: string
  #destination: Destination

  constructor(parts: DialogParts) {
    this.callId = parts.callId
    this.localTag = parts.localTag
    this.remoteTag = parts.remoteTag
    this.#local = parts.local
    this.#remote = parts.remote
    this.#routeSet = parts.routeSet
    this.#localCSeq = parts.localCSeq
    this.#remoteCSeq = parts.remoteCSeq
    this.#remoteTarget = parts.remoteTarget
    this.#destination = parts.destination
    this.peer.learn(parts.first)
  }

  /** The peer's Contact: the Request-URI of what we send. */
  get remoteTarget(): string {
    return this.#remoteTarget
  }

  /** Where requests go. */
  get destination(): Destination {
    return this.#destination
  }

  /** A request in this dialog without Via (§12.2.1.1); `cseq` repeats a number, as ACK does. */
  request(
    method: string,
    parts: {
      readonly cseq?: number
      readonly headers?: Iterable<readonly [string, string]> | undefined
      readonly body?: Uint8Array | undefined
    } = {},
  ): SipRequest {
    const cseq = parts.cseq ?? ++this.#localCSeq
    const headers = new Headers([
      ['Max-Forwards', String(MAX_FORWARDS)],
      ['From', this.#local],
      ['To', this.#remote],
      ['Call-ID', this.callId],
      ['CSeq', `${cseq} ${method}`],
    ])
    const uri = this.#route(headers)
    if (parts.headers !== undefined) for (const [name, value] of parts.headers) headers.append(name, value)
    return { kind: 'request', method, uri, headers, body: parts.body ?? NO_BODY }
  }

  /** Takes the sequence number of a request of the peer; false when it is out of order (§12.2.2: 500). */
  takeCSeq(number: number): boolean {
    if (number > CSEQ_MAX || (this.#remoteCSeq !== undefined && number <= this.#remoteCSeq)) return false
    this.#remoteCSeq = number
    return true
  }

  /** Learns the peer's Contact from a request or response that refreshes it (§12.2.1.2, §12.2.2). */
  refreshTarget(message: SipMessage): void {
    this.peer.learn(message)
    const target = targetOf(message)
    if (target !== undefined) this.#remoteTarget = target
  }

  /** Learns where the peer's messages come from now: another port after a NAT rebinding, another connection. */
  follow(flow: Flow): void {
    if (flow.id !== this.#destination.flowId) this.#destination = destinationOf(flow)
  }

  /** The 2xx has the last word on the route set of an early dialog (§13.2.2.4). */
  confirm(response: SipResponse): void {
    this.#routeSet = response.headers.all('Record-Route').reverse()
    this.refreshTarget(response)
  }

  /** Writes Route and returns the Request-URI: loose or, to an old proxy, strict routing (§12.2.1.1). */
  #route(headers: Headers): string {
    const first = this.#routeSet[0]
    if (first === undefined) return this.#remoteTarget
    const address = parseNameAddr(first)
    const loose = address === undefined || address.uri.kind !== 'sip' || address.uri.params.has('lr')
    for (const route of loose ? this.#routeSet : this.#routeSet.slice(1)) headers.append('Route', route)
    if (loose) return this.#remoteTarget
    headers.append('Route', `<${this.#remoteTarget}>`)
    return address.uriText
  }
}

/** The URI of a message's Contact; undefined when there is none that can be read. */
export function targetOf(message: SipMessage): string | undefined {
  const contact = message.headers.get('Contact')
  return contact === undefined ? undefined : parseNameAddr(contact)?.uriText
}

/** Where to send so that it goes back along a flow. */
export function destinationOf(flow: Flow): Destination {
  return { transport: flow.transport, address: flow.remote, flowId: flow.id }
}

/** The dialog that a response with a To tag makes at the caller (§12.1.2); undefined without a tag. */
export function dialogOfResponse(
  invite: SipRequest,
  response: SipResponse,
  options: { readonly localTag: string; readonly cseq: number; readonly destination: Destination },
): Dialog | undefined {
  const remote = response.headers.get('To')
  const remoteTag = tagOf(remote)
  if (remote === undefined || remoteTag === undefined) return undefined
  return new Dialog({
    callId: invite.headers.get('Call-ID') ?? '',
    local: invite.headers.get('From') ?? '',
    remote,
    localTag: options.localTag,
    remoteTag,
    localCSeq: options.cseq,
    routeSet: response.headers.all('Record-Route').reverse(),
    remoteTarget: targetOf(response) ?? invite.uri,
    destination: options.destination,
    first: response,
  })
}

/**
 * The dialog that an INVITE makes at the callee (§12.1.1); undefined when neither its Contact nor, as RFC 2543 had
 * it, its From says where to send to.
 */
export function dialogOfInvite(
  invite: SipRequest,
  options: {
    readonly localTag: string
    readonly remoteTag: string
    readonly cseq: number
    readonly flow: Flow
  },
): Dialog | undefined {
  const { headers } = invite
  const remoteTarget = targetOf(invite) ?? parseNameAddr(headers.get('From') ?? '')?.uriText
  if (remoteTarget === undefined) return undefined
  return new Dialog({
    callId: headers.get('Call-ID') ?? '',
    local: `${headers.get('To') ?? ''};tag=${options.localTag}`,
    remote: headers.get('From') ?? '',
    localTag: options.localTag,
    remoteTag: options.remoteTag,
    localCSeq: 0,
    remoteCSeq: options.cseq,
    routeSet: headers.all('Record-Route'),
    remoteTarget,
    destination: destinationOf(options.flow),
    first: invite,
  })
}
