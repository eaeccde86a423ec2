/**
 * The directory, indexed for calls: who owns a domain, a SIP user, an extension, a number.
 *
 * Every index but that of the domains is keyed by organisation, so that two organisations with the same extensions
 * cannot meet: a look-up that does not say whose world it asks in does not exist.
 */
import type {
  DirectoryDevice,
  DirectoryGroup,
  DirectoryLine,
  DirectoryLocation,
  DirectoryOrganization,
  DirectorySnapshot,
} from '../directory.ts'

/** One organisation's world. */
export interface Realm {
  readonly organization: DirectoryOrganization
  /** First domain: digest realm and the host of its SIP addresses. */
  readonly domain: string
  readonly lines: ReadonlyMap<string, DirectoryLine>
  readonly locations: ReadonlyMap<string, DirectoryLocation>
  readonly groups: readonly DirectoryGroup[]
  readonly byExtension: ReadonlyMap<string, DirectoryLine>
  /** Digits of E.164 numbers, without the plus. */
  readonly byNumber: ReadonlyMap<string, DirectoryLine>
  readonly devices: ReadonlyMap<string, DirectoryDevice>
  readonly bySipUser: ReadonlyMap<string, DirectoryDevice>
  /** By line, its own phones first, then those it appears on as a secondary line. */
  readonly devicesOf: ReadonlyMap<string, readonly DirectoryDevice[]>
}

/** A read-only view of one snapshot; replaced as a whole with it. */
export class DirectoryIndex {
  readonly #byId = new Map<string, Realm>()
  readonly #byDomain = new Map<string, Realm>()

  constructor(snapshot: DirectorySnapshot) {
    for (const organization of snapshot.organizations) {
      const realm = realmOf(organization, snapshot)
      this.#byId.set(organization.id, realm)
      for (const domain of organization.domains) this.#byDomain.set(domain, realm)
    }
  }

  /** The organisation of this id; undefined when there is none. */
  organization(orgId: string): Realm | undefined {
    return this.#byId.get(orgId)
  }

  /** The organisation that a SIP domain names, in any case; undefined when nobody owns it. */
  domain(domain: string): Realm | undefined {
    return this.#byDomain.get(domain.toLowerCase())
  }
}

/** Indexes the part of the snapshot that belongs to one organisation. */
function realmOf(organization: DirectoryOrganization, snapshot: DirectorySnapshot): Realm {
  const mine = <T extends { readonly orgId: string }>(rows: readonly T[]): readonly T[] =>
    rows.filter((row) => row.orgId === organization.id)
  const lines = mine(snapshot.lines)
  const devices = mine(snapshot.devices)
  const byNumber = new Map<string, DirectoryLine>()
  for (const line of lines) for (const number of line.numbers) byNumber.set(number.replace(/^\+/, ''), line)
  const devicesOf = new Map<string, DirectoryDevice[]>()
  const appears = (lineId: string, device: DirectoryDevice): void => {
    const owned = devicesOf.get(lineId)
    if (owned === undefined) devicesOf.set(lineId, [device])
    else owned.push(device)
  }
  for (const device of devices) appears(device.lineId, device)
  for (const device of devices) for (const lineId of device.secondaryLineIds ?? []) appears(lineId, device)
  return {
    organization,
    domain: organization.domains[0] ?? organization.id,
    lines: new Map(lines.map((line) => [line.id, line])),
    groups: mine(snapshot.groups ?? []),
    locations: new Map(mine(snapshot.locations).map((location) => [location.id, location])),
    byExtension: new Map(lines.map((line) => [line.extension, line])),
    byNumber,
    devices: new Map(devices.map((device) => [device.id, device])),
    bySipUser: new Map(devices.map((device) => [device.sipUser, device])),
    devicesOf,
  }
}
