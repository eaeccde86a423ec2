/** Plans organisations, locations and groups: what is no line. */
import {
  type GroupEntry,
  type LocationEntry,
  linesOf,
  type OrganizationEntry,
  type PersonEntry,
} from './document.ts'
import { planLine, planLineId } from './plan-line.ts'
import type { LineFinder, Planning } from './planning.ts'

/** Plans an organisation with everything that its entry holds; `id` is given when only one can be meant. */
export function planOrganization(planning: Planning, entry: OrganizationEntry, onlyId?: string): void {
  const byName = planning.organizations.find((row) => row.name === entry.name)
  const id = onlyId ?? planning.idFor(entry, byName?.id)
  planOrganizationOwn(planning, id, entry)
  const main: LocationEntry = { path: entry.path, name: 'Main', services: [] }
  const locations = entry.locations.length > 0 ? entry.locations : [main]
  for (const location of locations) planLocation(planning, id, location)
  const home = locations[0]?.name ?? ''
  const realm = entry.domains[0] ?? ''
  const lines = linesOf(entry).map(([kind, line]) => ({
    kind,
    entry: line,
    id: planLineId(planning, id, kind, line),
  }))
  const find = planning.lineFinder(
    id,
    lines.map(({ id: lineId, entry: line }) => {
      const { email } = line as Partial<PersonEntry> // Only people have one.
      return { id: lineId, extension: line.extension, ...(email === undefined ? {} : { email }) }
    }),
  )
  for (const line of lines) planLine(planning, { ...line, orgId: id, home, realm, find })
  for (const group of entry.groups) planGroup(planning, id, group, find)
}

/** Plans the organisation itself. */
export function planOrganizationOwn(planning: Planning, id: string, entry: OrganizationEntry): void {
  const { now, managedBy } = planning.options
  const old = planning.organizations.rows.get(id)
  const sameDomains = (planning.domains.get(id) ?? []).join() === entry.domains.join()
  planning.domains.set(id, entry.domains)
  const changed = planning.put(planning.organizations, {
    id,
    name: entry.name,
    managed_by: managedBy,
    created_at: old?.created_at ?? now,
    park_recall_seconds: entry.parkRecallSeconds ?? null,
  })
  if (!sameDomains && old !== undefined && planning.isLocked(old)) planning.refuseManaged(old)
  planning.note(
    { kind: 'organization', id, name: entry.name },
    { changed: changed || !sameDomains, isNew: old === undefined },
  )
}

/** Plans a location. */
export function planLocation(planning: Planning, orgId: string, entry: LocationEntry): string {
  const key = `location ${orgId} ${entry.name}`
  const id = planning.idFor(entry, planning.byName.get(key))
  planning.byName.set(key, id)
  const old = planning.sameOrg(planning.locations.rows.get(id), orgId, entry.path)
  // What the file never said the API may have; what it said once and says no longer is the default again.
  const kept = planning.byApi || old?.hold_music_managed === 0 ? (old?.hold_music ?? null) : null
  const keptManaged = planning.byApi ? (old?.hold_music_managed ?? 0) : 0
  const changed = planning.put(planning.locations, {
    id,
    org_id: orgId,
    name: entry.name,
    managed_by: planning.options.managedBy,
    hold_music: entry.holdMusic ?? kept,
    hold_music_managed: entry.holdMusic === undefined ? keptManaged : planning.byApi ? 0 : 1,
    services: JSON.stringify(entry.services),
    recording_failure: entry.recordingFailure ?? null,
  })
  planning.note({ kind: 'location', id, name: entry.name }, { changed, isNew: old === undefined })
  return id
}

/** Plans a group. */
export function planGroup(planning: Planning, orgId: string, entry: GroupEntry, find: LineFinder): string {
  const id = planning.idFor(entry, planning.byName.get(`${entry.kind} group ${orgId} ${entry.name}`))
  const old = planning.sameOrg(planning.groups.rows.get(id), orgId, entry.path)
  const row = planning.put(planning.groups, {
    id,
    org_id: orgId,
    kind: entry.kind,
    name: entry.name,
    managed_by: planning.options.managedBy,
  })
  const lines = entry.lines.flatMap((name, i) => find(name, [...entry.path, 'lines', i]))
  const links = planning.link(planning.members, { orgId, ownerId: id, lines }, old)
  planning.note({ kind: 'group', id, name: entry.name }, { changed: row || links, isNew: old === undefined })
  return id
}
