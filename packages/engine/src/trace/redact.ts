/**
 * A kept message as an operator may see it: what says something about the state of a call, and nothing about people.
 *
 * Users, hosts and names get numbers that hold within one trace (`user-1` is the same one throughout); Call-IDs are
 * hashed; tags, codecs, directions and ports stay. What is not named here is not shown: a field that a phone made up, the
 * digits of an INFO, a body that we do not know.
 */
import {
  parseNameAddr,
  parseSdp,
  parseUri,
  readReplaces,
  type SessionDescription,
  type SipMessage,
  statusOfSipfrag,
} from '@tandem/sip'

/** Fields that hold no personal data, shown as they are as far as they are plain. */
const PLAIN = [
  'CSeq',
  'Max-Forwards',
  'Allow',
  'Allow-Events',
  'Supported',
  'Require',
  'Unsupported',
  'Event',
  'Subscription-State',
  'Session-Expires',
  'Min-SE',
  'Expires',
  'Retry-After',
  'RSeq',
  'RAck',
  'Privacy',
  'Content-Type',
  'Content-Length',
] as const
/** Fields that name somebody. */
const NAMING = [
  'From',
  'To',
  'Contact',
  'Refer-To',
  'Referred-By',
  'P-Asserted-Identity',
  'Record-Route',
  'Route',
]
/** What plain values are made of; the longest, an Allow with every method, is under 200. */
const PLAIN_VALUE = /^[\w\-.,;=/+*: ]{1,300}$/
/** Characters of a Call-ID's hash: enough to tell the calls of one trace apart. */
const HASH_CHARS = 8

/** Gives the people and places of one trace their numbers. */
export class Mask {
  readonly #hash: (text: string) => string
  readonly #names = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  constructor(hash: (text: string) => string) {
    this.#hash = hash
  }

  /** `kind-N`, the same for the same text in any case. */
  name(kind: 'user' | 'host', text: string): string {
    const key = `${kind} ${text.toLowerCase()}`
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    const name = `${kind}-${count}`
    this.#names.set(key, name)
    return name
  }

  callId(callId: string): string {
    return this.#hash(callId).slice(0, HASH_CHARS)
  }
}

/** `INVITE sip:user-1@host-1`, `180 Ringing (INVITE)`: the phrase is ours, for a phone may write anything there. */
export function titleOf(message: SipMessage): string {
  if (message.kind === 'request') return /^[A-Z]{1,20}$/.test(message.method) ? message.method : 'OTHER'
  const method = /[A-Z]+$/.exec(message.headers.get('CSeq') ?? '')?.[0] ?? ''
  return [String(message.status), PHRASES[message.status] ?? '', method]
    .filter((part) => part !== '')
    .join(' ')
}

/** The lines of a message that are shown. */
export function linesOf(message: SipMessage, mask: Mask): readonly string[] {
  const { headers } = message
  const lines: string[] = []
  if (message.kind === 'request') lines.push(`${titleOf(message)} ${uriOf(message.uri, mask)}`)
  const callId = headers.get('Call-ID')
  if (callId !== undefined) lines.push(`Call-ID: ${mask.callId(callId)}`)
  for (const name of NAMING)
    for (const value of headers.all(name)) lines.push(`${name}: ${addressOf(value, mask)}`)
  const replaced = readReplaces(headers.get('Replaces') ?? '')
  if (replaced !== undefined) lines.push(`Replaces: ${mask.callId(replaced.callId)}`)
  for (const name of PLAIN) {
    const values = headers.all(name)
    if (values.length === 0) continue
    const value = values.join(', ')
    lines.push(`${name}: ${plain(value)}`)
  }
  const reason = /^(?:SIP|Q\.850)\s*;\s*cause=\d{1,3}/i.exec(headers.get('Reason') ?? '')?.[0]
  if (reason !== undefined) lines.push(`Reason: ${reason}`)
  return [...lines, ...bodyOf(message, mask)]
}

function bodyOf(message: SipMessage, mask: Mask): readonly string[] {
  if (message.body.length === 0) return []
  const type = (message.headers.get('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/sdp') {
    const description = parseSdp(message.body)
    return 'reason' in description ? ['(a description that cannot be read)'] : sdpOf(description, mask)
  }
  const status = type === 'message/sipfrag' ? statusOfSipfrag(message.body) : undefined
  return [status === undefined ? `(${message.body.length} bytes not shown)` : `SIP/2.0 ${status}`]
}

function sdpOf(description: SessionDescription, mask: Mask): string[] {
  return description.media.flatMap((media) => [
    `m=${plain(media.media)} ${media.port} ${plain(media.protocol)}`,
    `c=${mask.name('host', media.host)}`,
    ...media.formats.map(
      ({ clockRateHz, encoding, payloadType }) => `a=rtpmap:${payloadType} ${plain(encoding)}/${clockRateHz}`,
    ),
    ...(media.ptimeMs === undefined ? [] : [`a=ptime:${media.ptimeMs}`]),
    `a=${media.direction}`,
  ])
}

/** Text that a phone chose, if nothing but tokens and numbers can be in it. */
function plain(text: string): string {
  return PLAIN_VALUE.test(text) ? text : '(not shown)'
}

function addressOf(value: string, mask: Mask): string {
  const address = parseNameAddr(value)
  if (address === undefined) return value.trim() === '*' ? '*' : '(not shown)'
  const tag = address.params.get('tag')
  const plainTag = tag !== undefined && /^[\w.~*%+-]{1,128}$/.test(tag) ? `;tag=${tag}` : ''
  return `<${uriOf(address.uriText, mask)}>${plainTag}`
}

function uriOf(text: string, mask: Mask): string {
  const uri = parseUri(text)
  if (uri === undefined || uri.kind === 'other') return '(not shown)'
  if (uri.kind === 'tel') return `tel:${mask.name('user', uri.number)}`
  const user = uri.user === undefined ? '' : `${mask.name('user', uri.user)}@`
  const port = uri.port === undefined ? '' : `:${uri.port}`
  return `${uri.secure ? 'sips' : 'sip'}:${user}${mask.name('host', uri.host)}${port}`
}

const PHRASES: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  420: 'Bad Extension',
  422: 'Session Interval Too Small',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  603: 'Decline',
}
