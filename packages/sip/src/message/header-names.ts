/**
 * What is known of each header field by its name: canonical spelling, compact form (RFC 3261 §7.3.3, §20),
 * whether its value is a comma list (§7.3.1), and whether it may come once only.
 *
 * A field that is not in the table is kept under its own name, written `Like-This`, so that names still compare.
 */
import { isToken } from './characters.ts'

/** One row of the table. */
export interface HeaderRule {
  readonly name: string
  /** Comma lists become one entry an element. `words` lists may be written on one line again. */
  readonly list: 'no' | 'addresses' | 'words'
  /** A bit of its own when the field may come only once; 0 when it may be repeated. */
  readonly onceBit: number
}

const ONCE = [
  'From|f',
  'To|t',
  'Call-ID|i',
  'CSeq',
  'Max-Forwards',
  'Content-Length|l',
  'Content-Type|c',
  'Content-Disposition',
  'Expires',
  'Min-Expires',
  'Date',
  'Event|o',
  'Refer-To|r',
  'Referred-By|b',
  'Replaces',
  'Session-Expires|x',
  'Min-SE',
  'Subscription-State',
  'Retry-After',
  'Subject|s',
  'User-Agent',
  'Server',
  'MIME-Version',
  'SIP-If-Match',
  'SIP-ETag',
  'RAck',
  'RSeq',
]
const ADDRESS_LISTS = [
  'Via|v',
  'Contact|m',
  'Route',
  'Record-Route',
  'Path',
  'Service-Route',
  'P-Asserted-Identity',
  'P-Preferred-Identity',
  'Diversion',
  'History-Info',
  'Alert-Info',
  'Call-Info',
  'Error-Info',
  'Warning',
  'Reason',
]
const WORD_LISTS = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Allow',
  'Allow-Events|u',
  'Content-Encoding|e',
  'Content-Language',
  'In-Reply-To',
  'Proxy-Require',
  'Require',
  'Supported|k',
  'Unsupported',
]
const PLAIN = [
  'Authorization',
  'WWW-Authenticate',
  'Proxy-Authorization',
  'Proxy-Authenticate',
  'Authentication-Info',
  'Organization',
  'Priority',
  'Privacy',
  'Timestamp',
  'Answer-Mode',
  'Priv-Answer-Mode',
  'Identity|y',
  'Accept-Contact|a',
  'Reject-Contact|j',
  'Request-Disposition|d',
  'Target-Dialog',
  'Content-Transfer-Encoding',
]

const RULES = new Map<string, HeaderRule>()
function add(entry: string, list: HeaderRule['list'], onceBit: number): void {
  const [name = entry, compact] = entry.split('|')
  const rule: HeaderRule = { name, list, onceBit }
  RULES.set(name, rule)
  RULES.set(name.toLowerCase(), rule)
  if (compact === undefined) return
  RULES.set(compact, rule)
  RULES.set(compact.toUpperCase(), rule)
}
for (const [index, entry] of ONCE.entries()) add(entry, 'no', 1 << index)
for (const entry of ADDRESS_LISTS) add(entry, 'addresses', 0)
for (const entry of WORD_LISTS) add(entry, 'words', 0)
for (const entry of PLAIN) add(entry, 'no', 0)

/** The rule of a name as written on the wire, in any case; undefined when it is no token. */
export function headerRule(written: string): HeaderRule | undefined {
  const known = RULES.get(written) ?? RULES.get(written.toLowerCase())
  if (known !== undefined) return known
  return isToken(written) ? { name: canonicalName(written), list: 'no', onceBit: 0 } : undefined
}

/** Whether the values of a canonical name may share one line when they are written. */
export function sharesLine(name: string): boolean {
  return RULES.get(name)?.list === 'words'
}

/** The spelling under which `Headers` keeps a name: `call-id` and `i` give `Call-ID`, `x-foo` gives `X-Foo`. */
export function canonicalName(written: string): string {
  const known = RULES.get(written) ?? RULES.get(written.toLowerCase())
  if (known !== undefined) return known.name
  return written.toLowerCase().replace(/(^|-)([a-z])/g, (_, dash, letter) => dash + letter.toUpperCase())
}
