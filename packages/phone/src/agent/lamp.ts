/**
 * News of waiting messages that nobody subscribed to: RFC 3842 by a NOTIFY outside of every dialog, as servers have always
 * sent it to phones. The endpoint refuses such a request (RFC 6665 §4.1.3), so it is answered here, without state: each
 * copy gets the same answer.
 */
import { type Flow, receivedVia, refusalOf, responseDestination, type SipMessage, tagOf } from '@tandem/sip'
import { parseMessageSummary } from '../call/message-summary.ts'
import type { OwnEvent } from '../events/event.ts'

/** What to answer, and what the lamp shall show. */
export interface LampNews {
  readonly response: SipMessage
  readonly destination: NonNullable<ReturnType<typeof responseDestination>>
  /** Absent when the body could not be read: a 400. */
  readonly summary?: Extract<OwnEvent, { kind: 'messageWaiting' }>
}

/** Reads such a NOTIFY; undefined for every other message. */
export function lampNews(message: SipMessage, flow: Flow): LampNews | undefined {
  if (message.kind !== 'request' || message.method !== 'NOTIFY') return undefined
  const event = message.headers.get('Event')?.split(';', 1)[0]?.trim().toLowerCase()
  if (event !== 'message-summary' || tagOf(message.headers.get('To')) !== undefined) return undefined
  if (!receivedVia(message, flow)) return undefined
  const summary = parseMessageSummary(message)
  const answer =
    summary === undefined ? { status: 400, reason: 'Bad Summary' } : { status: 200, reason: 'OK' }
  const response = refusalOf(message, answer)
  const destination = responseDestination(response, flow)
  if (destination === undefined) return undefined
  return summary === undefined ? { response, destination } : { response, destination, summary }
}
