/**
 * Which addresses a webhook may be sent to (contract, webhooks §2; case A09): those of the public internet, and the
 * networks that the operator has listed. Everything that is not globally reachable by the registries of RFC 6890 is the
 * operator's own network or nobody's. IPv6 forms that carry an IPv4 address are judged by that address as well.
 */
import { BlockList, isIP, isIPv4 } from 'node:net'

/** Not globally reachable, or not one host: the IPv4 special-purpose registry and multicast. */
const CLOSED_IPV4 = [
  '0.0.0.0/8', // This network.
  '10.0.0.0/8', // Private.
  '100.64.0.0/10', // Shared with a provider (CGNAT); some clouds keep their metadata here.
  '127.0.0.0/8', // Loopback.
  '169.254.0.0/16', // Link-local: metadata of clouds.
  '172.16.0.0/12', // Private.
  '192.0.0.0/24', // Protocol assignments.
  '192.0.2.0/24', // Documentation.
  '192.31.196.0/24', // AS112.
  '192.52.193.0/24', // AMT.
  '192.88.99.0/24', // 6to4 relays, given up.
  '192.168.0.0/16', // Private.
  '192.175.48.0/24', // AS112.
  '198.18.0.0/15', // Benchmarks.
  '198.51.100.0/24', // Documentation.
  '203.0.113.0/24', // Documentation.
  '224.0.0.0/4', // Multicast.
  '240.0.0.0/4', // Reserved, and broadcast.
]

/** The same for IPv6: all but global unicast, and what is special inside of it. */
const CLOSED_IPV6 = [
  '::/8', // Unspecified, loopback, IPv4-compatible, -mapped and -translated.
  '64:ff9b:1::/48', // Local translation.
  '100::/8', // Discard only, and unassigned.
  '200::/7', // Unassigned.
  '400::/6', // Unassigned.
  '800::/5', // Unassigned.
  '1000::/4', // Unassigned.
  '2001::/23', // Protocol assignments: Teredo, benchmarks, ORCHID.
  '2001:db8::/32', // Documentation.
  '2620:4f:8000::/48', // AS112.
  '3fff::/20', // Documentation.
  '4000::/2', // Unassigned.
  '8000::/1', // Unassigned, unique local, link-local, site-local, multicast.
]

// Apart, since a list judges IPv4 addresses by its IPv6 networks too, as mapped ones.
const CLOSED_4 = blockListOf(CLOSED_IPV4)
const CLOSED_6 = blockListOf(CLOSED_IPV6)
/** NAT64 by its well-known prefix stands inside a closed block but is judged by the address that it carries. */
const NAT64 = blockListOf(['64:ff9b::/96'])

/** Judges addresses. */
export class AddressGuard {
  readonly #allowed: BlockList

  /** `allowedNetworks`: CIDRs or single addresses; whoever read them has checked them with `isNetwork`. */
  constructor(allowedNetworks: readonly string[] = []) {
    this.#allowed = blockListOf(allowedNetworks)
  }

  /** Whether a webhook may be sent there. What is no address may not. */
  allows(address: string): boolean {
    const family = isIP(address)
    if (family === 0 || address.includes('%')) return false // A zone names an interface of this machine.
    const type = family === 4 ? 'ipv4' : 'ipv6'
    if (this.#allowed.check(address, type)) return true
    if (family === 4) return !CLOSED_4.check(address, 'ipv4')
    const carried = carriedIpv4(address)
    // The operator listed the network that a mapped address means.
    if (carried?.mapped === true && this.#allowed.check(carried.ipv4, 'ipv4')) return true
    if (carried !== undefined && CLOSED_4.check(carried.ipv4, 'ipv4')) return false
    return NAT64.check(address, 'ipv6') || !CLOSED_6.check(address, 'ipv6')
  }
}

/** Whether a text is a CIDR or a single address. */
export function isNetwork(text: string): boolean {
  const [address, bits, ...rest] = text.split('/')
  const family = address === undefined ? 0 : isIP(address)
  if (family === 0 || rest.length > 0) return false
  if (bits === undefined) return true
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const type = isIPv4(address) ? 'ipv4' : 'ipv6'
    list.addSubnet(address, bits === undefined ? (type === 'ipv4' ? 32 : 128) : Number(bits), type)
  }
  return list
}

/** The IPv4 address inside an IPv6 one: mapped, compatible, translated, NAT64, 6to4, ISATAP. */
function carriedIpv4(address: string): { readonly ipv4: string; readonly mapped: boolean } | undefined {
  const groups = groupsOf(address)
  const ipv4 = (at: number): string =>
    [groups[at], groups[at + 1]].flatMap((group = 0) => [group >> 8, group & 0xff]).join('.')
  const zeros = (from: number, to: number): boolean => groups.slice(from, to).every((group) => group === 0)
  if (zeros(0, 5) && groups[5] === 0xffff) return { ipv4: ipv4(6), mapped: true }
  if (zeros(0, 6)) return { ipv4: ipv4(6), mapped: false } // ::a.b.c.d, and with it :: and ::1.
  if (zeros(0, 4) && groups[4] === 0xffff && groups[5] === 0) return { ipv4: ipv4(6), mapped: false }
  if (groups[0] === 0x64 && groups[1] === 0xff9b) return { ipv4: ipv4(6), mapped: false }
  if (groups[0] === 0x2002) return { ipv4: ipv4(1), mapped: false }
  if (groups[5] === 0x5efe && (groups[4] === 0 || groups[4] === 0x200))
    return { ipv4: ipv4(6), mapped: false }
  return undefined
}

/** The eight groups of an IPv6 address that `isIP` has accepted. */
function groupsOf(address: string): readonly number[] {
  const plain = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a: string, b: string, c: string, d: string) =>
      [
        [a, b],
        [c, d],
      ]
        .map(([high, low]) => ((Number(high) << 8) | Number(low)).toString(16))
        .join(':'),
  )
  const [head = '', tail] = plain.split('::')
  const numbers = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const first = numbers(head)
  if (tail === undefined) return first
  const last = numbers(tail)
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last]
}
