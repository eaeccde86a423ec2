/**
 * Judges the values of a message that was parsed: RFC 3261 §8.2 for requests, §8.1.3.3 and §18.1.2 for responses,
 * with the verdicts of RFC 4475.
 *
 * `validateRequest` is what a user agent server asks before anything else. The order is that of the RFC: what makes
 * the message unreadable first, then what we do not do. An ACK that fails is dropped, never answered.
 */
import { consistsOf, isToken, parseDigits, WORD } from './characters.ts'
import { parseContactList, parseDeltaSeconds } from './contact.ts'
import { parseCSeq } from './cseq.ts'
import { isSipDate } from './date.ts'
import { IDENTIFIER_CHARS_MAX } from './limits.ts'
import { HOPS_MAX } from './max-forwards.ts'
import type { SipRequest, SipResponse } from './message.ts'
import { parseNameAddr } from './name-addr.ts'
import { parseUri } from './uri.ts'
import { isTransactionBranch, parseVia } from './via.ts'

/** The answer that a request earns at once. */
export interface Refusal {
  readonly status: number
  readonly reason: string
  /** Header fields that the answer must carry (Unsupported, Accept ...). */
  readonly headers?: readonly (readonly [string, string])[]
}

/** What the user agent can do; everything else is refused. */
export interface Abilities {
  /** Option tags that a Require may name. */
  readonly extensions?: readonly string[]
  /** Media types that the body of an INVITE, UPDATE, PRACK or ACK may have. */
  readonly bodies?: readonly string[]
}

const SESSION_METHODS: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'PRACK', 'ACK'])
const SDP = 'application/sdp'

/** Why a request must be refused, and how; undefined when it may go on. Linear, and throws nothing. */
export function validateRequest(request: SipRequest, abilities: Abilities = {}): Refusal | undefined {
  const fault = faultOfHeaders(request) ?? faultOfContacts(request)
  if (fault !== undefined) return { status: 400, reason: fault }
  return (
    judgeUri(request) ??
    judgeHops(request) ??
    judgeRequire(request, abilities.extensions ?? []) ??
    judgeBody(request, abilities.bodies ?? [SDP]) ??
    judgeAccept(request)
  )
}

/** Why a response must be dropped; undefined when it may go to its transaction. */
export function validateResponse(response: SipResponse): string | undefined {
  const vias = response.headers.all('Via')
  if (vias.length !== 1) return 'Response Not For Us' // RFC 3261 §8.1.3.3.
  return faultOfFrame(response) ?? faultOfCSeq(response, undefined)
}

function faultOfHeaders(request: SipRequest): string | undefined {
  const { headers } = request
  const fault = faultOfFrame(request) ?? faultOfCSeq(request, request.method)
  if (fault !== undefined) return fault
  const hops = headers.get('Max-Forwards')
  if (hops !== undefined && !((parseDigits(hops, HOPS_MAX) ?? HOPS_MAX + 1) <= HOPS_MAX))
    return 'Malformed Max-Forwards'
  const expires = headers.get('Expires')
  if (expires !== undefined && parseDeltaSeconds(expires) === undefined) return 'Malformed Expires'
  const date = headers.get('Date')
  if (date !== undefined && !isSipDate(date)) return 'Malformed Date'
  for (const name of ['Route', 'Record-Route', 'Path'])
    for (const value of headers.all(name))
      if (parseNameAddr(value)?.uri.kind !== 'sip') return `Malformed ${name}`
  return undefined
}

/** Via, From, To and Call-ID: what every message must have (RFC 3261 §8.1.1). */
function faultOfFrame(message: SipRequest | SipResponse): string | undefined {
  const { headers } = message
  const vias = headers.all('Via')
  if (vias.length === 0) return 'Missing Via'
  for (const value of vias) {
    const via = parseVia(value)
    if (via === undefined) return 'Malformed Via'
    if ((via.params.get('branch') ?? '').length > IDENTIFIER_CHARS_MAX) return 'Branch Too Long'
  }
  for (const name of ['From', 'To']) {
    const value = headers.get(name)
    if (value === undefined) return `Missing ${name}`
    const address = parseNameAddr(value)
    if (address === undefined) return `Malformed ${name}`
    const tag = address.params.get('tag')
    if (tag !== undefined && !isToken(tag)) return `Malformed ${name} Tag`
    if (tag !== undefined && tag.length > IDENTIFIER_CHARS_MAX) return `${name} Tag Too Long`
  }
  const callId = headers.get('Call-ID')
  if (callId === undefined) return 'Missing Call-ID'
  if (callId.length > IDENTIFIER_CHARS_MAX) return 'Call-ID Too Long'
  return isCallId(callId) ? undefined : 'Malformed Call-ID'
}

/** `word [ "@" word ]`. */
function isCallId(text: string): boolean {
  const at = text.indexOf('@')
  return at < 0
    ? consistsOf(text, WORD)
    : consistsOf(text.slice(0, at), WORD) && consistsOf(text.slice(at + 1), WORD)
}

function faultOfCSeq(message: SipRequest | SipResponse, method: string | undefined): string | undefined {
  const text = message.headers.get('CSeq')
  if (text === undefined) return 'Missing CSeq'
  const cseq = parseCSeq(text)
  if (cseq === undefined) return 'Malformed CSeq'
  return method === undefined || cseq.method === method ? undefined : 'CSeq Method Does Not Match'
}

/** Contact: one SIP URI where a dialog begins (RFC 3261 §8.1.1.8), addresses or `*` in a REGISTER (§10.2.2). */
function faultOfContacts(request: SipRequest): string | undefined {
  const { headers, method } = request
  const contacts = parseContactList(headers.all('Contact'))
  if (contacts === undefined) return 'Malformed Contact'
  if (method === 'REGISTER') {
    if (parseNameAddr(headers.get('To') ?? '')?.uri.kind !== 'sip') return 'To Is Not A SIP Address'
    // RFC 3261 §10.3, step 6: the star stands alone, and Expires must be 0.
    const star = contacts === '*' || headers.all('Contact').includes('*')
    if (!star) return undefined
    return contacts === '*' && headers.get('Expires') === '0' ? undefined : 'Malformed Contact'
  }
  if (contacts === '*') return 'Malformed Contact'
  if (method !== 'INVITE' && method !== 'SUBSCRIBE') return undefined
  if (contacts.length > 1) return 'More Than One Contact'
  const contact = contacts[0]
  if (contact !== undefined) return contact.uri.kind === 'sip' ? undefined : 'Contact Is Not A SIP Address'
  // RFC 2543 did without (RFC 4475 §3.4.1); the From address stands in.
  const branch = parseVia(headers.get('Via') ?? '')?.params.get('branch')
  return isTransactionBranch(branch) ? 'Missing Contact' : undefined
}

function judgeUri(request: SipRequest): Refusal | undefined {
  const uri = parseUri(request.uri)
  if (uri === undefined) return { status: 400, reason: 'Malformed Request-URI' }
  if (uri.kind === 'other') return { status: 416, reason: 'Unsupported URI Scheme' }
  if (uri.kind === 'sip' && uri.headers.size > 0) return { status: 400, reason: 'Headers In Request-URI' } // §19.1.1.
  return undefined
}

function judgeHops(request: SipRequest): Refusal | undefined {
  if (request.headers.get('Max-Forwards') === undefined) return undefined
  const hops = parseDigits(request.headers.get('Max-Forwards') ?? '', HOPS_MAX)
  return hops === 0 ? { status: 483, reason: 'Too Many Hops' } : undefined
}

function judgeRequire(request: SipRequest, extensions: readonly string[]): Refusal | undefined {
  if (request.method === 'ACK' || request.method === 'CANCEL') return undefined // RFC 3261 §8.2.2.3.
  const unknown = request.headers
    .all('Require')
    .filter((tag) => tag !== '' && !extensions.includes(tag.toLowerCase()))
  if (unknown.length === 0) return undefined
  const headers = unknown.map((tag) => ['Unsupported', tag] as const)
  return { status: 420, reason: 'Bad Extension', headers }
}

function judgeBody(request: SipRequest, bodies: readonly string[]): Refusal | undefined {
  const { headers } = request
  if (request.body.length === 0) return undefined
  const type = headers.get('Content-Type')
  if (type === undefined) return { status: 400, reason: 'Body Without Content-Type' } // RFC 3261 §20.15.
  if (!SESSION_METHODS.has(request.method)) return undefined
  if (/;\s*handling\s*=\s*optional/i.test(headers.get('Content-Disposition') ?? '')) return undefined // §20.11.
  if (headers.all('Content-Encoding').some((coding) => coding !== '' && coding.toLowerCase() !== 'identity'))
    return { status: 415, reason: 'Unsupported Content-Encoding', headers: [['Accept-Encoding', 'identity']] }
  if (bodies.includes(mediaType(type))) return undefined
  const accept = bodies.map((body) => ['Accept', body] as const)
  return { status: 415, reason: 'Unsupported Media Type', headers: accept }
}

/** An INVITE that will not take SDP back cannot be answered: RFC 3261 §21.4.7, RFC 4475 §3.3.15. */
function judgeAccept(request: SipRequest): Refusal | undefined {
  if (request.method !== 'INVITE') return undefined
  const accepted = request.headers.all('Accept').map(mediaType)
  if (accepted.length === 0 || accepted.some((type) => [SDP, 'application/*', '*/*'].includes(type)))
    return undefined
  return { status: 406, reason: 'Not Acceptable' }
}

/** `type/subtype` in lower case without parameters and white space. */
export function mediaType(value: string): string {
  const semicolon = value.indexOf(';')
  return (semicolon < 0 ? value : value.slice(0, semicolon)).replace(/[ \t]/g, '').toLowerCase()
}
