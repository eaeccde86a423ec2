/**
 * Answers a request without keeping any state: RFC 3261 §8.2.6, §8.2.7.
 *
 * The To tag is made from what a retransmission repeats, so that each copy of the request gets the same answer.
 */
import { Headers } from './headers.ts'
import { NO_BODY, type SipRequest, type SipResponse } from './message.ts'
import { parseNameAddr } from './name-addr.ts'

/** A response to `request` with the headers that every response copies, and a To tag if it had none. */
export function refusalOf(
  request: SipRequest,
  answer: {
    readonly status: number
    readonly reason: string
    readonly headers?: Iterable<readonly [string, string]>
  },
): SipResponse {
  const headers = new Headers()
  for (const value of request.headers.all('Via')) headers.append('Via', value)
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const value = request.headers.get(name)
    if (value === undefined) continue
    headers.append(name, name === 'To' && answer.status > 100 ? withTag(value, request) : value)
  }
  for (const [name, value] of answer.headers ?? []) headers.append(name, value)
  return { kind: 'response', status: answer.status, reason: answer.reason, headers, body: NO_BODY }
}

/** A To that cannot be read gets no tag: one more parameter would not mend it. */
function withTag(to: string, request: SipRequest): string {
  const address = parseNameAddr(to)
  if (address === undefined || address.params.has('tag')) return to
  const { headers } = request
  return `${to};tag=${digest([headers.get('Via'), headers.get('From'), headers.get('Call-ID'), headers.get('CSeq')])}`
}

/** FNV-1a, 32 bits in hex. It guards nothing: it need only be the same each time. */
function digest(parts: readonly (string | undefined)[]): string {
  let hash = 0x811c9dc5
  for (const character of parts.join('\n'))
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
