/**
 * Works out what a directory file changes, without changing it. The outcome is the whole directory as it would be,
 * checked as a whole, and the list of changes.
 */
import type { OrganizationEntry } from './document.ts'
import type { DirectoryChange, Draft } from './draft.ts'
import { checkWhole } from './plan-check.ts'
import { planOrganization } from './plan-organization.ts'
import { kindOf, type MadePassword, Planning, type PlanningOptions } from './planning.ts'
import type { DirectoryRows } from './rows.ts'

/** The directory as it would be, and how it comes to that. */
export interface DirectoryPlan {
  readonly rows: DirectoryRows
  readonly changes: readonly DirectoryChange[]
  /** Things of this file that it no longer names; they stay unless pruned. */
  readonly left: readonly DirectoryChange[]
  /** SIP passwords that were made. */
  readonly passwords: readonly MadePassword[]
}

/** What a file's plan is made with. */
export interface PlanOptions extends PlanningOptions {
  readonly entries: readonly OrganizationEntry[]
  readonly prune: boolean
  /** The only organisation that is meant, whatever the entry calls it. */
  readonly orgId?: string
}

/** Plans the file; whatever forbids it is noted in the reader's `errors`. */
export function planDirectory(options: PlanOptions): DirectoryPlan {
  const planning = new Planning(options)
  for (const entry of options.entries) planOrganization(planning, entry, options.orgId)
  const left = leftovers(planning, options.orgId)
  if (options.prune) prune(planning, left)
  return finished(planning, options.prune ? [] : left)
}

/** What a planning comes to, checked as a whole. */
export function finished(planning: Planning, left: readonly DirectoryChange[] = []): DirectoryPlan {
  const rows = planning.rows()
  checkWhole(planning.reader, rows)
  return { rows, changes: planning.changes, left, passwords: planning.passwords }
}

/** What this file made once and names no longer. */
function leftovers(planning: Planning, orgId: string | undefined): readonly DirectoryChange[] {
  const { managedBy } = planning.options
  const left: DirectoryChange[] = []
  const gone = <Row extends { readonly id: string; readonly managed_by: string; readonly org_id?: string }>(
    draft: Draft<Row>,
    describe: (row: Row) => Pick<DirectoryChange, 'kind' | 'name'>,
  ): void => {
    for (const row of draft.rows.values())
      if (
        row.managed_by === managedBy &&
        !draft.named.has(row.id) &&
        (orgId === undefined || row.org_id === orgId)
      )
        left.push({ action: 'remove', id: row.id, ...describe(row) })
  }
  gone(planning.groups, (row) => ({ kind: 'group', name: row.name }))
  gone(planning.devices, (row) => ({ kind: 'device', name: row.sip_user }))
  gone(planning.lines, (row) => ({ kind: kindOf(row), name: planning.nameOf(row) }))
  gone(planning.locations, (row) => ({ kind: 'location', name: row.name }))
  gone(planning.organizations, (row) => ({ kind: 'organization', name: row.name }))
  return left
}

function prune(planning: Planning, left: readonly DirectoryChange[]): void {
  const { groups, devices, lines, people, locations, organizations } = planning
  for (const change of left) {
    for (const draft of [groups, devices, lines, people, locations, organizations])
      draft.rows.delete(change.id)
    planning.domains.delete(change.id)
  }
  planning.changes.push(...left)
  refuseOrphans(planning)
}

/** What somebody else put under something that is pruned now: refused, rather than removed by surprise. */
function refuseOrphans(planning: Planning): void {
  const { reader, organizations, locations } = planning
  const manager = (row: { readonly managed_by: string }): string => row.managed_by || 'the API'
  for (const line of planning.lines.rows.values()) {
    if (organizations.rows.has(line.org_id) && locations.rows.has(line.location_id)) continue
    const name = planning.nameOf(line)
    reader.fail([], `must keep the organisation and location of ${name}, which ${manager(line)} manages`)
  }
  for (const device of planning.devices.rows.values())
    if (!planning.lines.rows.has(device.line_id))
      reader.fail([], `must keep the line of ${device.sip_user}, which ${manager(device)} manages`)
  for (const group of planning.groups.rows.values())
    if (!organizations.rows.has(group.org_id))
      reader.fail([], `must keep the organisation of ${group.name}, which ${manager(group)} manages`)
}
