/**
 * What the endpoint must know of every message, read once: the names that match it to a transaction
 * (RFC 3261 §17.1.3, §17.2.3) and to a dialog (§12).
 */
import { type CSeq, parseCSeq } from '../message/cseq.ts'
import type { SipMessage } from '../message/message.ts'
import { tagOf } from '../message/name-addr.ts'
import { isTransactionBranch, parseVia } from '../message/via.ts'

/** The names of one message. */
export interface MessageFacts {
  /** The branch of the top Via; '' when it has none. */
  readonly branch: string
  /** The top Via's sent-by, with the port that holds when none is written. */
  readonly sentBy: string
  readonly callId: string
  readonly fromTag: string
  readonly toTag: string | undefined
  readonly cseq: CSeq
}

/** Reads the facts; undefined when one of the five headers is missing or malformed. */
export function factsOf(message: SipMessage): MessageFacts | undefined {
  const { headers } = message
  const callId = headers.get('Call-ID')
  const via = parseVia(headers.get('Via') ?? '')
  const cseq = parseCSeq(headers.get('CSeq') ?? '')
  const from = headers.get('From')
  const to = headers.get('To')
  if (callId === undefined || via === undefined || cseq === undefined) return undefined
  if (from === undefined || to === undefined) return undefined
  const port = via.port ?? (via.transport === 'TLS' || via.transport === 'WSS' ? 5061 : 5060)
  return {
    branch: via.params.get('branch') ?? '',
    sentBy: `${via.host}:${port}`,
    callId,
    fromTag: tagOf(from) ?? '',
    toTag: tagOf(to),
    cseq,
  }
}

/**
 * The key under which a server transaction is found (§17.2.3). An ACK has the key of its INVITE. Without the magic
 * cookie the rules of RFC 2543 hold: From tag, Call-ID and CSeq beside the hop's address.
 */
export function serverKey(request: { readonly method: string }, facts: MessageFacts): string {
  return keyFor(facts, request.method === 'ACK' ? 'INVITE' : request.method)
}

/** The key of the INVITE that a CANCEL is for (§9.2). */
export function cancelledKey(facts: MessageFacts): string {
  return keyFor(facts, 'INVITE')
}

function keyFor(facts: MessageFacts, method: string): string {
  const { branch, sentBy } = facts
  if (isTransactionBranch(branch)) return `${branch.toLowerCase()} ${sentBy} ${method}`
  return `2543 ${sentBy} ${branch} ${facts.fromTag} ${facts.callId} ${facts.cseq.number} ${method}`
}

/** The key under which copies of one request that came by different ways meet (§8.2.2.2). */
export function mergeKey(request: { readonly method: string }, facts: MessageFacts): string {
  return `${facts.callId} ${facts.fromTag} ${facts.cseq.number} ${request.method}`
}

/** The key under which a client transaction is found: its branch and the method of the CSeq (§17.1.3). */
export function clientKey(branch: string, method: string): string {
  return `${branch} ${method}`
}
