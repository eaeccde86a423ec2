/**
 * Works out what a directory file changes, without changing it: every entry is matched with the row it means, by its id
 * or else by its name in the organisation, so ids stay what they were. The outcome is the whole directory as it would
 * be, checked as a whole, and the list of changes.
 */
import { randomUUID } from 'node:crypto'
import type { LineKind } from '@tandem/engine'
import type { Selectable } from '@tandem/store'
import type {
  DeviceTable,
  LineGroupTable,
  LineTable,
  LocationTable,
  OrganizationTable,
  PersonTable,
} from '../data/tables.ts'
import {
  fold,
  type GroupEntry,
  type LocationEntry,
  linesOf,
  type OrganizationEntry,
  type PersonEntry,
} from './document.ts'
import { type DirectoryChange, Draft, equal, type Keyed, LinkDraft } from './draft.ts'
import type { DeviceEntry, LineEntry } from './line-document.ts'
import { checkWhole } from './plan-check.ts'
import { plannedPin, plannedSecret } from './plan-secrets.ts'
import type { DirectoryRows } from './rows.ts'
import type { Path, YamlReader } from './yaml-reader.ts'

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

class Planner {
  readonly #options: PlanOptions
  readonly #organizations: Draft<Selectable<OrganizationTable>>
  readonly #locations: Draft<Selectable<LocationTable>>
  readonly #lines: Draft<Selectable<LineTable>>
  readonly #people: Draft<Selectable<PersonTable>>
  readonly #devices: Draft<Selectable<DeviceTable>>
  readonly #groups: Draft<Selectable<LineGroupTable>>
  readonly #deviceLines: LinkDraft
  readonly #assistants: LinkDraft
  readonly #members: LinkDraft
  readonly #domains = new Map<string, readonly string[]>()
  readonly #byName = new Map<string, string>()
  readonly #changes: DirectoryChange[] = []
  #left: DirectoryChange[] = []

  constructor(options: PlanOptions) {
    this.#options = options
    const { before } = options
    this.#organizations = new Draft(before.organizations)
    this.#locations = new Draft(before.locations)
    this.#lines = new Draft(before.lines)
    this.#people = new Draft(before.people)
    this.#devices = new Draft(before.devices)
    this.#groups = new Draft(before.groups)
    this.#deviceLines = new LinkDraft(
      before.deviceLines.map((row) => [row.org_id, row.device_id, row.line_id]),
    )
    this.#assistants = new LinkDraft(
      before.assistants.map((row) => [row.org_id, row.executive_id, row.assistant_id]),
    )
    this.#members = new LinkDraft(before.members.map((row) => [row.org_id, row.group_id, row.line_id]))
    for (const row of before.domains)
      this.#domains.set(row.org_id, [...(this.#domains.get(row.org_id) ?? []), row.domain])
    // Natural keys, so that matching a large file is not a search for each entry.
    for (const row of before.locations) this.#byName.set(`location ${row.org_id} ${row.name}`, row.id)
    for (const row of before.people) this.#byName.set(`person ${row.org_id} ${row.email_folded}`, row.id)
    for (const row of before.lines)
      if (row.kind !== 'person') this.#byName.set(`${row.kind} ${row.org_id} ${row.display_name}`, row.id)
    for (const row of before.devices) this.#byName.set(`device ${row.org_id} ${row.sip_user}`, row.id)
    for (const row of before.groups) this.#byName.set(`${row.kind} group ${row.org_id} ${row.name}`, row.id)
  }

  plan(): DirectoryPlan {
    for (const entry of this.#options.entries) this.#organization(entry)
    this.#leftovers()
    const hasLine = (id: string): boolean => this.#lines.rows.has(id)
    const rows: DirectoryRows = {
      organizations: [...this.#organizations.rows.values()],
      domains: [...this.#domains].flatMap(([org_id, domains]) =>
        domains.map((domain, position) => ({ domain, org_id, position })),
      ),
      locations: [...this.#locations.rows.values()],
      lines: [...this.#lines.rows.values()],
      people: [...this.#people.rows.values()],
      devices: [...this.#devices.rows.values()],
      deviceLines: this.#deviceLines.rows(
        { hasOwner: (id) => this.#devices.rows.has(id), hasLine },
        ({ orgId, ownerId, lineId, position }) => ({
          org_id: orgId,
          device_id: ownerId,
          line_id: lineId,
          position,
        }),
      ),
      assistants: this.#assistants.rows(
        { hasOwner: hasLine, hasLine },
        ({ orgId, ownerId, lineId, position }) => ({
          org_id: orgId,
          executive_id: ownerId,
          assistant_id: lineId,
          position,
        }),
      ),
      groups: [...this.#groups.rows.values()],
      members: this.#members.rows(
        { hasOwner: (id) => this.#groups.rows.has(id), hasLine },
        ({ orgId, ownerId, lineId, position }) => ({
          org_id: orgId,
          group_id: ownerId,
          line_id: lineId,
          position,
        }),
      ),
    }
    checkWhole(this.#options.reader, rows)
    return { rows, changes: this.#changes, left: this.#left }
  }

  #organization(entry: OrganizationEntry): void {
    const { now, fileName } = this.#options
    const byName = this.#organizations.find((row) => row.name === entry.name)
    const id = this.#idFor(entry, byName?.id)
    const old = this.#organizations.rows.get(id)
    const sameDomains = (this.#domains.get(id) ?? []).join() === entry.domains.join()
    this.#domains.set(id, entry.domains)
    const changed = this.#organizations.put({
      id,
      name: entry.name,
      managed_by: fileName,
      created_at: old?.created_at ?? now,
      park_recall_seconds: entry.parkRecallSeconds ?? null,
    })
    this.#note('organization', id, entry.name, { changed: changed || !sameDomains, isNew: old === undefined })

    const main: LocationEntry = { path: entry.path, name: 'Main', services: [] }
    const locations = entry.locations.length > 0 ? entry.locations : [main]
    for (const location of locations) this.#location(id, location)
    const home = locations[0]?.name ?? ''
    const realm = entry.domains[0] ?? ''
    const lines = linesOf(entry).map(([kind, line]) => ({
      kind,
      entry: line,
      id: this.#lineId(id, kind, line),
    }))
    const find = this.#lineFinder(id, lines)
    for (const line of lines) this.#line({ ...line, orgId: id, home, realm, find })
    for (const group of entry.groups) this.#group(id, group, find)
  }

  #location(orgId: string, entry: LocationEntry): void {
    const key = `location ${orgId} ${entry.name}`
    const id = this.#idFor(entry, this.#byName.get(key))
    this.#byName.set(key, id)
    const old = this.#sameOrg(this.#locations.rows.get(id), orgId, entry.path)
    const changed = this.#locations.put({
      id,
      org_id: orgId,
      name: entry.name,
      managed_by: this.#options.fileName,
      // What the file never said the API may have; what it said once and says no longer is the default again.
      hold_music: entry.holdMusic ?? (old?.hold_music_managed === 0 ? old.hold_music : null),
      hold_music_managed: entry.holdMusic === undefined ? 0 : 1,
      services: JSON.stringify(entry.services),
      recording_failure: entry.recordingFailure ?? null,
    })
    this.#note('location', id, entry.name, { changed, isNew: old === undefined })
  }

  #lineId(orgId: string, kind: LineKind, entry: LineEntry): string {
    const name = isPerson(entry) ? fold(entry.email) : entry.displayName
    const existing = this.#byName.get(`${kind} ${orgId} ${name}`)
    const id = this.#idFor(entry, existing)
    const old = this.#sameOrg(this.#lines.rows.get(id), orgId, entry.path)
    if (old !== undefined && old.kind !== kind)
      this.#options.reader.fail([...entry.path, 'id'], `belongs to a line of another kind (${old.kind})`)
    return id
  }

  #line(line: {
    orgId: string
    id: string
    kind: LineKind
    entry: LineEntry
    home: string
    realm: string
    find: LineFinder
  }): void {
    const { orgId, id, kind, entry, home, realm, find } = line
    const { now, fileName } = this.#options
    const old = this.#lines.rows.get(id)
    const devices = entry.devices.map((device) => ({
      device,
      id: this.#idFor(device, this.#byName.get(`device ${orgId} ${device.sipUser}`)),
    }))
    const keptRecording = old?.recording_managed === 0 ? old.recording : '{}'
    let changed = this.#lines.put({
      id,
      org_id: orgId,
      kind,
      location_id: this.#byName.get(`location ${orgId} ${entry.location ?? home}`) ?? '',
      display_name: entry.displayName,
      extension: entry.extension,
      numbers: JSON.stringify(entry.numbers),
      features: JSON.stringify(entry.features),
      recording: entry.recording === undefined ? keptRecording : JSON.stringify(entry.recording),
      recording_managed: entry.recording === undefined ? 0 : 1,
      voicemail_pin: plannedPin(this.#options.kek, { orgId, id }, entry.pin, old?.voicemail_pin ?? null),
      preferred_device_id: this.#preferredDevice(entry, devices, old),
      preferred_managed: entry.preferredDevice === undefined ? 0 : 1,
      external_waiting: old?.external_waiting ?? 0,
      managed_by: fileName,
    })
    const assistants = entry.assistants.flatMap((name, i) => find(name, [...entry.path, 'assistants', i]))
    if (assistants.includes(id))
      this.#options.reader.fail([...entry.path, 'assistants'], 'must not name the line itself')
    changed = this.#assistants.put(orgId, id, [...new Set(assistants)]) || changed
    if (isPerson(entry)) {
      const before = this.#people.rows.get(id)
      const person: Selectable<PersonTable> = {
        id,
        org_id: orgId,
        email: entry.email,
        email_folded: fold(entry.email),
        first_name: entry.firstName,
        last_name: entry.lastName,
        roles: JSON.stringify(entry.roles),
        timezone: entry.timezone ?? null,
        managed_by: fileName,
        created_at: before?.created_at ?? now,
        modified_at: before?.modified_at ?? now,
      }
      changed ||= before === undefined || !equal(before, person)
      this.#people.put(changed ? { ...person, modified_at: now } : person)
    }
    const name = isPerson(entry) ? entry.email : entry.displayName
    this.#note(kind, id, name, { changed, isNew: old === undefined })
    for (const { device, id: deviceId } of devices)
      this.#device({ orgId, lineId: id, id: deviceId, realm, entry: device, find })
  }

  #preferredDevice(
    entry: LineEntry,
    devices: readonly { readonly device: DeviceEntry; readonly id: string }[],
    old: Selectable<LineTable> | undefined,
  ): string | null {
    if (entry.preferredDevice === undefined)
      return old?.preferred_managed === 0 ? old.preferred_device_id : null
    const named = devices.find(({ device }) => device.sipUser === entry.preferredDevice)
    if (named === undefined)
      this.#options.reader.fail(
        [...entry.path, 'preferredDevice'],
        'must be the sipUser of one of the devices here',
      )
    return named?.id ?? null
  }

  #device(device: {
    orgId: string
    lineId: string
    id: string
    realm: string
    entry: DeviceEntry
    find: LineFinder
  }): void {
    const { orgId, lineId, id, realm, entry, find } = device
    const old = this.#sameOrg(this.#devices.rows.get(id), orgId, entry.path)
    const row = this.#devices.put({
      id,
      org_id: orgId,
      line_id: lineId,
      name: entry.name,
      sip_user: entry.sipUser,
      realm,
      secret: plannedSecret(this.#options, { orgId, id, realm }, entry, old),
      managed_by: this.#options.fileName,
    })
    const secondary = entry.secondaryLines.flatMap((name, i) =>
      find(name, [...entry.path, 'secondaryLines', i]),
    )
    if (secondary.includes(lineId))
      this.#options.reader.fail(
        [...entry.path, 'secondaryLines'],
        'must not name the line of the device itself',
      )
    const links = this.#deviceLines.put(orgId, id, [...new Set(secondary)])
    this.#note('device', id, entry.sipUser, { changed: row || links, isNew: old === undefined })
  }

  #group(orgId: string, entry: GroupEntry, find: LineFinder): void {
    const id = this.#idFor(entry, this.#byName.get(`${entry.kind} group ${orgId} ${entry.name}`))
    const old = this.#sameOrg(this.#groups.rows.get(id), orgId, entry.path)
    const row = this.#groups.put({
      id,
      org_id: orgId,
      kind: entry.kind,
      name: entry.name,
      managed_by: this.#options.fileName,
    })
    const lines = entry.lines.flatMap((name, i) => find(name, [...entry.path, 'lines', i]))
    const links = this.#members.put(orgId, id, [...new Set(lines)])
    this.#note('group', id, entry.name, { changed: row || links, isNew: old === undefined })
  }

  /** Finds lines of an organisation by extension or email, those of this file before those of others. */
  #lineFinder(
    orgId: string,
    named: readonly { readonly id: string; readonly entry: LineEntry }[],
  ): LineFinder {
    const found = new Map<string, string>()
    for (const row of this.#people.rows.values())
      if (row.org_id === orgId) found.set(row.email_folded, row.id)
    for (const row of this.#lines.rows.values()) if (row.org_id === orgId) found.set(row.extension, row.id)
    for (const { id, entry } of named) {
      found.set(entry.extension, id)
      if (isPerson(entry)) found.set(fold(entry.email), id)
    }
    return (name, path) => {
      const id = found.get(fold(name))
      if (id === undefined) this.#options.reader.fail(path, 'names no line of this organisation')
      return id === undefined ? [] : [id]
    }
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

  #note(
    kind: DirectoryChange['kind'],
    id: string,
    name: string,
    what: { readonly changed: boolean; readonly isNew: boolean },
  ): void {
    if (what.changed) this.#changes.push({ action: what.isNew ? 'create' : 'update', kind, id, name })
  }

  /** What this file made once and names no longer: removed when pruning, else only reported. */
  #leftovers(): void {
    const { fileName, prune } = this.#options
    const left: DirectoryChange[] = []
    const gone = <Row extends Keyed & { readonly managed_by: string }>(
      draft: Draft<Row>,
      describe: (row: Row) => Pick<DirectoryChange, 'kind' | 'name'>,
    ): void => {
      for (const row of draft.rows.values())
        if (row.managed_by === fileName && !draft.named.has(row.id))
          left.push({ action: 'remove', id: row.id, ...describe(row) })
    }
    gone(this.#groups, (row) => ({ kind: 'group', name: row.name }))
    gone(this.#devices, (row) => ({ kind: 'device', name: row.sip_user }))
    gone(this.#lines, (row) => ({
      kind: row.kind as LineKind, // Written by us.
      name: this.#people.rows.get(row.id)?.email ?? row.display_name,
    }))
    gone(this.#locations, (row) => ({ kind: 'location', name: row.name }))
    gone(this.#organizations, (row) => ({ kind: 'organization', name: row.name }))
    if (!prune) {
      this.#left = left
      return
    }
    const drafts = [
      this.#groups,
      this.#devices,
      this.#lines,
      this.#people,
      this.#locations,
      this.#organizations,
    ]
    for (const change of left) {
      for (const draft of drafts) draft.rows.delete(change.id)
      this.#domains.delete(change.id)
    }
    this.#changes.push(...left)
    this.#orphans()
  }

  /** What another file put under something that is pruned now: refused, rather than removed by surprise. */
  #orphans(): void {
    const { reader } = this.#options
    for (const line of this.#lines.rows.values()) {
      if (this.#organizations.rows.has(line.org_id) && this.#locations.rows.has(line.location_id)) continue
      const name = this.#people.rows.get(line.id)?.email ?? line.display_name
      reader.fail([], `must keep the organisation and location of ${name}, which ${line.managed_by} manages`)
    }
    for (const device of this.#devices.rows.values())
      if (!this.#lines.rows.has(device.line_id))
        reader.fail([], `must keep the line of ${device.sip_user}, which ${device.managed_by} manages`)
    for (const group of this.#groups.rows.values())
      if (!this.#organizations.rows.has(group.org_id))
        reader.fail([], `must keep the organisation of ${group.name}, which ${group.managed_by} manages`)
  }
}

/** The id of a line by its extension or email, or nothing and an error at the place that names it. */
type LineFinder = (name: string, path: Path) => readonly string[]

function isPerson(entry: LineEntry): entry is PersonEntry {
  return 'email' in entry
}
