/**
 * Works out what a directory file changes, without changing it: every entry is matched with the row it means, by its id
 * or else by its name in the organisation, so ids stay what they were. The outcome is the whole directory as it would
 * be, checked as a whole, and the list of changes.
 */
import { randomUUID } from 'node:crypto'
import type { Selectable } from '@tandem/store'
import type { DeviceTable, LocationTable, OrganizationTable, PersonTable } from '../data/tables.ts'
import { type DeviceEntry, fold, type OrganizationEntry, type PersonEntry } from './document.ts'
import type { DirectoryRows } from './rows.ts'
import { ha1Of, openHa1, sealHa1 } from './secrets.ts'
import type { Path, YamlReader } from './yaml-reader.ts'

/** What happens to one thing. */
export interface DirectoryChange {
  readonly action: 'create' | 'update' | 'remove'
  readonly kind: 'organization' | 'location' | 'person' | 'device'
  readonly id: string
  /** As the file or the database names it, for the operator's eyes. */
  readonly name: string
}

/** The directory as it would be, and how it comes to that. */
export interface DirectoryPlan {
  readonly rows: DirectoryRows
  readonly changes: readonly DirectoryChange[]
  /** Things of this file that it no longer names; they stay unless pruned. */
  readonly left: readonly DirectoryChange[]
}

/** What a plan is made with. */
export interface PlanOptions {
  readonly reader: YamlReader
  readonly entries: readonly OrganizationEntry[]
  readonly before: DirectoryRows
  readonly fileName: string
  readonly prune: boolean
  readonly kek: Uint8Array
  /** Unix milliseconds. */
  readonly now: number
}

/** Plans the file; whatever forbids it is noted in the reader's `errors`. */
export function planDirectory(options: PlanOptions): DirectoryPlan {
  return new Planner(options).plan()
}

interface Keyed {
  readonly id: string
}

/** One table while it is planned: rows by id, and which of them the file named. */
class Draft<Row extends Keyed> {
  readonly rows: Map<string, Row>
  readonly named = new Set<string>()

  constructor(before: readonly Row[]) {
    this.rows = new Map(before.map((row) => [row.id, row]))
  }

  find(match: (row: Row) => boolean): Row | undefined {
    for (const row of this.rows.values()) if (match(row)) return row
    return undefined
  }
}

class Planner {
  readonly #options: PlanOptions
  readonly #organizations: Draft<Selectable<OrganizationTable>>
  readonly #locations: Draft<Selectable<LocationTable>>
  readonly #people: Draft<Selectable<PersonTable>>
  readonly #devices: Draft<Selectable<DeviceTable>>
  readonly #domains = new Map<string, readonly string[]>()
  readonly #byName = new Map<string, string>()
  readonly #changes: DirectoryChange[] = []
  #left: DirectoryChange[] = []

  constructor(options: PlanOptions) {
    this.#options = options
    const { before } = options
    this.#organizations = new Draft(before.organizations)
    this.#locations = new Draft(before.locations)
    this.#people = new Draft(before.people)
    this.#devices = new Draft(before.devices)
    for (const row of before.domains)
      this.#domains.set(row.org_id, [...(this.#domains.get(row.org_id) ?? []), row.domain])
    // Natural keys, so that matching a large file is not a search for each entry.
    for (const row of before.locations) this.#byName.set(`location ${row.org_id} ${row.name}`, row.id)
    for (const row of before.people) this.#byName.set(`person ${row.org_id} ${row.email_folded}`, row.id)
    for (const row of before.devices) this.#byName.set(`device ${row.org_id} ${row.sip_user}`, row.id)
  }

  plan(): DirectoryPlan {
    for (const entry of this.#options.entries) this.#organization(entry)
    this.#leftovers()
    const rows: DirectoryRows = {
      organizations: [...this.#organizations.rows.values()],
      domains: [...this.#domains].flatMap(([org_id, domains]) =>
        domains.map((domain, position) => ({ domain, org_id, position })),
      ),
      locations: [...this.#locations.rows.values()],
      people: [...this.#people.rows.values()],
      devices: [...this.#devices.rows.values()],
    }
    this.#checkWhole(rows)
    return { rows, changes: this.#changes, left: this.#left }
  }

  #organization(entry: OrganizationEntry): void {
    const { now, fileName } = this.#options
    const byName = this.#organizations.find((row) => row.name === entry.name)
    const id = this.#idFor(entry, byName?.id)
    const old = this.#organizations.rows.get(id)
    const row = { id, name: entry.name, managed_by: fileName, created_at: old?.created_at ?? now }
    const domains = this.#domains.get(id) ?? []
    const sameDomains = domains.join() === entry.domains.join()
    this.#domains.set(id, entry.domains)
    this.#put(
      this.#organizations,
      'organization',
      row,
      entry.name,
      sameDomains ? old : undefined,
      old !== undefined,
    )

    const locations = entry.locations.length > 0 ? entry.locations : [{ path: entry.path, name: 'Main' }]
    for (const location of locations) {
      const locationId = this.#idFor(location, this.#byName.get(`location ${id} ${location.name}`))
      const oldLocation = this.#sameOrg(this.#locations.rows.get(locationId), id, location.path)
      const locationRow = { id: locationId, org_id: id, name: location.name, managed_by: fileName }
      this.#byName.set(`location ${id} ${location.name}`, locationId)
      this.#put(
        this.#locations,
        'location',
        locationRow,
        location.name,
        oldLocation,
        oldLocation !== undefined,
      )
    }
    const home = locations[0]?.name ?? ''
    for (const person of entry.people) this.#person(id, home, entry.domains[0] ?? '', person)
  }

  #person(orgId: string, home: string, realm: string, entry: PersonEntry): void {
    const { now, fileName } = this.#options
    const id = this.#idFor(entry, this.#byName.get(`person ${orgId} ${fold(entry.email)}`))
    const old = this.#sameOrg(this.#people.rows.get(id), orgId, entry.path)
    const row: Selectable<PersonTable> = {
      id,
      org_id: orgId,
      location_id: this.#byName.get(`location ${orgId} ${entry.location ?? home}`) ?? '',
      email: entry.email,
      email_folded: fold(entry.email),
      display_name: entry.displayName,
      first_name: entry.firstName,
      last_name: entry.lastName,
      extension: entry.extension,
      numbers: JSON.stringify(entry.numbers),
      roles: JSON.stringify(entry.roles),
      recording: entry.recording,
      timezone: entry.timezone ?? null,
      managed_by: fileName,
      created_at: old?.created_at ?? now,
      modified_at: old?.modified_at ?? now,
    }
    const same = old !== undefined && equal(old, row)
    this.#put(
      this.#people,
      'person',
      same ? row : { ...row, modified_at: now },
      entry.email,
      same ? old : undefined,
      old !== undefined,
    )
    for (const device of entry.devices) this.#device(orgId, id, realm, device)
  }

  #device(orgId: string, personId: string, realm: string, entry: DeviceEntry): void {
    const { fileName } = this.#options
    const id = this.#idFor(entry, this.#byName.get(`device ${orgId} ${entry.sipUser}`))
    const old = this.#sameOrg(this.#devices.rows.get(id), orgId, entry.path)
    const row: Selectable<DeviceTable> = {
      id,
      org_id: orgId,
      person_id: personId,
      name: entry.name,
      sip_user: entry.sipUser,
      realm,
      secret: this.#secret({ orgId, id }, realm, entry, old),
      managed_by: fileName,
    }
    this.#put(this.#devices, 'device', row, entry.sipUser, old, old !== undefined)
  }

  /** The sealed secret of a device: the one it has as long as that still fits, so that nothing changes for nothing. */
  #secret(
    device: { orgId: string; id: string },
    realm: string,
    entry: DeviceEntry,
    old: Selectable<DeviceTable> | undefined,
  ): Uint8Array {
    const { kek, reader } = this.#options
    const sameAccount = old?.realm === realm && old.sip_user === entry.sipUser
    if (entry.sipPassword === undefined) {
      if (old !== undefined && sameAccount) return old.secret
      const why = old === undefined ? 'for a new device' : 'when the SIP user or the first domain changes'
      reader.fail([...entry.path, 'sipPassword'], `is missing; it is needed ${why}`)
      return new Uint8Array()
    }
    const ha1 = ha1Of({ user: entry.sipUser, realm, password: entry.sipPassword })
    const stored = old === undefined ? undefined : openHa1(kek, device, old.secret)
    if (old !== undefined && sameAccount && stored?.sha256 === ha1.sha256 && stored.md5 === ha1.md5)
      return old.secret
    return sealHa1(kek, device, ha1)
  }

  /** The id that an entry means: its own, else that of the row of the same name, else a new one. */
  #idFor(entry: { readonly id?: string; readonly path: Path }, existing: string | undefined): string {
    if (entry.id !== undefined && existing !== undefined && entry.id !== existing)
      this.#options.reader.fail([...entry.path, 'id'], `must be ${existing}, which this entry already has`)
    return entry.id ?? existing ?? randomUUID()
  }

  #sameOrg<Row extends { readonly org_id: string }>(
    row: Row | undefined,
    orgId: string,
    path: Path,
  ): Row | undefined {
    if (row !== undefined && row.org_id !== orgId)
      this.#options.reader.fail([...path, 'id'], 'belongs to another organisation')
    return row
  }

  #put<Row extends Keyed>(
    draft: Draft<Row>,
    kind: DirectoryChange['kind'],
    row: Row,
    name: string,
    old: Row | undefined,
    exists: boolean,
  ): void {
    draft.rows.set(row.id, row)
    draft.named.add(row.id)
    if (old !== undefined && equal(old, row)) return
    this.#changes.push({ action: exists ? 'update' : 'create', kind, id: row.id, name })
  }

  /** What this file made once and names no longer: removed when pruning, else only reported. */
  #leftovers(): void {
    const { fileName, prune } = this.#options
    const left: DirectoryChange[] = []
    const gone = <Row extends Keyed & { readonly managed_by: string }>(
      draft: Draft<Row>,
      kind: DirectoryChange['kind'],
      nameOf: (row: Row) => string,
    ): void => {
      for (const row of draft.rows.values())
        if (row.managed_by === fileName && !draft.named.has(row.id))
          left.push({ action: 'remove', kind, id: row.id, name: nameOf(row) })
    }
    gone(this.#devices, 'device', (row) => row.sip_user)
    gone(this.#people, 'person', (row) => row.email)
    gone(this.#locations, 'location', (row) => row.name)
    gone(this.#organizations, 'organization', (row) => row.name)
    if (!prune) {
      this.#left = left
      return
    }
    for (const change of left) {
      this.#devices.rows.delete(change.id)
      this.#people.rows.delete(change.id)
      this.#locations.rows.delete(change.id)
      this.#organizations.rows.delete(change.id)
      this.#domains.delete(change.id)
    }
    this.#changes.push(...left)
    this.#orphans()
  }

  /** What another file put under something that is pruned now: refused, rather than removed by surprise. */
  #orphans(): void {
    const { reader } = this.#options
    for (const person of this.#people.rows.values()) {
      if (this.#organizations.rows.has(person.org_id) && this.#locations.rows.has(person.location_id))
        continue
      reader.fail(
        [],
        `must keep the organisation and location of ${person.email}, whom ${person.managed_by} manages`,
      )
    }
    for (const device of this.#devices.rows.values())
      if (!this.#people.rows.has(device.person_id))
        reader.fail([], `must keep the person of ${device.sip_user}, which ${device.managed_by} manages`)
  }

  /** The rules that the database holds too, found here so that the error names the thing and not an index. */
  #checkWhole(rows: DirectoryRows): void {
    const { reader } = this.#options
    const unique = (what: string, of: Iterable<readonly [scope: string, value: string]>): void => {
      const seen = new Set<string>()
      for (const [scope, value] of of) {
        const key = `${scope} ${value}`
        if (seen.has(key) && reader.errors.length === 0)
          reader.fail([], `would give the ${what} ${value} to two entries; one of them is not in this file`)
        seen.add(key)
      }
    }
    unique(
      'name',
      rows.organizations.map((row) => ['', row.name]),
    )
    unique(
      'domain',
      rows.domains.map((row) => ['', row.domain]),
    )
    unique(
      'location',
      rows.locations.map((row) => [row.org_id, row.name]),
    )
    unique(
      'email',
      rows.people.map((row) => [row.org_id, row.email_folded]),
    )
    unique(
      'extension',
      rows.people.map((row) => [row.org_id, row.extension]),
    )
    unique(
      'SIP user',
      rows.devices.map((row) => [row.org_id, row.sip_user]),
    )
    unique(
      'number',
      rows.people.flatMap(
        (row) => (JSON.parse(row.numbers) as string[]).map((number) => [row.org_id, number] as const), // Written by us.
      ),
    )
  }
}

function equal<Row extends object>(a: Row, b: Row): boolean {
  return Object.entries(b).every(([name, value]) => {
    const other = (a as Record<string, unknown>)[name] // Compared member by member, whatever the row.
    if (value instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(value, other) === 0
    return other === value
  })
}
