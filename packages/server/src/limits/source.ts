/**
 * Which source a request counts for when nobody is known yet: an IPv4 address, or the network of an IPv6 address, since
 * whoever has one of those has its 2^64 neighbours too.
 */
import { isIPv6 } from 'node:net'

/** The source of an address; an address that is none is a source of its own. */
export function sourceOf(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped?.[1] ?? networkOf(address)
}

/** The first 64 bits, written in one way only. */
function networkOf(address: string): string {
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length)
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...rest]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
