/**
 * The body of a NOTIFY with `Event: message-summary`: RFC 3842 §5.2. Of the message contexts only voice is read.
 */
import { decodeUtf8, type SipRequest } from '@tandem/sip'
import type { OwnEvent } from '../events/event.ts'

/** Longest body that is read, in bytes: a summary has a few lines. */
export const SUMMARY_BYTES_MAX = 4_096

/** What a summary says; undefined when it does not even say whether messages wait. */
export function parseMessageSummary(
  request: SipRequest,
): Extract<OwnEvent, { kind: 'messageWaiting' }> | undefined {
  if (request.body.length > SUMMARY_BYTES_MAX) return undefined
  const text = decodeUtf8(request.body)
  const waiting = /^Messages-Waiting[ \t]*:[ \t]*(yes|no)[ \t]*\r?$/im.exec(text)?.[1]
  if (waiting === undefined) return undefined
  const voice = /^Voice-Message[ \t]*:[ \t]*(\d{1,9})[ \t]*\/[ \t]*(\d{1,9})/im.exec(text)
  return {
    kind: 'messageWaiting',
    waiting: waiting.toLowerCase() === 'yes',
    newCount: Number(voice?.[1] ?? 0),
    oldCount: Number(voice?.[2] ?? 0),
  }
}
