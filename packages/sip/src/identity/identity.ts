/**
 * Who calls, and who may know it: RFC 3323 (Privacy), RFC 3325 (P-Preferred-Identity, P-Asserted-Identity).
 *
 * A phone says who it would like to be shown as; it does not assert it. So its P-Asserted-Identity is not read at all,
 * and what it prefers is for the caller of `parseIdentity` to hold against its login. We alone assert, to our own
 * phones, and say nothing at all of a caller who wants to stay unknown.
 */
import type { SipRequest } from '../message/message.ts'
import { parseNameAddr, printNameAddr } from '../message/name-addr.ts'
import { parseUri, printUri } from '../message/uri.ts'

/** What a caller wants hidden: RFC 3323 §4.2, RFC 3325 §9.3. */
export interface Privacy {
  /** The identity: what nearly all phones mean by "hide my number". */
  readonly id: boolean
  /** Header fields that name the caller's way. */
  readonly header: boolean
  /** What the phone itself would have hidden, had it known how. */
  readonly user: boolean
  /** Nothing, whatever was configured for the caller. */
  readonly none: boolean
}

/** Who a request says it is from. */
export interface Identity {
  readonly displayName?: string
  /** '' when not even From could be read. */
  readonly uri: string
  readonly privacy: Privacy
}

/** The From of somebody who is not named: RFC 3323 §4.1.1.3. */
const ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
const ANONYMOUS_HOST = 'anonymous.invalid'

/** Who a phone wants to be: its P-Preferred-Identity, else its From. An anonymous From asks for `id` by itself. */
export function parseIdentity(request: SipRequest): Identity {
  const { headers } = request
  const preferred = headers.all('P-Preferred-Identity').map(parseNameAddr)
  const from = parseNameAddr(headers.get('From') ?? '')
  const address = preferred.find((value) => value?.uri.kind === 'sip') ?? preferred.find(Boolean) ?? from
  const wishes = new Set(
    headers.all('Privacy').flatMap((value) => value.split(/[;,]/).map((wish) => wish.trim().toLowerCase())),
  )
  const anonymous = from?.uri.kind === 'sip' && from.uri.host === ANONYMOUS_HOST
  const name = address?.displayName ?? ''
  return {
    ...(name === '' ? {} : { displayName: name }),
    uri: address?.uriText ?? '',
    privacy: {
      id: wishes.has('id') || (anonymous && !wishes.has('none')),
      header: wishes.has('header'),
      user: wishes.has('user'),
      none: wishes.has('none'),
    },
  }
}

/**
 * The From (without tag) and the further fields by which an INVITE of ours names the caller. A private one is named in no
 * field at all. `domain` is the SIP domain that a `tel:` number, which has none, is placed in.
 */
export function identityHeaders(caller: {
  readonly displayName: string
  readonly uri: string
  readonly private: boolean
  readonly domain: string
}): { readonly from: string; readonly headers: [string, string][] } {
  if (caller.private) return { from: ANONYMOUS, headers: [['Privacy', 'id']] }
  const from = printNameAddr({ displayName: caller.displayName, uri: inDomain(caller.uri, caller.domain) })
  return { from, headers: [['P-Asserted-Identity', from]] }
}

/** A telephone number as an address in a domain: RFC 3261 §19.1.6. */
function inDomain(text: string, domain: string): string {
  const uri = parseUri(text)
  if (uri?.kind !== 'tel') return text
  const params = new Map([['user', 'phone']])
  return printUri({ kind: 'sip', secure: false, user: uri.number, host: domain, params, headers: new Map() })
}
