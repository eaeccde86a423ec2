/**
 * Responses made from the request they answer: RFC 3261 §8.2.6, and for those that make a dialog §12.1.1.
 *
 * Via, From, To, Call-ID and CSeq are copied, and nothing else of the request comes back.
 */
import { Headers } from '../message/headers.ts'
import { NO_BODY, type SipRequest, type SipResponse } from '../message/message.ts'

/** What a response carries beside the copied fields. */
export interface ResponseParts {
  readonly reason?: string | undefined
  /** Added to To when the request has none. */
  readonly toTag?: string | undefined
  /** Copies Record-Route, as responses that make a dialog must. */
  readonly recordRoute?: boolean
  readonly headers?: Iterable<readonly [string, string]> | undefined
  readonly body?: Uint8Array | undefined
}

/** The response to `request`, from the product that `Server` names. */
export function responseTo(
  request: SipRequest,
  status: number,
  product: string,
  parts: ResponseParts = {},
): SipResponse {
  const headers = new Headers()
  for (const [name, value] of request.headers) {
    switch (name) {
      case 'Via':
      case 'From':
      case 'Call-ID':
      case 'CSeq':
        headers.append(name, value)
        break
      case 'To': {
        const bare = parts.toTag === undefined || status === 100 || /;\s*tag\s*=/i.test(afterUri(value))
        headers.append('To', bare ? value : `${value};tag=${parts.toTag}`)
        break
      }
      case 'Record-Route':
        if (parts.recordRoute === true) headers.append(name, value)
        break
      case 'Timestamp':
        if (status === 100) headers.append(name, value)
        break
    }
  }
  headers.append('Server', product)
  if (parts.headers !== undefined) for (const [name, value] of parts.headers) headers.append(name, value)
  const reason = parts.reason ?? reasonOf(status)
  return { kind: 'response', status, reason, headers, body: parts.body ?? NO_BODY }
}

/** The phrase that goes with a status; that of its class when it has none of its own. */
export function reasonOf(status: number): string {
  return REASONS[status] ?? CLASSES[Math.floor(status / 100)] ?? 'Unknown'
}

/** A response that no peer gave: what a request meets that cannot even be sent. */
export function madeHere(status: number): SipResponse {
  return { kind: 'response', status, reason: REASONS[status] ?? '', headers: new Headers(), body: NO_BODY }
}

/** The part of a name-addr behind its `>`; all of it when it has none (RFC 3261 §20.10). */
function afterUri(value: string): string {
  return value.slice(value.lastIndexOf('>') + 1)
}

const CLASSES: readonly string[] = [
  '',
  'Session Progress',
  'OK',
  'Redirected',
  'Request Failure',
  'Server Failure',
  'Global Failure',
]

/** The phrases of RFC 3261 §21 and its extensions, for those who read traces. */
const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  305: 'Use Proxy',
  380: 'Alternative Service',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  410: 'Gone',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  421: 'Extension Required',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  485: 'Ambiguous',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  493: 'Undecipherable',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
  606: 'Not Acceptable',
}
