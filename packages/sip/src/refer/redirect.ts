/**
 * Where a 3xx sends a call: RFC 3261 §8.1.3.4, §21.3. The Contacts of the response, the one it likes best first.
 */
import { parseContactList } from '../message/contact.ts'
import type { SipResponse } from '../message/message.ts'

/** Most targets of one redirection: who names more is not forwarding a call. */
export const REDIRECT_TARGETS_MAX = 10

/** One place that a redirected call may go to. */
export interface RedirectTarget {
  /** As it was written. */
  readonly uri: string
  /** 0 to 1. */
  readonly q: number
}

/** The targets of a 300 to 399, by falling q and then as written; none for every other status. Malformed ones are left out. */
export function redirectTargets(response: SipResponse): readonly RedirectTarget[] {
  if (response.status < 300 || response.status > 399) return []
  const targets: RedirectTarget[] = []
  for (const value of response.headers.all('Contact')) {
    const contacts = parseContactList([value])
    const contact = contacts === '*' ? undefined : contacts?.[0]
    if (contact === undefined || contact.uri.kind === 'other') continue
    if (!targets.some((target) => target.uri === contact.uriText))
      targets.push({ uri: contact.uriText, q: contact.q })
  }
  return targets.sort((a, b) => b.q - a.q).slice(0, REDIRECT_TARGETS_MAX)
}
