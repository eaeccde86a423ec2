/**
 * `hostport` of RFC 3261 §25.1: a host name, an IPv4 address or an IPv6 reference, and perhaps a port.
 *
 * Hosts are lower case, IPv6 addresses without brackets, as `SocketAddress` has them; `printHostPort` puts the
 * brackets back.
 */
import { consistsOf, HOST, parseDigits } from './characters.ts'
import { HOST_CHARS_MAX } from './limits.ts'

/** A host and the port that was written with it. */
export interface HostPort {
  readonly host: string
  /** 1 to 65,535; absent when none was written. */
  readonly port?: number
}

/** Reads `host [":" port]`; undefined when it is malformed. */
export function parseHostPort(text: string): HostPort | undefined {
  if (text.charCodeAt(0) === 91) {
    const close = text.indexOf(']')
    if (close < 0) return undefined
    const host = text.slice(1, close).toLowerCase()
    if (!isIpv6(host)) return undefined
    if (close + 1 === text.length) return { host }
    return text[close + 1] === ':' ? withPort(host, text.slice(close + 2)) : undefined
  }
  const colon = text.indexOf(':')
  const host = (colon < 0 ? text : text.slice(0, colon)).toLowerCase()
  if (host.length > HOST_CHARS_MAX || !consistsOf(host, HOST)) return undefined
  return colon < 0 ? { host } : withPort(host, text.slice(colon + 1))
}

function withPort(host: string, digits: string): HostPort | undefined {
  const port = parseDigits(digits, 65_535)
  return port === undefined || port === 0 || port > 65_535 ? undefined : { host, port }
}

/** Writes a host, an IPv6 one in brackets, and the port if there is one. */
export function printHostPort(value: HostPort): string {
  const host = value.host.includes(':') ? `[${value.host}]` : value.host
  return value.port === undefined ? host : `${host}:${value.port}`
}

/** Whether `text` is four decimal bytes. */
export function isIpv4(text: string): boolean {
  const parts = text.split('.', 5)
  return (
    parts.length === 4 && parts.every((part) => part.length <= 3 && (parseDigits(part, 255) ?? 256) <= 255)
  )
}

/** Whether `text` is an IPv6 address without brackets and without a zone (RFC 4291 §2.2). */
export function isIpv6(text: string): boolean {
  if (text.length > 45) return false
  const halves = text.split('::', 3)
  if (halves.length > 2) return false
  let groups = 0
  for (const [index, half] of halves.entries()) {
    if (half === '') continue
    const parts = half.split(':')
    for (const [place, part] of parts.entries()) {
      const last = index === halves.length - 1 && place === parts.length - 1
      if (last && isIpv4(part)) groups += 2
      else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups += 1
      else return false
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8
}
