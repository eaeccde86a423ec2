/**
 * The address that a peer is told to reach us at: the configured one, else the bound one, else, where we listen on
 * every address, the one of this machine that lies in the peer's network.
 *
 * Advertised and bound addresses differ behind NAT and in containers; neither is ever guessed from a message.
 */
import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { SocketAddress, TransportName } from '@tandem/sip'
import type { ListenAddress } from '../transport/transports.ts'

/** Makes the chooser for transports that are bound; `advertisedHost` wins over everything. */
export function advertisedFor(
  bound: readonly ListenAddress[],
  advertisedHost: string | undefined,
): (transport: TransportName, remote: SocketAddress) => SocketAddress {
  const known = new Map<string, string>()

  function localFor(remote: string): string {
    const before = known.get(remote)
    if (before !== undefined) return before
    if (known.size >= KNOWN_MAX) known.clear()
    const host = localAddressFor(remote)
    known.set(remote, host)
    return host
  }

  return (transport, remote) => {
    const ofTransport = bound.filter((address) => address.transport === transport)
    const address =
      ofTransport.find((each) => isIPv6(each.host) === isIPv6(remote.host)) ?? ofTransport[0] ?? bound[0]
    const host = address?.host ?? localFor(remote.host)
    const port = address?.port ?? 5060
    return { host: advertisedHost ?? (isAny(host) ? localFor(remote.host) : host), port }
  }
}

/** Remote addresses whose answer is remembered; a flood of others starts anew. */
const KNOWN_MAX = 1_000

/** Our address in the network of `remote`; else the first that is not loopback, of the same family. */
export function localAddressFor(remote: string): string {
  const family = isIPv6(remote) ? 'ipv6' : 'ipv4'
  const ours = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => address.family.toLowerCase() === family)
  const near = ours.find((address) => {
    const network = new BlockList()
    network.addSubnet(address.address, Number(address.cidr?.split('/')[1] ?? 32), family)
    return network.check(remote, family)
  })
  const outer = ours.find((address) => !address.internal && !address.address.startsWith('fe80:'))
  return (near ?? outer ?? ours[0])?.address ?? (family === 'ipv6' ? '::1' : '127.0.0.1')
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
