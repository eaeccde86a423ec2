/**
 * URIs: `sip`, `sips` and `tel` taken apart (RFC 3261 §19.1, RFC 3966), every other scheme kept as text.
 *
 * User, password, parameter and header texts are unescaped here and escaped again by `printUri`; a URI whose
 * escapes are not UTF-8 is refused. Hosts are lower case, IPv6 ones without brackets. Nothing here throws.
 */
import { consistsOf, HEADER, PARAM, PASSWORD, USER } from './characters.ts'
import { type HostPort, parseHostPort, printHostPort } from './host.ts'
import { PARAMETER_COUNT_MAX, URI_CHARS_MAX } from './limits.ts'
import { NO_PARAMS, type Params } from './params.ts'
import { decodeUtf8Strictly, encodeUtf8 } from './utf8.ts'

/** A `sip:` or `sips:` URI. Parameter and header names are lower case; a flag has the value ''. */
export interface SipUri extends HostPort {
  readonly kind: 'sip'
  /** True for `sips`. */
  readonly secure: boolean
  readonly user?: string
  readonly password?: string
  readonly params: Params
  readonly headers: Params
}

/** A telephone number, RFC 3966: digits with `+` in front when global, visual separators removed. */
export interface TelUri {
  readonly kind: 'tel'
  readonly number: string
  readonly params: Params
}

/** A URI that is none of ours: only its scheme, in lower case, is understood. */
export interface OtherUri {
  readonly kind: 'other'
  readonly scheme: string
  readonly text: string
}

export type Uri = SipUri | TelUri | OtherUri

/** Reads a URI; undefined when it is malformed. */
export function parseUri(text: string): Uri | undefined {
  if (text.length > URI_CHARS_MAX) return undefined
  const colon = text.indexOf(':')
  if (colon <= 0) return undefined
  const scheme = text.slice(0, colon).toLowerCase()
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(text, colon + 1, scheme === 'sips')
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return undefined
  const rest = text.slice(colon + 1)
  if (scheme === 'tel') return parseTelUri(rest)
  return /^[!-;=?-~]+$/.test(rest) ? { kind: 'other', scheme, text } : undefined
}

function parseSipUri(text: string, from: number, secure: boolean): SipUri | undefined {
  const at = text.indexOf('@', from)
  let user: string | undefined
  let password: string | undefined
  if (at >= 0) {
    const colon = text.indexOf(':', from)
    const userEnd = colon >= 0 && colon < at ? colon : at
    user = unescapeText(text.slice(from, userEnd), USER)
    if (user === undefined || user === '') return undefined
    if (userEnd < at) {
      password = unescapeText(text.slice(userEnd + 1, at), PASSWORD)
      if (password === undefined) return undefined
    }
  }

  const hostFrom = at < 0 ? from : at + 1
  const question = text.indexOf('?', hostFrom)
  const paramsEnd = question < 0 ? text.length : question
  const semicolon = text.indexOf(';', hostFrom)
  const hostEnd = semicolon < 0 || semicolon > paramsEnd ? paramsEnd : semicolon
  const hostPort = parseHostPort(text.slice(hostFrom, hostEnd))
  if (hostPort === undefined) return undefined
  const params = hostEnd < paramsEnd ? parsePairs(text.slice(hostEnd + 1, paramsEnd), ';', PARAM) : NO_PARAMS
  const headers = question < 0 ? NO_PARAMS : parsePairs(text.slice(question + 1), '&', HEADER)
  if (params === undefined || headers === undefined) return undefined
  return {
    kind: 'sip',
    secure,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...hostPort,
    params,
    headers,
  }
}

function parseTelUri(rest: string): TelUri | undefined {
  const semicolon = rest.indexOf(';')
  const number = (semicolon < 0 ? rest : rest.slice(0, semicolon)).replace(/[-.()]/g, '')
  const params = semicolon < 0 ? NO_PARAMS : parsePairs(rest.slice(semicolon + 1), ';', PARAM)
  if (params === undefined || !/^\+?[0-9A-Fa-f*#]+$/.test(number)) return undefined
  return { kind: 'tel', number, params }
}

/** `name=value` pairs: URI parameters (flags allowed) and URI headers (a value, maybe empty, required). */
function parsePairs(text: string, separator: ';' | '&', flags: number): Params | undefined {
  const pairs = new Map<string, string>()
  for (const part of text.split(separator, PARAMETER_COUNT_MAX + 1)) {
    const equal = part.indexOf('=')
    const name = unescapeText(equal < 0 ? part : part.slice(0, equal), flags)?.toLowerCase()
    const value = equal < 0 ? '' : unescapeText(part.slice(equal + 1), flags)
    if (name === undefined || name === '' || value === undefined || pairs.has(name)) return undefined
    if (separator === '&' && equal < 0) return undefined
    if (separator === ';' && equal >= 0 && value === '') return undefined
    pairs.set(name, value)
  }
  return pairs.size > PARAMETER_COUNT_MAX ? undefined : pairs
}

/** Undoes `%XX`; undefined when a character is not allowed bare, an escape is broken, or the bytes are no UTF-8. */
function unescapeText(text: string, flags: number): string | undefined {
  if (!text.includes('%')) return text === '' || consistsOf(text, flags) ? text : undefined
  const bytes = new Uint8Array(text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string // Inside the text.
    if (character === '%') {
      const hex = text.slice(i + 1, i + 3)
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return undefined
      bytes[length++] = Number.parseInt(hex, 16)
      i += 2
    } else {
      if (!consistsOf(character, flags)) return undefined
      bytes[length++] = character.charCodeAt(0)
    }
  }
  return decodeUtf8Strictly(bytes.subarray(0, length))
}

function escapeText(text: string, flags: number): string {
  if (text === '' || consistsOf(text, flags)) return text
  let escaped = ''
  for (const byte of encodeUtf8(text)) {
    const character = String.fromCharCode(byte)
    escaped += consistsOf(character, flags)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}

/** Writes a URI as it stands in a header or a request line. */
export function printUri(uri: Uri): string {
  switch (uri.kind) {
    case 'other':
      return uri.text
    case 'tel':
      return `tel:${uri.number}${printPairs(uri.params, ';', ';', PARAM)}`
    case 'sip': {
      const password = uri.password === undefined ? '' : `:${escapeText(uri.password, PASSWORD)}`
      const user = uri.user === undefined ? '' : `${escapeText(uri.user, USER)}${password}@`
      const params = printPairs(uri.params, ';', ';', PARAM)
      const headers = printPairs(uri.headers, '?', '&', HEADER)
      return `${uri.secure ? 'sips' : 'sip'}:${user}${printHostPort(uri)}${params}${headers}`
    }
  }
}

function printPairs(pairs: Params, first: string, next: string, flags: number): string {
  let text = ''
  for (const [name, value] of pairs) {
    const equal = value === '' && first === ';' ? '' : '='
    text += `${text === '' ? first : next}${escapeText(name, flags)}${equal}${escapeText(value, flags)}`
  }
  return text
}

/** The URI parameters that make two URIs differ when only one of them has it: RFC 3261 §19.1.4. */
const TELLING_PARAMS = ['user', 'ttl', 'method', 'maddr', 'transport']

/** Whether two URIs are equivalent by RFC 3261 §19.1.4 (RFC 3966 §4 for `tel`). */
export function sameUri(a: Uri, b: Uri): boolean {
  if (a.kind === 'other' || b.kind === 'other')
    return a.kind === 'other' && b.kind === 'other' && a.text === b.text
  if (a.kind === 'tel' || b.kind === 'tel')
    return (
      a.kind === 'tel' &&
      b.kind === 'tel' &&
      a.number.toLowerCase() === b.number.toLowerCase() &&
      samePairs(a.params, b.params)
    )
  return (
    a.secure === b.secure &&
    a.user === b.user &&
    a.password === b.password &&
    a.host === b.host &&
    a.port === b.port &&
    TELLING_PARAMS.every((name) => a.params.has(name) === b.params.has(name)) &&
    [...a.params].every(
      ([name, value]) => (b.params.get(name) ?? value).toLowerCase() === value.toLowerCase(),
    ) &&
    samePairs(a.headers, b.headers)
  )
}

function samePairs(a: Params, b: Params): boolean {
  return (
    a.size === b.size && [...a].every(([name, value]) => b.get(name)?.toLowerCase() === value.toLowerCase())
  )
}
