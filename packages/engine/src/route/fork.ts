/**
 * Rings the phones of a person: one leg for each registered contact of each of their devices, all at once
 * (RFC 3261 §16.6, as a back-to-back user agent does it).
 *
 * Nothing of the caller's request goes into these INVITEs: every header field is made here (promise S10).
 */
import { printNameAddr } from '@tandem/sip'
import type { DirectoryDevice, DirectoryPerson } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import { otherHalf } from '../half/view.ts'
import { offerFor } from '../leg/description.ts'
import { Leg } from '../leg/leg.ts'
import { allocate } from '../leg/media.ts'
import type { RegisteredContact } from '../registrar/contacts.ts'
import type { Registrar } from '../registrar/registrar.ts'
import type { Core } from '../session/core.ts'

/** Most phones that ring for one person: more than anyone owns, and a bound on what one INVITE can cause. */
export const FORKS_MAX = 10

/** A phone that can be rung now. */
export interface Reachable {
  readonly device: DirectoryDevice
  readonly contact: RegisteredContact
}

/** The phones of a person that are registered, or of one device of theirs; at most `FORKS_MAX`. */
export function reachable(
  core: Core,
  registrar: Registrar,
  person: DirectoryPerson,
  deviceId?: string,
): readonly Reachable[] {
  const devices = core.realmOf(person.orgId)?.devicesOf.get(person.id) ?? []
  return devices
    .filter((device) => deviceId === undefined || device.id === deviceId)
    .flatMap((device) =>
      registrar.contactsOf(person.orgId, device.id).map((contact) => ({ device, contact })),
    )
    .slice(0, FORKS_MAX)
}

/** Begins to ring these phones for `half`: asks for the media of each; its INVITE follows when that is there. */
export function ringPhones(
  core: Core,
  half: CallHalf,
  phones: readonly Reachable[],
  options: { readonly autoAnswer: boolean },
): void {
  for (const { device, contact } of phones) {
    const { received, contact: uri, path } = contact.binding
    const leg = new Leg({
      id: core.ids.leg(),
      half,
      device,
      family: received.host.includes(':') ? 6 : 4,
      target: {
        uri,
        route: path,
        transport: received.transport,
        address: { host: received.host, port: received.port },
        flowId: contact.flowId,
        autoAnswer: options.autoAnswer,
      },
    })
    allocate(core, leg)
  }
}

/** Sends the INVITE of a leg whose media is there. */
export function invitePhone(core: Core, leg: Leg): void {
  const target = leg.target
  if (target === undefined) return
  const domain = core.domainOf(leg.session.orgId)
  const headers: [string, string][] = target.autoAnswer
    ? [
        ['Call-Info', `<sip:${domain}>;answer-after=0`],
        ['Alert-Info', `<http://${domain}>;info=alert-autoanswer;delay=0`],
      ]
    : []
  leg.state = 'calling'
  const { id, outputs } = core.endpoint.invite(core.now, {
    uri: target.uri,
    from: identityOf(core, leg),
    to: `<sip:${leg.device.sipUser}@${domain}>`,
    destination: {
      transport: target.transport,
      address: target.address,
      ...(target.flowId === undefined ? {} : { flowId: target.flowId }),
    },
    route: target.route,
    contactUser: leg.half.person.extension,
    headers,
    offer: offerFor(core, leg),
  })
  leg.sip = id
  core.calls.set(id, leg)
  core.sip(outputs)
}

/** Who calls, as the phone shows it: the other person, or for click to dial whoever will be called. */
function identityOf(core: Core, leg: Leg): string {
  const domain = core.domainOf(leg.session.orgId)
  const other = otherHalf(leg.half)?.person ?? leg.session.expected
  if (other !== undefined) return nameAddr(other.displayName, `sip:${other.extension}@${domain}`)
  const dialled = leg.half.dialled
  const user = dialled === undefined ? 'anonymous' : dialled.user
  return `<sip:${escapeUser(user)}@${domain}>`
}

/** A name-addr (RFC 3261 §25.1); control characters, which no quoted string may hold, are left out. */
export function nameAddr(name: string, uri: string): string {
  const displayName = [...name].filter((character) => character >= ' ' && character !== '\x7f').join('')
  return printNameAddr({ displayName, uri })
}

/** Escapes what the user part of a SIP URI cannot hold (RFC 3261 §19.1.2). */
export function escapeUser(user: string): string {
  return encodeURIComponent(user).replace(/%2B/g, '+')
}
