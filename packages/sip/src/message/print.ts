/**
 * A SIP message to bytes: RFC 3261 §7. Long names, one line a value, but word lists (Allow, Supported ...) on one
 * line, since a datagram is short. Content-Length is always written, from the body.
 */
import { sharesLine } from './header-names.ts'
import type { SipMessage } from './message.ts'
import { encodeUtf8With } from './utf8.ts'

/** The bytes of a message. Line ends in the start line become spaces; those in values were kept out by `Headers`. */
export function printMessage(message: SipMessage): Uint8Array {
  let text =
    message.kind === 'request'
      ? `${oneLine(message.method)} ${oneLine(message.uri)} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${oneLine(message.reason)}\r\n`
  const flat = message.headers.flat
  let previous = ''
  let listIsEmpty = true
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string // In pairs, here and below.
    const value = flat[i + 1] as string
    if (name === 'Content-Length') continue
    if (name === previous && sharesLine(name)) {
      if (value === '') continue
      text += listIsEmpty ? value : `, ${value}`
    } else text += previous === '' ? `${name}: ${value}` : `\r\n${name}: ${value}`
    listIsEmpty = value === ''
    previous = name
  }
  text += `${previous === '' ? '' : '\r\n'}Content-Length: ${message.body.length}\r\n\r\n`
  return encodeUtf8With(text, message.body)
}

function oneLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text
}
