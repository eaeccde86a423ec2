/**
 * The head of a message, start line and header lines: RFC 3261 §7.1 to §7.3.
 *
 * `findHeadEnd` says where it ends, `parseHead` takes it apart. Bare CR or LF, other controls outside of a quoted
 * pair, repeated single headers and everything past a limit are faults.
 */
import { isToken, parseDigits } from './characters.ts'
import { type HeaderRule, headerRule } from './header-names.ts'
import { Headers } from './headers.ts'
import {
  HEAD_BYTES_MAX,
  HEADER_COUNT_MAX,
  HEADER_NAME_CHARS_MAX,
  HEADER_REPEATS_MAX,
  HEADER_VALUE_CHARS_MAX,
  MESSAGE_BYTES_MAX,
  METHOD_CHARS_MAX,
  START_LINE_CHARS_MAX,
  VIA_COUNT_MAX,
} from './limits.ts'
import { isSpace, splitList, trimmed } from './split-list.ts'
import { decodeUtf8 } from './utf8.ts'

/** The start line of a request or a response. */
type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }

/** A head that was understood; `contentLength` in bytes, absent when no such header came. */
export type Head = StartLine & { readonly headers: Headers; readonly contentLength?: number }

/** A head that was not, with the status that a request would be answered with. */
export interface HeadFault {
  readonly kind: 'failure'
  readonly status: number
  readonly reason: string
}

const CR = 13
const LF = 10
const SPACE = 32
const TAB = 9

/** Where the CRLF CRLF begins that ends the head, from `from` on; -1 when it is not there yet. */
export function findHeadEnd(bytes: Uint8Array, from: number): number {
  // The last byte of the four is looked at first, so that most bytes are never touched.
  for (let i = from + 3; i < bytes.length; ) {
    const byte = bytes[i]
    if (byte === LF) {
      if (bytes[i - 1] === CR && bytes[i - 2] === LF && bytes[i - 3] === CR) return i - 3
      i += 2
    } else i += byte === CR ? 1 : 4
  }
  return -1
}

/** Takes apart the head that lies in `bytes` from `start` to `end`, without its final CRLF CRLF. */
export function parseHead(bytes: Uint8Array, start: number, end: number): Head | HeadFault {
  if (end - start > HEAD_BYTES_MAX) return fault('Headers Too Large')
  if (!hasOnlyText(bytes, start, end)) return fault('Control Character In Headers')
  const text = decodeUtf8(bytes.subarray(start, end))
  const lineEnd = text.indexOf('\r\n')
  const line = parseStartLine(lineEnd < 0 ? text : text.slice(0, lineEnd))
  if (line.kind === 'failure') return line

  const fields: string[] = []
  const length = parseFields(text, lineEnd < 0 ? text.length : lineEnd + 2, fields)
  if (typeof length === 'string') return fault(length)
  const headers = Headers.adopt(fields)
  if (fields.length > 2 * HEADER_REPEATS_MAX && repeatsTooOften(fields))
    return fault('Header Repeated Too Often')
  return line.kind === 'request'
    ? { kind: 'request', method: line.method, uri: line.uri, headers, ...length }
    : { kind: 'response', status: line.status, reason: line.reason, headers, ...length }
}

function fault(reason: string, status = 400): HeadFault {
  return { kind: 'failure', status, reason }
}

/** Whether line ends are CRLF only, and other controls stand behind a backslash only (`quoted-pair`). */
function hasOnlyText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number // Inside the array, by the loop.
    if ((byte >= SPACE && byte !== 127) || byte === TAB) continue
    if (byte === CR && bytes[i + 1] === LF) i++
    else if (byte === CR || byte === LF || !isEscaped(bytes, start, i)) return false
  }
  return true
}

function isEscaped(bytes: Uint8Array, start: number, at: number): boolean {
  let backslashes = 0
  while (at - 1 - backslashes >= start && bytes[at - 1 - backslashes] === 92) backslashes++
  return backslashes % 2 === 1
}

function parseStartLine(line: string): StartLine | HeadFault {
  if (line.length > START_LINE_CHARS_MAX) return fault('Request-URI Too Long', 414)
  const first = line.indexOf(' ')
  if (first < 0) return fault('Malformed Start Line')
  if (line.startsWith('SIP/') || line.slice(0, 4).toUpperCase() === 'SIP/')
    return parseStatusLine(line, first)

  const last = line.lastIndexOf(' ')
  const method = line.slice(0, first)
  const uri = line.slice(first + 1, last)
  const version = line.slice(last + 1)
  if (method.length > METHOD_CHARS_MAX || !isToken(method)) return fault('Malformed Method')
  if (last === first || uri === '' || uri.includes(' ') || uri.includes('\t'))
    return fault('Malformed Request Line')
  if (version !== 'SIP/2.0' && version.toUpperCase() !== 'SIP/2.0')
    return /^SIP\/[0-9]+\.[0-9]+$/i.test(version)
      ? fault('Version Not Supported', 505)
      : fault('Malformed Version')
  return { kind: 'request', method, uri }
}

function parseStatusLine(line: string, first: number): StartLine | HeadFault {
  if (line.slice(0, first).toUpperCase() !== 'SIP/2.0') return fault('Version Not Supported', 505)
  const status = parseDigits(line.slice(first + 1, first + 4), 699)
  if (status === undefined || status < 100 || status > 699 || line.charCodeAt(first + 4) !== SPACE)
    return fault('Malformed Status Line')
  return { kind: 'response', status, reason: line.slice(first + 5) }
}

/** Reads the header lines from `at` on into `fields`, names and values in turn; a text when one is at fault. */
function parseFields(text: string, at: number, fields: string[]): { contentLength?: number } | string {
  let seen = 0
  let contentLength: number | undefined
  let lineStart = at
  while (lineStart < text.length) {
    let lineEnd = endOfLine(text, lineStart)
    const colon = text.indexOf(':', lineStart)
    if (colon < 0 || colon > lineEnd) return 'Header Line Without Colon'
    let nameEnd = colon
    while (nameEnd > lineStart && isSpace(text.charCodeAt(nameEnd - 1))) nameEnd--
    if (nameEnd - lineStart > HEADER_NAME_CHARS_MAX) return 'Header Name Too Long'
    const rule = headerRule(text.slice(lineStart, nameEnd))
    if (rule === undefined) return 'Malformed Header Name'

    let value = trimmed(text, colon + 1, lineEnd)
    if (isSpace(text.charCodeAt(lineEnd + 2))) {
      const parts = value === '' ? [] : [value]
      while (isSpace(text.charCodeAt(lineEnd + 2))) {
        const from = lineEnd + 2
        lineEnd = endOfLine(text, from)
        const part = trimmed(text, from, lineEnd)
        if (part !== '') parts.push(part)
      }
      value = parts.join(' ') // RFC 3261 §7.3.1: a fold is one space.
    }
    lineStart = lineEnd + 2
    if (value.length > HEADER_VALUE_CHARS_MAX) return 'Header Value Too Long'
    if (rule.onceBit !== 0) {
      if ((seen & rule.onceBit) !== 0) return 'Header Must Not Be Repeated'
      seen |= rule.onceBit
    }
    if (rule.name === 'Content-Length') {
      contentLength = parseDigits(value, MESSAGE_BYTES_MAX)
      if (contentLength === undefined) return 'Malformed Content-Length'
    }
    if (rule.list === 'no') fields.push(rule.name, value)
    else if (!pushList(fields, rule, value)) return 'Malformed Header List'
    if (fields.length > 2 * HEADER_COUNT_MAX) return 'Too Many Headers'
  }
  return contentLength === undefined ? {} : { contentLength }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\r\n', from)
  return end < 0 ? text.length : end
}

/** Adds the elements of a comma list. Word lists may have empty elements, which say nothing; addresses may not. */
function pushList(fields: string[], rule: HeaderRule, value: string): boolean {
  // A quote left open in a word list would swallow the words that later share its line.
  const mayBeOpen = rule.list === 'words' && (value.includes('"') || value.includes('<'))
  if (!mayBeOpen && !value.includes(',')) {
    if (rule.list === 'addresses' && value === '') return false
    fields.push(rule.name, value)
    return true
  }
  const elements = splitList(value)
  if (elements === undefined) return false
  const before = fields.length
  for (const element of elements) {
    if (element !== '') fields.push(rule.name, element)
    else if (rule.list === 'addresses') return false
  }
  if (fields.length === before) fields.push(rule.name, '')
  return true
}

function repeatsTooOften(fields: readonly string[]): boolean {
  const counts = new Map<string, number>()
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string // In pairs.
    const count = (counts.get(name) ?? 0) + 1
    if (count > (name === 'Via' ? VIA_COUNT_MAX : HEADER_REPEATS_MAX)) return true
    counts.set(name, count)
  }
  return false
}
