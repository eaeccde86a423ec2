/**
 * A plan while it is made: every table as it would be, what changes, and the rules that hold for every kind of row. An
 * entry is matched with the row it means by its id, or else by its name in the organisation, so that ids stay what they were.
 * What a directory file manages only that file changes: the API is refused (`API_MANAGER`).
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
import { fold } from './document.ts'
import { type DirectoryChange, Draft, equal, type Keyed, LinkDraft } from './draft.ts'
import type { DocumentReader, Path } from './entry-reader.ts'
import type { DirectoryRows } from './rows.ts'

/** Stands in `managed_by` of what the API made: no file has this name. */
export const API_MANAGER = ''

/** What a plan is made with. */
export interface PlanningOptions {
  /** Gets the errors. */
  readonly reader: DocumentReader
  /** Everything, or everything of one organisation. */
  readonly before: DirectoryRows
  /** Name of the directory file, or `API_MANAGER`. */
  readonly managedBy: string
  readonly kek: Uint8Array
  /** Unix milliseconds. */
  readonly now: number
  /** Makes a password for a phone that has none; without it one must be given. */
  readonly newPassword?: () => string
}

/** A SIP password that the plan made: the only moment in which it is known. */
export interface MadePassword {
  readonly deviceId: string
  readonly password: string
}

/** The id of a line by its extension or email, or nothing and an error at the place that names it. */
export type LineFinder = (name: string, path: Path) => readonly string[]

type ManagedRow = Keyed & { readonly managed_by: string }

/** The tables while they are planned. */
export class Planning {
  readonly options: PlanningOptions
  readonly organizations: Draft<Selectable<OrganizationTable>>
  readonly locations: Draft<Selectable<LocationTable>>
  readonly lines: Draft<Selectable<LineTable>>
  readonly people: Draft<Selectable<PersonTable>>
  readonly devices: Draft<Selectable<DeviceTable>>
  readonly groups: Draft<Selectable<LineGroupTable>>
  readonly deviceLines: LinkDraft
  readonly assistants: LinkDraft
  readonly members: LinkDraft
  readonly domains: Map<string, readonly string[]> = new Map()
  /** Ids by what people call a thing, so that matching a large file is not a search for each entry. */
  readonly byName: Map<string, string> = new Map()
  readonly changes: DirectoryChange[] = []
  readonly passwords: MadePassword[] = []

  constructor(options: PlanningOptions) {
    this.options = options
    const { before } = options
    this.organizations = new Draft(before.organizations)
    this.locations = new Draft(before.locations)
    this.lines = new Draft(before.lines)
    this.people = new Draft(before.people)
    this.devices = new Draft(before.devices)
    this.groups = new Draft(before.groups)
    this.deviceLines = new LinkDraft(
      before.deviceLines.map((row) => [row.org_id, row.device_id, row.line_id]),
    )
    this.assistants = new LinkDraft(
      before.assistants.map((row) => [row.org_id, row.executive_id, row.assistant_id]),
    )
    this.members = new LinkDraft(before.members.map((row) => [row.org_id, row.group_id, row.line_id]))
    for (const row of before.domains)
      this.domains.set(row.org_id, [...(this.domains.get(row.org_id) ?? []), row.domain])
    for (const row of before.locations) this.byName.set(`location ${row.org_id} ${row.name}`, row.id)
    for (const row of before.people) this.byName.set(`person ${row.org_id} ${row.email_folded}`, row.id)
    for (const row of before.lines)
      if (row.kind !== 'person') this.byName.set(`${row.kind} ${row.org_id} ${row.display_name}`, row.id)
    for (const row of before.devices) this.byName.set(`device ${row.org_id} ${row.sip_user}`, row.id)
    for (const row of before.groups) this.byName.set(`${row.kind} group ${row.org_id} ${row.name}`, row.id)
  }

  get reader(): DocumentReader {
    return this.options.reader
  }

  get byApi(): boolean {
    return this.options.managedBy === API_MANAGER
  }

  /** The id that an entry means: its own, else that of the row of the same name, else a new one. */
  idFor(entry: { readonly id?: string; readonly path: Path }, existing: string | undefined): string {
    if (entry.id !== undefined && existing !== undefined && entry.id !== existing && !this.byApi)
      this.reader.fail([...entry.path, 'id'], `must be ${existing}, which this entry already has`)
    return entry.id ?? existing ?? randomUUID()
  }

  sameOrg<Row extends { readonly org_id: string }>(
    row: Row | undefined,
    orgId: string,
    path: Path,
  ): Row | undefined {
    if (row !== undefined && row.org_id !== orgId)
      this.reader.fail([...path, 'id'], 'belongs to another organisation')
    return row
  }

  /**
   * Puts a row in, and says whether anything of it is new. What a file manages stays as it is when the API says the same
   * again, and is refused when it says otherwise.
   */
  put<Row extends ManagedRow>(draft: Draft<Row>, row: Row): boolean {
    const old = draft.rows.get(row.id)
    if (old === undefined || !this.isLocked(old)) return draft.put(row)
    if (!equal(old, { ...row, managed_by: old.managed_by })) this.refuseManaged(old)
    draft.named.add(row.id)
    return false
  }

  /** The same for the lines that belong to a thing; `owner` is its row as it was. */
  link(
    draft: LinkDraft,
    link: { readonly orgId: string; readonly ownerId: string; readonly lines: readonly string[] },
    owner: ManagedRow | undefined,
  ): boolean {
    const changed = draft.put(link.orgId, link.ownerId, [...new Set(link.lines)])
    if (changed && owner !== undefined && this.isLocked(owner)) this.refuseManaged(owner)
    return changed
  }

  /** Refuses to change what a file manages. */
  refuseManaged(row: { readonly managed_by: string }): void {
    this.reader.refuse('managed', `The directory file ${row.managed_by} sets this; change it there`)
  }

  /** Whether the API may not touch the row. */
  isLocked(row: ManagedRow): boolean {
    return this.byApi && row.managed_by !== API_MANAGER
  }

  /** Takes a thing away, unless a file has it. */
  remove<Row extends ManagedRow>(
    draft: Draft<Row>,
    row: Row,
    as: Pick<DirectoryChange, 'kind' | 'name'>,
  ): void {
    if (this.isLocked(row)) this.refuseManaged(row)
    draft.rows.delete(row.id)
    this.changes.push({ action: 'remove', id: row.id, ...as })
  }

  /** Notes a change of one thing, if there is any. */
  note(
    thing: Pick<DirectoryChange, 'kind' | 'id' | 'name'>,
    what: { readonly changed: boolean; readonly isNew: boolean },
  ): void {
    if (what.changed) this.changes.push({ action: what.isNew ? 'create' : 'update', ...thing })
  }

  /** Finds lines of an organisation by extension or email; `named` are those of this document, which come first. */
  lineFinder(
    orgId: string,
    named: readonly { readonly id: string; readonly extension: string; readonly email?: string }[],
  ): LineFinder {
    const found = new Map<string, string>()
    for (const row of this.people.rows.values()) if (row.org_id === orgId) found.set(row.email_folded, row.id)
    for (const row of this.lines.rows.values()) if (row.org_id === orgId) found.set(row.extension, row.id)
    for (const { id, extension, email } of named) {
      found.set(extension, id)
      if (email !== undefined) found.set(fold(email), id)
    }
    return (name, path) => {
      const id = found.get(fold(name))
      if (id === undefined) this.reader.fail(path, 'names no line of this organisation')
      return id === undefined ? [] : [id]
    }
  }

  /** What a line is called in changes and errors. */
  nameOf(line: { readonly id: string; readonly display_name: string }): string {
    return this.people.rows.get(line.id)?.email ?? line.display_name
  }

  /** The tables as they would be. */
  rows(): DirectoryRows {
    const hasLine = (id: string): boolean => this.lines.rows.has(id)
    return {
      organizations: [...this.organizations.rows.values()],
      domains: [...this.domains].flatMap(([org_id, domains]) =>
        domains.map((domain, position) => ({ domain, org_id, position })),
      ),
      locations: [...this.locations.rows.values()],
      lines: [...this.lines.rows.values()],
      people: [...this.people.rows.values()],
      devices: [...this.devices.rows.values()],
      deviceLines: this.deviceLines.rows(
        { hasOwner: (id) => this.devices.rows.has(id), hasLine },
        ({ orgId, ownerId, lineId, position }) => ({
          org_id: orgId,
          device_id: ownerId,
          line_id: lineId,
          position,
        }),
      ),
      assistants: this.assistants.rows(
        { hasOwner: hasLine, hasLine },
        ({ orgId, ownerId, lineId, position }) => ({
          org_id: orgId,
          executive_id: ownerId,
          assistant_id: lineId,
          position,
        }),
      ),
      groups: [...this.groups.rows.values()],
      members: this.members.rows(
        { hasOwner: (id) => this.groups.rows.has(id), hasLine },
        ({ orgId, ownerId, lineId, position }) => ({
          org_id: orgId,
          group_id: ownerId,
          line_id: lineId,
          position,
        }),
      ),
    }
  }
}

/** The kind of a stored line. */
export function kindOf(row: { readonly kind: string }): LineKind {
  return row.kind as LineKind // Held by a check of the table.
}
