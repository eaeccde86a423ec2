/**
 * Reads a session description: RFC 8866, with `a=rtcp` (RFC 3605) and `a=rtcp-mux` (RFC 5761).
 *
 * Contract: `parseSdp` never throws and is linear in its input; past a limit or against the grammar it fails as a whole.
 * It is as lenient as RFC 8866 §5 asks (LF alone, no line end at the end, unknown lines), and phones need (no `s=`
 * or `t=`).
 */
import { consistsOf, HOST, isToken, parseDigits } from '../message/characters.ts'
import { isIpv6 } from '../message/host.ts'
import { decodeUtf8 } from '../message/utf8.ts'
import type { Direction, MediaDescription, RtpFormat, SessionDescription } from './description.ts'
import { staticFormat } from './static-formats.ts'

/** The largest description, in characters: phones send two thousand. */
export const SDP_CHARS_MAX = 16_384
/** The longest line, in characters. */
export const SDP_LINE_CHARS_MAX = 1_024
/** Most lines of all kinds. */
export const SDP_LINES_MAX = 512
/** Most media lines. */
export const SDP_MEDIA_MAX = 16
/** Most formats of one media line: there are 128 payload types, and nobody sends half of them. */
export const SDP_FORMATS_MAX = 64
/** The longest word of a media line, in characters: `application`, `UDP/TLS/RTP/SAVPF`. */
export const SDP_WORD_CHARS_MAX = 32
/** The longest address: a host name, RFC 1035 §2.3.4. */
const ADDRESS_CHARS_MAX = 255
/** The largest payload type: seven bits, RFC 3550 §5.1. */
const PAYLOAD_TYPE_MAX = 127
/** Packet times above a second are nonsense. */
const PTIME_MS_MAX = 1_000

/** A description that was refused; an INVITE with it earns a 488. */
export interface SdpFailure {
  readonly kind: 'failure'
  /** Which rule was broken, without content. */
  readonly reason: string
}

/** What one level, session or media, says. */
interface Level {
  host?: string
  direction?: Direction
  ptimeMs?: number
  maxptimeMs?: number
  rtcpPort?: number
  rtcpMux?: boolean
  /** From `a=rtpmap` and `a=fmtp`. Lists, since there are a handful. */
  readonly formats: RtpFormat[]
  readonly parameters: { readonly payloadType: number; readonly text: string }[]
  readonly attributes: string[]
}

interface MediaLine extends Level {
  readonly media: string
  readonly port: number
  readonly protocol: string
  readonly tokens: readonly string[]
}

/** Reads a description. */
export function parseSdp(input: Uint8Array | string): SessionDescription | SdpFailure {
  if (input.length > 4 * SDP_CHARS_MAX) return fail('Too Long')
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  if (text.length > SDP_CHARS_MAX) return fail('Too Long')
  if (text.includes('\0')) return fail('NUL Byte')

  const session: Level = newLevel()
  const lines: MediaLine[] = []
  let origin: SessionDescription['origin'] | undefined
  let name = '-'
  let count = 0
  let at = 0
  while (at < text.length) {
    const lf = text.indexOf('\n', at)
    const next = lf < 0 ? text.length : lf
    const end = next > at && text.charCodeAt(next - 1) === 13 ? next - 1 : next
    const from = at
    at = next + 1
    if (end === from) continue
    if (end - from > SDP_LINE_CHARS_MAX) return fail('Line Too Long')
    if (++count > SDP_LINES_MAX) return fail('Too Many Lines')
    if (text.charCodeAt(from + 1) !== 61) return fail('Line Without Type')
    const type = text[from]
    const value = text.slice(from + 2, end)
    if (value.includes('\r')) return fail('Bare CR')
    const level = lines.at(-1) ?? session
    let reason: string | undefined
    if (count === 1) reason = type === 'v' && value === '0' ? undefined : 'Unknown Version'
    else if (type === 'a') reason = readAttribute(level, value)
    else if (type === 'm') {
      const line = parseMediaLine(value)
      if (typeof line === 'string') reason = line
      else if (lines.push(line) > SDP_MEDIA_MAX) reason = 'Too Many Media Lines'
    } else if (type === 'c') {
      const host = parseConnection(value)
      if (host === undefined) reason = 'Malformed Connection'
      else level.host ??= host
    } else if (type === 'o') {
      origin = parseOrigin(value)
      if (origin === undefined) reason = 'Malformed Origin'
    } else if (type === 's') name = value.trim() === '' ? '-' : value
    if (reason !== undefined) return fail(reason)
  }
  if (origin === undefined) return fail('Missing Origin')

  const media: MediaDescription[] = []
  for (const line of lines) {
    const host = line.host ?? session.host ?? (line.port === 0 ? origin.host : undefined)
    if (host === undefined) return fail('Missing Connection')
    media.push(describe(line, session, host))
  }
  return { origin, name, media }
}

function fail(reason: string): SdpFailure {
  return { kind: 'failure', reason }
}

function newLevel(): Level {
  return { formats: [], parameters: [], attributes: [] }
}

function parseOrigin(value: string): SessionDescription['origin'] | undefined {
  const [username, sessionId, version, net, family, host, more] = value.trim().split(' ', 7)
  if (username === undefined || sessionId === undefined || version === undefined || more !== undefined)
    return undefined
  if (username.length > ADDRESS_CHARS_MAX || !isNumber(sessionId) || !isNumber(version)) return undefined
  return net === 'IN' && (family === 'IP4' || family === 'IP6') && host !== undefined && isAddress(host)
    ? { username, sessionId, version, host }
    : undefined
}

/** Digits of a 64-bit number at most; kept as text, since they may pass 2^53. */
function isNumber(text: string): boolean {
  return text.length <= 20 && parseDigits(text, Number.MAX_SAFE_INTEGER) !== undefined
}

/** `IN IP4 192.0.2.1[/ttl]`, `IN IP6 2001:db8::1`. */
function parseConnection(value: string): string | undefined {
  const [net, family, address, more] = value.trim().split(' ', 4)
  if (net !== 'IN' || (family !== 'IP4' && family !== 'IP6') || address === undefined || more !== undefined)
    return undefined
  const host = address.split('/', 1)[0] ?? ''
  return isAddress(host) ? host : undefined
}

function isAddress(text: string): boolean {
  if (text.length > ADDRESS_CHARS_MAX) return false
  return text.includes(':') ? isIpv6(text) : consistsOf(text, HOST)
}

/** `audio 49170[/2] RTP/AVP 0 8 101`; a text when it is at fault. */
function parseMediaLine(value: string): MediaLine | string {
  const [media = '', ports = '', protocol = '', ...tokens] = value.trim().split(' ', SDP_FORMATS_MAX + 4)
  if (!isToken(media) || media.length > SDP_WORD_CHARS_MAX) return 'Malformed Media Type'
  const port = parseDigits(ports.split('/', 1)[0] ?? '', 65_535)
  if (port === undefined || port > 65_535) return 'Malformed Port'
  if (protocol.length > SDP_WORD_CHARS_MAX || !protocol.split('/').every(isToken)) return 'Malformed Protocol'
  if (tokens.length === 0 || tokens.length > SDP_FORMATS_MAX) return 'Malformed Format List'
  const isFormat = isRtp(protocol)
    ? (token: string) => (parseDigits(token, PAYLOAD_TYPE_MAX) ?? PAYLOAD_TYPE_MAX + 1) <= PAYLOAD_TYPE_MAX
    : (token: string) => isToken(token) && token.length <= SDP_WORD_CHARS_MAX
  if (!tokens.every(isFormat)) return 'Malformed Format List'
  return {
    formats: [],
    parameters: [],
    attributes: [],
    media: media.toLowerCase(),
    port,
    protocol,
    tokens,
  }
}

function isRtp(protocol: string): boolean {
  return /(?:^|\/)RTP\/S?AVPF?$/i.test(protocol)
}

/** Takes in an `a=` line; a text when it is at fault. */
function readAttribute(level: Level, value: string): string | undefined {
  const colon = value.indexOf(':')
  const name = colon < 0 ? value : value.slice(0, colon)
  const rest = colon < 0 ? '' : value.slice(colon + 1)
  if (!isToken(name)) return 'Malformed Attribute'
  switch (name) {
    case 'sendrecv':
    case 'sendonly':
    case 'recvonly':
    case 'inactive':
      level.direction = name
      return undefined
    case 'rtpmap':
      return readRtpmap(level, rest)
    case 'fmtp':
      return readFmtp(level, rest)
    case 'ptime':
    case 'maxptime': {
      const ms = parseDigits(rest.trim().split('.', 1)[0] ?? '', PTIME_MS_MAX) // Some write 20.0.
      if (ms === undefined || ms === 0 || ms > PTIME_MS_MAX) return 'Malformed Packet Time'
      level[name === 'ptime' ? 'ptimeMs' : 'maxptimeMs'] = ms
      return undefined
    }
    case 'rtcp': {
      const port = parseDigits(rest.trim().split(' ', 1)[0] ?? '', 65_535)
      if (port === undefined || port > 65_535) return 'Malformed RTCP Port'
      level.rtcpPort = port
      return undefined
    }
    case 'rtcp-mux':
      level.rtcpMux = true
      return undefined
    default:
      level.attributes.push(value)
      return undefined
  }
}

/** `0 PCMU/8000[/1]`. */
function readRtpmap(level: Level, rest: string): string | undefined {
  const text = rest.trim()
  const space = text.indexOf(' ')
  const slash = text.indexOf('/', space)
  const payloadType = parseDigits(space < 0 ? text : text.slice(0, space), PAYLOAD_TYPE_MAX)
  if (slash < 0) {
    level.attributes.push(`rtpmap:${rest}`) // RFC 4475 writes `31 LPC` in messages that must pass: it explains nothing.
    return payloadType === undefined || payloadType > PAYLOAD_TYPE_MAX
      ? 'Payload Type Out Of Range'
      : undefined
  }
  const second = text.indexOf('/', slash + 1)
  const encoding = text.slice(space + 1, slash)
  const rate = text.slice(slash + 1, second < 0 ? text.length : second)
  const channels = second < 0 ? '1' : text.slice(second + 1)
  const clockRateHz = parseDigits(rate, 1_000_000)
  const channelCount = parseDigits(channels, 255)
  if (payloadType === undefined || payloadType > PAYLOAD_TYPE_MAX) return 'Payload Type Out Of Range'
  if (!isToken(encoding) || encoding.length > SDP_WORD_CHARS_MAX) return 'Malformed Format'
  if (!isSmall(clockRateHz) || !isSmall(channelCount)) return 'Malformed Format'
  level.formats.push({ payloadType, encoding: encoding.toUpperCase(), clockRateHz, channels: channelCount })
  return undefined
}

function isSmall(value: number | undefined): value is number {
  return value !== undefined && value > 0 && Number.isFinite(value)
}

/** `101 0-16`. */
function readFmtp(level: Level, rest: string): string | undefined {
  const space = rest.indexOf(' ')
  const payloadType = parseDigits(space < 0 ? rest : rest.slice(0, space), PAYLOAD_TYPE_MAX)
  if (payloadType === undefined) {
    level.attributes.push(`fmtp:${rest}`) // A format that is not RTP's.
    return undefined
  }
  if (payloadType > PAYLOAD_TYPE_MAX) return 'Payload Type Out Of Range'
  level.parameters.push({ payloadType, text: space < 0 ? '' : rest.slice(space + 1) })
  return undefined
}

function describe(line: MediaLine, session: Level, host: string): MediaDescription {
  const ptimeMs = line.ptimeMs ?? session.ptimeMs
  const maxptimeMs = line.maxptimeMs ?? session.maxptimeMs
  // RFC 3264 §8.4: how RFC 2543 said hold.
  const isHeld = host === '0.0.0.0' || host === '::'
  return {
    media: line.media,
    port: line.port,
    protocol: line.protocol,
    formats: isRtp(line.protocol) ? formatsOf(line) : [],
    formatTokens: line.tokens,
    host,
    direction: isHeld ? 'inactive' : (line.direction ?? session.direction ?? 'sendrecv'),
    ...(ptimeMs === undefined ? {} : { ptimeMs }),
    ...(maxptimeMs === undefined ? {} : { maxptimeMs }),
    rtcpPort: line.rtcpPort ?? (line.port === 0 ? 0 : Math.min(line.port + 1, 65_535)),
    rtcpMux: line.rtcpMux ?? false,
    attributes: line.attributes,
  }
}

/** The formats in the order of the media line; a dynamic type that no rtpmap explains says nothing. */
function formatsOf(line: MediaLine): RtpFormat[] {
  const formats: RtpFormat[] = []
  for (const token of line.tokens) {
    const payloadType = Number(token)
    const mapped = line.formats.find((format) => format.payloadType === payloadType)
    const format = mapped ?? staticFormat(payloadType)
    if (format === undefined) continue
    const fmtp = line.parameters.find((each) => each.payloadType === payloadType)?.text
    formats.push(fmtp === undefined ? format : { ...format, fmtp })
  }
  return formats
}
