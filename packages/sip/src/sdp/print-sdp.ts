/**
 * Writes a session description: RFC 8866. `parseSdp` reads back what is written here.
 *
 * The connection stands at the session when all lines share it, and every format has its `a=rtpmap`, static ones too,
 * since some phones look there only.
 */
import { encodeUtf8 } from '../message/utf8.ts'
import type { MediaDescription, SessionDescription } from './description.ts'

/** The text of a description, with CRLF at the end of each line. */
export function printSdp(description: SessionDescription): string {
  const { origin, media } = description
  const shared = sharedHost(media)
  let text = `v=0\r\no=${word(origin.username)} ${origin.sessionId} ${origin.version} ${address(origin.host)}\r\n`
  text += `s=${description.name === '' ? '-' : oneLine(description.name)}\r\n`
  if (shared !== undefined) text += `c=${address(shared)}\r\n`
  text += 't=0 0\r\n'
  for (const line of media) text += printMedia(line, shared === undefined)
  return text
}

/** The bytes of a description, for a message's body. */
export function printSdpBytes(description: SessionDescription): Uint8Array {
  return encodeUtf8(printSdp(description))
}

function sharedHost(media: readonly MediaDescription[]): string | undefined {
  const first = media[0]?.host
  return media.every((line) => line.host === first) ? first : undefined
}

function printMedia(line: MediaDescription, withConnection: boolean): string {
  let text = `m=${line.media} ${line.port} ${line.protocol} ${line.formatTokens.join(' ')}\r\n`
  if (withConnection) text += `c=${address(line.host)}\r\n`
  for (const format of line.formats) {
    const channels = format.channels === 1 ? '' : `/${format.channels}`
    text += `a=rtpmap:${format.payloadType} ${spelling(format.encoding)}/${format.clockRateHz}${channels}\r\n`
    if (format.fmtp !== undefined) text += `a=fmtp:${format.payloadType} ${oneLine(format.fmtp)}\r\n`
  }
  if (line.ptimeMs !== undefined) text += `a=ptime:${line.ptimeMs}\r\n`
  if (line.maxptimeMs !== undefined) text += `a=maxptime:${line.maxptimeMs}\r\n`
  const hasUsualRtcp = line.rtcpPort === (line.port === 0 ? 0 : Math.min(line.port + 1, 65_535))
  if (!hasUsualRtcp) text += `a=rtcp:${line.rtcpPort}\r\n`
  if (line.rtcpMux) text += 'a=rtcp-mux\r\n'
  for (const attribute of line.attributes) text += `a=${oneLine(attribute)}\r\n`
  return `${text}a=${line.direction}\r\n`
}

function address(host: string): string {
  return host.includes(':') ? `IN IP6 ${host}` : `IN IP4 ${host}`
}

/** RFC 4733 §7.1.1 registers the name in lower case; some phones compare it so. */
function spelling(encoding: string): string {
  return encoding === 'TELEPHONE-EVENT' ? 'telephone-event' : encoding
}

function word(text: string): string {
  return text === '' ? '-' : text.replace(/\s/g, '_')
}

function oneLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text
}
