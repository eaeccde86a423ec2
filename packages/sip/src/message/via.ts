/**
 * One Via entry: RFC 3261 §20.42, with `rport` of RFC 3581.
 *
 * The transport rules that use it are in `transport/via.ts`. White space is allowed in odd places here
 * (`SIP / 2.0 / UDP`), and RFC 4475 §3.1.1.1 makes sure that we know.
 */
import { HOST, parseDigits } from './characters.ts'
import { parseHostPort, printHostPort } from './host.ts'
import { type Params, printParams, scanParams } from './params.ts'
import { Scanner } from './scanner.ts'

/** The start of every branch made by RFC 3261 §8.1.1.7; compared without regard to case, as all parameters are. */
export const BRANCH_COOKIE = 'z9hG4bK'

const SIP_2 = 'SIP/2.0'

/** One hop. */
export interface Via {
  /** What was written in place of `SIP/2.0`: a later version's 505 must find its way too (RFC 4475 §3.1.2.16). */
  readonly protocol?: string
  /** Upper case: `UDP`, `TCP`, `TLS`, `WS` ... or something unknown to us. */
  readonly transport: string
  /** The sent-by host, lower case, IPv6 without brackets. */
  readonly host: string
  readonly port?: number
  /** All parameters: `branch`, `received`, `rport` ('' while only asked for), `maddr`, `ttl` ... */
  readonly params: Params
}

/** Reads one Via entry; undefined when it is malformed. */
export function parseVia(text: string): Via | undefined {
  const scanner = new Scanner(text)
  scanner.space()
  const name = scanner.token().toUpperCase()
  if (name === '' || !scanner.mark('/')) return undefined
  const version = scanner.token()
  if (version === '' || !scanner.mark('/')) return undefined
  const transport = scanner.token().toUpperCase()
  if (transport === '' || !scanner.space()) return undefined
  const sentBy = scanSentBy(scanner)
  const params = sentBy === undefined ? undefined : scanParams(scanner)
  if (sentBy === undefined || params === undefined) return undefined
  const rport = params.get('rport')
  if (rport !== undefined && rport !== '' && !((parseDigits(rport, 65_535) ?? 65_536) <= 65_535))
    return undefined
  const protocol = `${name}/${version}`
  return { ...(protocol === SIP_2 ? {} : { protocol }), transport, ...sentBy, params }
}

/** `host [COLON port]`, where the colon may have white space around it. */
function scanSentBy(scanner: Scanner): { host: string; port?: number } | undefined {
  const from = scanner.at
  if (scanner.code === 91) {
    const close = scanner.text.indexOf(']', from)
    if (close < 0) return undefined
    scanner.at = close + 1
  } else scanner.run(HOST)
  const host = scanner.text.slice(from, scanner.at)
  if (!scanner.mark(':')) return parseHostPort(host)
  return parseHostPort(`${host}:${scanner.token()}`)
}

/** Writes a Via entry. */
export function printVia(via: Via): string {
  return `${via.protocol ?? SIP_2}/${via.transport} ${printHostPort(via)}${printParams(via.params)}`
}

/**
 * Whether a branch names a transaction by RFC 3261 §17.2.3: the cookie with something behind it. Without, the rules
 * of RFC 2543 hold (RFC 4475 §3.2.1).
 */
export function isTransactionBranch(branch: string | undefined): branch is string {
  return (
    branch !== undefined &&
    branch.length > BRANCH_COOKIE.length &&
    branch.slice(0, BRANCH_COOKIE.length).toLowerCase() === BRANCH_COOKIE.toLowerCase()
  )
}
