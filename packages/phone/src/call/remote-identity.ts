/**
 * Who the peer is, as a phone shows it: what its server asserts (RFC 3325 §9.1), else the older Remote-Party-ID, else
 * From. A phone trusts its own server and no other, so these are believed as they come.
 */
import { type Headers, parseNameAddr } from '@tandem/sip'

/** An address and a name for people, '' when there is none. */
export interface RemoteIdentity {
  readonly uri: string
  readonly name: string
}

/** What the server asserts of the peer in a request or response; undefined when it says nothing. */
export function assertedIn(headers: Headers): RemoteIdentity | undefined {
  for (const field of ['P-Asserted-Identity', 'Remote-Party-ID'])
    for (const value of headers.all(field)) {
      const address = parseNameAddr(value)
      if (address !== undefined) return { uri: address.uriText, name: address.displayName }
    }
  return undefined
}

/** Who calls, by its INVITE. */
export function callerOf(headers: Headers): RemoteIdentity {
  const from = parseNameAddr(headers.get('From') ?? '')
  return assertedIn(headers) ?? { uri: from?.uriText ?? '', name: from?.displayName ?? '' }
}
