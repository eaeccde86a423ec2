/**
 * What a request inside a call asks of a phone: NOTIFY talk, hold, refer and message-summary, INFO with a key, REFER,
 * MESSAGE. Whatever else is refused: 489 for an unknown event (RFC 6665 §8.2.1), 415 for an INFO without a key.
 */
import { parseReferTo, type ReferTarget, type SipRequest, statusOfSipfrag } from '@tandem/sip'
import type { OwnEvent } from '../events/event.ts'
import { infoKey } from './info-key.ts'
import { parseMessageSummary } from './message-summary.ts'

/** Such a request, understood; `status` is what to answer with where that is settled. */
export type InCallRequest =
  | { readonly kind: 'asked'; readonly what: 'talk' | 'hold' }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'refer'; readonly target: ReferTarget }
  /** How a transfer of ours fares; `final` when no more news will come. */
  | { readonly kind: 'referNews'; readonly status: number; readonly final: boolean }
  | { readonly kind: 'summary'; readonly summary: Extract<OwnEvent, { kind: 'messageWaiting' }> }
  | { readonly kind: 'text' }
  | { readonly kind: 'refused'; readonly status: number }

/** Reads a request inside a call. `honours` says what the phone was told to obey. */
export function readInCall(
  request: SipRequest,
  honours: { readonly talk: boolean; readonly refer: boolean },
): InCallRequest {
  switch (request.method) {
    case 'NOTIFY':
      return readNotify(request, honours.talk)
    case 'INFO': {
      const key = infoKey(request)
      return key === undefined ? { kind: 'refused', status: 415 } : { kind: 'key', key }
    }
    case 'REFER': {
      if (!honours.refer) return { kind: 'refused', status: 603 }
      const target = parseReferTo(request)
      if (target === undefined) return { kind: 'refused', status: 400 }
      return { kind: 'refer', target }
    }
    case 'MESSAGE':
      return { kind: 'text' }
    default:
      return { kind: 'refused', status: 405 }
  }
}

function readNotify(request: SipRequest, talk: boolean): InCallRequest {
  const event = request.headers.get('Event')?.split(';', 1)[0]?.trim().toLowerCase()
  if (event === 'talk' || event === 'hold')
    return talk ? { kind: 'asked', what: event } : { kind: 'refused', status: 489 }
  if (event === 'message-summary') {
    const summary = parseMessageSummary(request)
    return summary === undefined ? { kind: 'refused', status: 400 } : { kind: 'summary', summary }
  }
  if (event !== 'refer') return { kind: 'refused', status: 489 }
  const status = statusOfSipfrag(request.body)
  if (status === undefined) return { kind: 'refused', status: 400 }
  const state = request.headers.get('Subscription-State')?.split(';', 1)[0]?.trim().toLowerCase()
  return { kind: 'referNews', status, final: status >= 200 || state === 'terminated' }
}
