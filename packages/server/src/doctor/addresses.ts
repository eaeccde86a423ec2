/** Do the addresses that phones are told fit those that are listened on? The commonest cause of calls without sound. */
import { BlockList, isIP } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { parseListen } from '../config/listen.ts'
import { type Config, flagOf } from '../config/settings.ts'
import { type DoctorCheck, fail, ok, warn } from './check.ts'

/** Addresses that are not reached from the Internet: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291. */
const PRIVATE = new BlockList()
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4')
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4')
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4')
PRIVATE.addSubnet('100.64.0.0', 10, 'ipv4')
PRIVATE.addSubnet('169.254.0.0', 16, 'ipv4')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fe80::', 10, 'ipv6')

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

interface Named {
  readonly what: string
  /** What is listened on. */
  readonly host: string
  /** What phones are told; empty when the same. */
  readonly advertised: string
  readonly flag: string
}

/** Looks at SIP and RTP. The interfaces are the machine's own unless a test says otherwise. */
export function checkAddresses(
  config: Config,
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>> = networkInterfaces(),
): DoctorCheck[] {
  const own = Object.values(interfaces).flatMap((list) => (list ?? []).map(({ address }) => address))
  const sipHosts = new Set(config.sipListen.flatMap((text) => parseListen(text)?.host ?? []))
  const named: Named[] = [...sipHosts].map((host) => ({
    ...{ what: `SIP address ${host}`, host, advertised: config.sipAdvertisedHost },
    flag: flagOf('sipAdvertisedHost'),
  }))
  named.push({
    ...{ what: `RTP address ${config.mediaHost}`, host: config.mediaHost },
    ...{ advertised: config.mediaAdvertisedHost, flag: flagOf('mediaAdvertisedHost') },
  })
  if (config.mediaOtherHost !== '')
    named.push({
      ...{ what: `RTP address ${config.mediaOtherHost}`, host: config.mediaOtherHost },
      ...{ advertised: config.mediaOtherAdvertisedHost, flag: flagOf('mediaOtherAdvertisedHost') },
    })
  const checks = named.map((one) => checkAddress(one, own))
  return [...checks, ...checkTogether(config, sipHosts)]
}

function checkAddress({ what, host, advertised, flag }: Named, own: readonly string[]): DoctorCheck {
  if (isIn(LOOPBACK, host)) {
    if (advertised === '' || isIn(LOOPBACK, advertised)) return ok(what, 'reached from this machine only')
    return fail(
      what,
      `phones are told ${advertised}, and only this machine is listened to`,
      `Listen on an address of the network, or drop ${flag}.`,
    )
  }
  const everywhere = host === '0.0.0.0' || host === '::'
  if (isIP(host) !== 0 && !everywhere && !own.includes(host))
    return fail(
      what,
      'no interface of this machine has it',
      `This machine has ${listOf(own)}: choose of these.`,
    )
  const told = advertised === '' ? host : advertised
  if (everywhere && advertised === '')
    return warn(
      what,
      'every address is listened on, and phones are told whichever fits best',
      `Say with ${flag} which one phones are to use: ${listOf(own.filter((address) => !isIn(LOOPBACK, address)))}.`,
    )
  if (isIn(LOOPBACK, told))
    return fail(
      what,
      `phones are told ${told}, which is themselves`,
      `Give ${flag} an address of this machine.`,
    )
  if (isIP(told) !== 0 && isIn(PRIVATE, told) && own.some(isPublic))
    return warn(
      what,
      `phones are told ${told}, and this machine also has ${own.find(isPublic)}`,
      `Phones outside of the own network need the public one: give it to ${flag}, or ignore this if all phones are inside.`,
    )
  if (isIP(told) !== 0 && isPublic(told) && !own.includes(told))
    return ok(what, `phones are told ${told}: the NAT in front must pass the ports on`)
  return ok(what, `phones are told ${told}`)
}

/** Signalling that reaches further than media: calls connect and nobody hears anything. */
function checkTogether(config: Config, sipHosts: ReadonlySet<string>): DoctorCheck[] {
  const what = 'SIP and RTP together'
  const sipOpen = [...sipHosts].some((host) => !isIn(LOOPBACK, host))
  if (sipOpen && isIn(LOOPBACK, config.mediaHost))
    return [
      fail(
        what,
        'phones of the network may call, and their sound is not listened to',
        'Set --media-host to an address of the network as well.',
      ),
    ]
  const [sip, media] = [config.sipAdvertisedHost, config.mediaAdvertisedHost]
  if (sip !== '' && isIP(sip) !== 0 && isPublic(sip) && (media === '' || isIn(PRIVATE, media)))
    return [
      warn(
        what,
        `SIP is told as ${sip}, RTP as ${media === '' ? config.mediaHost : media}`,
        'Behind a NAT give --media-advertised-host the public address as well, else calls have no sound.',
      ),
    ]
  return []
}

function isPublic(address: string): boolean {
  return isIP(address) !== 0 && !isIn(PRIVATE, address) && !isIn(LOOPBACK, address)
}

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address)
  if (family === 0) return list === LOOPBACK && address === 'localhost'
  return list.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

function listOf(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'none' : addresses.join(', ')
}
