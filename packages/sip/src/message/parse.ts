/**
 * Bytes to a SIP message: the grammar of RFC 3261 §7 and §25, with a limit on everything (`limits.ts`).
 *
 * Contract: `parseMessage` takes one datagram and never throws. What it returns is well formed as a whole (start
 * line, header lines, body length); `validate.ts` judges the values of the headers. A stream uses `head.ts` itself,
 * through `transport/framing.ts`. Time is linear in the length of the message.
 */
import { findHeadEnd, type Head, parseHead } from './head.ts'
import { MESSAGE_BYTES_MAX } from './limits.ts'
import { NO_BODY, type SipMessage, type SipRequest } from './message.ts'
import { salvageRequest } from './salvage.ts'

/** Why a message was not understood. */
export interface ParseFailure {
  readonly kind: 'failure'
  /** The status that a request like this earns; a response like this is dropped. */
  readonly status: number
  /** For the log and the reason phrase: says which rule was broken, never what stood there. */
  readonly reason: string
  /** What could be saved of a request, enough for `refusalOf` to answer it; absent when nothing can be answered. */
  readonly request?: SipRequest
}

/** Reads the one message of a datagram. Bytes behind its Content-Length are ignored (RFC 3261 §18.3). */
export function parseMessage(bytes: Uint8Array): SipMessage | ParseFailure {
  if (bytes.length > MESSAGE_BYTES_MAX) return { kind: 'failure', status: 513, reason: 'Message Too Large' }
  let start = 0
  while (bytes[start] === 13 && bytes[start + 1] === 10) start += 2 // RFC 3261 §7.5.
  const end = findHeadEnd(bytes, start)
  if (end < 0) return failure(bytes, start, bytes.length, 400, 'Missing End Of Headers')
  const head = parseHead(bytes, start, end)
  if (head.kind === 'failure') return failure(bytes, start, end, head.status, head.reason)

  const bodyStart = end + 4
  const available = bytes.length - bodyStart
  const length = head.contentLength ?? available
  if (length > available) return failure(bytes, start, end, 400, 'Body Shorter Than Content-Length')
  return messageOf(head, length === 0 ? NO_BODY : bytes.subarray(bodyStart, bodyStart + length))
}

/** A head with its body. */
export function messageOf(head: Head, body: Uint8Array): SipMessage {
  return head.kind === 'request'
    ? { kind: 'request', method: head.method, uri: head.uri, headers: head.headers, body }
    : { kind: 'response', status: head.status, reason: head.reason, headers: head.headers, body }
}

/** A failure with what can be saved of the request in `bytes` from `start` to `end`. */
export function failure(
  bytes: Uint8Array,
  start: number,
  end: number,
  status: number,
  reason: string,
): ParseFailure {
  const request = salvageRequest(bytes.subarray(start, end))
  return { kind: 'failure', status, reason, ...(request === undefined ? {} : { request }) }
}
