/**
 * The Replaces header: RFC 3891 §6.1, also as it stands escaped in the URI of a Refer-To (RFC 5589 §7).
 *
 * The tags are named from the view of whom the header is sent to: `toTag` is the tag that the receiver gave, `fromTag`
 * the tag of the receiver's peer in the call that shall be replaced.
 */
import { consistsOf, isToken, WORD } from '../message/characters.ts'
import { IDENTIFIER_CHARS_MAX } from '../message/limits.ts'
import type { SipRequest } from '../message/message.ts'
import { scanParams } from '../message/params.ts'
import { Scanner } from '../message/scanner.ts'

/** Names the dialog that an INVITE shall take the place of. */
export interface ReplacesValue {
  readonly callId: string
  /** The tag that whoever receives the header gave. */
  readonly toTag: string
  /** The tag of its peer. */
  readonly fromTag: string
  /** Only a dialog that still rings may be replaced (RFC 3891 §4). */
  readonly earlyOnly: boolean
}

/**
 * The dialog that an INVITE shall replace; undefined when it names none, 'malformed' (a 400) when it cannot be read or
 * is there twice (RFC 3891 §3).
 */
export function parseReplaces(request: SipRequest): ReplacesValue | 'malformed' | undefined {
  const [value, ...more] = request.headers.all('Replaces')
  if (value === undefined) return undefined
  return more.length > 0 ? 'malformed' : (readReplaces(value) ?? 'malformed')
}

/** Reads the value of one such header; undefined when it is malformed. */
export function readReplaces(text: string): ReplacesValue | undefined {
  const semicolon = text.indexOf(';')
  if (semicolon < 0) return undefined
  const callId = text.slice(0, semicolon).trim()
  const words = callId.split('@', 3) // `word [ "@" word ]`
  if (callId.length > IDENTIFIER_CHARS_MAX || words.length > 2) return undefined
  if (!words.every((word) => consistsOf(word, WORD))) return undefined
  const params = scanParams(new Scanner(text, semicolon))
  const [toTag, fromTag] = [params?.get('to-tag'), params?.get('from-tag')]
  if (!isTag(toTag) || !isTag(fromTag)) return undefined
  return { callId, toTag, fromTag, earlyOnly: params?.has('early-only') === true }
}

/** Writes the value of the header. */
export function printReplaces(value: ReplacesValue): string {
  const { callId, toTag, fromTag, earlyOnly } = value
  return `${callId};to-tag=${toTag};from-tag=${fromTag}${earlyOnly ? ';early-only' : ''}`
}

function isTag(text: string | undefined): text is string {
  return text !== undefined && text.length <= IDENTIFIER_CHARS_MAX && isToken(text)
}
