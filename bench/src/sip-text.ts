/**
 * As much of SIP (RFC 3261) and its digest (RFC 8760) as the bare phones of the load need, on plain text: it shares nothing
 * with the stack under test, and costs little. It trusts what it reads: the other end is our own server on loopback.
 */
import { createHash, randomBytes } from 'node:crypto'

/** A message taken apart. Header names are in lower case; those that repeat keep their order. */
export interface SipText {
  /** Of a request. */
  readonly method?: string
  readonly uri?: string
  /** Of a response. */
  readonly status?: number
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
}

/** The long names of the compact forms that phones use. */
const LONG: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  o: 'event',
}

/** Takes a datagram apart; undefined for a keep-alive. */
export function parseSip(text: string): SipText | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const short = line.slice(0, colon).trim().toLowerCase()
    const name = LONG[short] ?? short
    const values = headers.get(name) ?? []
    values.push(line.slice(colon + 1).trim())
    headers.set(name, values)
  }
  const body = text.slice(end + 4)
  const [start = '', second = ''] = first.split(' ')
  if (start.startsWith('SIP/')) return { status: Number(second), headers, body }
  return { method: start, uri: second, headers, body }
}

/** The first value of a header field, or nothing at all as text. */
export function field(message: SipText, name: string): string {
  return message.headers.get(name)?.[0] ?? ''
}

/** The URI of a name-addr. */
export function uriIn(value: string): string {
  return /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0] ?? ''
}

/** The tag of From or To; undefined when there is none yet. */
export function tagIn(value: string): string | undefined {
  return /;\s*tag=([^;\s]+)/.exec(value)?.[1]
}

/** Lines put together, with the length of the body. */
export function writeSip(first: string, headers: readonly (readonly [string, string])[], body = ''): string {
  const type = body === '' ? [] : ['Content-Type: application/sdp']
  const lines = [first, ...headers.map(([name, value]) => `${name}: ${value}`), ...type]
  return `${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** A description of one PCMU stream (RFC 8866), with its direction. */
export function describe(host: string, port: number, version: number, direction = 'sendrecv'): string {
  const lines = [
    'v=0',
    `o=- 1 ${version} IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=ptime:20',
    `a=${direction}`,
  ]
  return `${lines.join('\r\n')}\r\n`
}

/** The audio port of a description; 0 when there is none. */
export function audioPort(body: string): number {
  return Number(/^m=audio (\d+)/m.exec(body)?.[1] ?? 0)
}

/** The direction that answers the one of an offer (RFC 3264 §6.1). */
export function answering(offer: string): string {
  const said = /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(offer)?.[1] ?? 'sendrecv'
  return said === 'sendonly' ? 'recvonly' : said === 'recvonly' ? 'sendonly' : said
}

/** Something that nobody else will think of. */
export function token(): string {
  return randomBytes(8).toString('hex')
}

/** The value of Authorization that answers a challenge. */
export function authorization(
  challenge: string,
  request: {
    readonly method: string
    readonly uri: string
    readonly user: string
    readonly password: string
  },
): string {
  const param = (name: string): string =>
    new RegExp(`${name}="?([^",]+)"?`, 'i').exec(challenge)?.[1]?.trim() ?? ''
  const algorithm = param('algorithm') || 'MD5'
  const hash = (text: string): string =>
    createHash(algorithm.toUpperCase() === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex')
  const { method, uri, user, password } = request
  const [realm, nonce, cnonce, count] = [param('realm'), param('nonce'), token(), '00000001']
  const ha1 = hash(`${user}:${realm}:${password}`)
  const ha2 = hash(`${method}:${uri}`)
  const response = hash(`${ha1}:${nonce}:${count}:${cnonce}:auth:${ha2}`)
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, qop=auth, nc=${count}, cnonce="${cnonce}", response="${response}"`
}
