/**
 * Rings the phones of a line: one leg for each registered contact of each of their devices, all at once
 * (RFC 3261 §16.6, as a back-to-back user agent does it).
 *
 * Nothing of the caller's request goes into these INVITEs: every header field is made here (promise S10).
 */
import { introduce } from '../bridge/identity.ts'
import type { DirectoryDevice, DirectoryLine } from '../directory.ts'
import type { CallHalf } from '../half/half.ts'
import { offerFor } from '../leg/description.ts'
import { Leg } from '../leg/leg.ts'
import { allocate } from '../leg/media.ts'
import type { RegisteredContact } from '../registrar/contacts.ts'
import type { Core } from '../session/core.ts'
import { resolve } from './destination.ts'

/** Most phones that ring for one line: more than anyone owns, and a bound on what one INVITE can cause. */
export const FORKS_MAX = 10

/** A phone that can be rung now. */
export interface Reachable {
  readonly device: DirectoryDevice
  readonly contact: RegisteredContact
}

/** The phones on which a line can be rung, its own and those it appears on, or one of them; at most `FORKS_MAX`. */
export function reachable(core: Core, line: DirectoryLine, deviceId?: string): readonly Reachable[] {
  const devices = core.realmOf(line.orgId)?.devicesOf.get(line.id) ?? []
  const phones = contactsOf(
    core,
    devices.filter((device) => deviceId === undefined || device.id === deviceId),
  )
  const further = deviceId === undefined ? (line.numberReach ?? []) : []
  const all = [...phones, ...further.flatMap((number) => reachableByNumber(core, line, number))]
  return all
    .filter((phone, index) => all.findIndex((other) => other.contact === phone.contact) === index)
    .slice(0, FORKS_MAX)
}

/** The phones behind one of a line's reach numbers: those of the line that the number belongs to. */
export function reachableByNumber(core: Core, line: DirectoryLine, number: string): readonly Reachable[] {
  const realm = core.realmOf(line.orgId)
  const behind = realm === undefined ? undefined : resolve(realm, { user: number })
  if (realm === undefined || behind === undefined || behind.id === line.id) return []
  return contactsOf(core, realm.devicesOf.get(behind.id) ?? []).slice(0, FORKS_MAX)
}

function contactsOf(core: Core, devices: readonly DirectoryDevice[]): Reachable[] {
  return devices.flatMap((device) =>
    core.registrar.contactsOf(device.orgId, device.id).map((contact) => ({ device, contact })),
  )
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
  const identity = introduce(core, leg)
  headers.push(...identity.headers)
  const { maxForwards } = leg.session.attempt ?? {}
  leg.state = 'calling'
  const { id, outputs } = core.endpoint.invite(core.now, {
    uri: target.uri,
    from: identity.from,
    to: `<sip:${leg.device.sipUser}@${domain}>`,
    destination: {
      transport: target.transport,
      address: target.address,
      ...(target.flowId === undefined ? {} : { flowId: target.flowId }),
    },
    route: target.route,
    contactUser: leg.half.line.extension,
    headers,
    ...(maxForwards === undefined ? {} : { maxForwards }),
    offer: offerFor(core, leg),
  })
  core.sip(outputs)
  core.carry(id, leg)
}

/** Escapes what the user part of a SIP URI cannot hold (RFC 3261 §19.1.2). */
export function escapeUser(user: string): string {
  return encodeURIComponent(user).replace(/%2B/g, '+')
}
