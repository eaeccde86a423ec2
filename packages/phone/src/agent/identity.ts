/**
 * Who a phone is: its address of record, its Contact, where its requests go, and what a dialled text means
 * (RFC 3261 §8.1.1, §19.1). Facts alone; nothing here changes.
 */
import {
  type Credentials,
  type Destination,
  parseNameAddr,
  printHostPort,
  printNameAddr,
  quote,
  type SocketAddress,
} from '@tandem/sip'
import type { PhoneOptions } from '../options.ts'
import { PhoneError } from '../phone-error.ts'

/** The names and addresses of one phone. */
export interface Identity {
  /** Address of record. */
  readonly uri: string
  /** From header value without tag: the address of record, with the display name if there is one. */
  readonly from: string
  /** Where we are reached. */
  readonly contactUri: string
  /** User part of our Contact. */
  readonly user: string
  readonly domain: string
  /** Where all requests go. */
  readonly destination: Destination
  readonly credentials: Credentials
}

/** Whom a caller is who does not want to be known: RFC 3323 §4.1.1.3. */
export const ANONYMOUS = 'sip:anonymous@anonymous.invalid'

/** Who the phone with these options is, when it listens at `own` and its proxy stands at `proxy`. */
export function identityOf(
  options: PhoneOptions,
  addresses: { readonly own: SocketAddress; readonly proxy: SocketAddress },
): Identity {
  const { user, password, domain, name } = options
  const transport = options.proxy.transport ?? 'udp'
  const uri = `sip:${user}@${domain}`
  const parameter = transport === 'udp' ? '' : `;transport=${transport}`
  return {
    uri,
    from: `${name === undefined ? '' : `${quote(name)} `}<${uri}>`,
    contactUri: `sip:${user}@${printHostPort(addresses.own)}${parameter}`,
    user,
    domain,
    destination: { transport, address: addresses.proxy },
    credentials: { username: user, password },
  }
}

/** The URI that is called for a number of the domain, `user@domain` or a SIP URI. Throws `PhoneError` for anything else. */
export function dialledUri(destination: string, domain: string): string {
  const text = destination.trim()
  const plain = /^[-0-9a-z.+*#_~!&=$'()]+$/i.test(text)
  const uri = /^sips?:|^tel:/i.test(text)
    ? text
    : plain
      ? `sip:${text.replaceAll('#', '%23')}@${domain}`
      : `sip:${text}`
  const address = parseNameAddr(`<${uri}>`)
  if (text === '' || address === undefined)
    throw new PhoneError('the destination is a number, user@domain or a SIP URI')
  return printNameAddr({ ...address, displayName: '' }).slice(1, -1)
}
