/**
 * The changes of one entry: which document it becomes, and how that is planned. Each is a value for `Directory.change`, so that
 * reading, rules, audit and commit are the same for all of them.
 */
import type { ErrorName } from '@tandem/contract'
import { Failure } from '../http/failure.ts'
import type { EntryKind } from './directory.ts'
import {
  fold,
  readGroup,
  readLocation,
  readOrganizationOwn,
  readPerson,
  readPlace,
  readVirtualLine,
} from './document.ts'
import { type Document, DocumentView } from './document-of.ts'
import type { DocumentReader, Reason } from './entry-reader.ts'
import { type LineEntry, readDevice } from './line-document.ts'
import { planDevice, planLine } from './plan-line.ts'
import { planGroup, planLocation, planOrganizationOwn } from './plan-organization.ts'
import { kindOf, type Planning } from './planning.ts'
import { withNames } from './references.ts'
import type { DirectoryRows } from './rows.ts'
import { newSipPassword } from './sip-password.ts'

/** Where a change takes place. */
export interface PlanPlace {
  readonly orgId: string
  /** Raw id of the thing, old or new. */
  readonly id: string
  /** First domain of the organisation. */
  readonly realm: string
}

/** One change. */
export interface EntryPlan {
  /** Raw id of what is there already; absent for something new. */
  readonly id?: string
  /** The entry as a file would have it. Throws the `Failure` of a thing that is not there. */
  document(rows: DirectoryRows, id: string): Document
  plan(planning: Planning, place: PlanPlace): void
}

const MISSING: Readonly<Record<EntryKind, ErrorName>> = {
  organization: 'organization_not_found',
  location: 'location_not_found',
  person: 'person_not_found',
  place: 'workspace_not_found',
  virtualLine: 'virtual_line_not_found',
  device: 'device_not_found',
  group: 'group_not_found',
}

/** The refusal for a thing that the organisation does not have. */
export function missing(kind: EntryKind): Failure {
  return new Failure(MISSING[kind])
}

const REFUSALS: Readonly<Record<Reason, ErrorName>> = {
  invalid: 'invalid_request',
  conflict: 'directory_conflict',
  managed: 'managed_by_file',
  inUse: 'location_in_use',
  administrator: 'administrator_needed',
}

/** The refusal of a change, with the status that its reason has. */
export function refusal(reason: Reason, sentence: string | undefined): Failure {
  return new Failure(REFUSALS[reason], sentence)
}

/** The refusal for what a reader has noted: its first sentence, which is what `reason` belongs to. */
export function failureOf(reader: DocumentReader): Failure {
  return refusal(reader.reason ?? 'invalid', reader.errors[0])
}

/** What something new is besides its document. */
export interface NewEntry {
  /** Raw id of the line that a phone belongs to, and what that line must be. */
  readonly lineId?: string
  readonly owner?: 'person' | 'place'
  /** Of a group. */
  readonly groupKind?: 'pickup' | 'park'
}

/** Adds a thing. */
export function creation(kind: EntryKind, body: Document, more: NewEntry = {}): EntryPlan {
  return {
    document: (rows) => {
      if (kind === 'device') checkOwner(rows, more)
      return withNames(body, rows)
    },
    plan: (planning, place) => planEntry(planning, place, kind, more),
  }
}

/** Changes a thing: members that the body does not name stay, those of `unset` go. */
export function alteration(
  kind: EntryKind,
  id: string,
  body: Document,
  unset: readonly string[] = [],
): EntryPlan {
  return {
    id,
    document(rows) {
      const kept: Record<string, unknown> = { ...documentOf(kind, id, rows) }
      for (const name of unset) delete kept[name]
      const given = Object.entries(withNames(body, rows)).filter(([, value]) => value !== null)
      return { ...kept, ...Object.fromEntries(given) }
    },
    plan: (planning, place) => planEntry(planning, place, kind, known(kind, id, planning)),
  }
}

/** Gives a phone another password. */
export function newPassword(id: string): EntryPlan {
  const sipPassword = newSipPassword()
  const change = alteration('device', id, { sipPassword })
  return {
    ...change,
    plan(planning, place) {
      change.plan(planning, place)
      planning.passwords.push({ deviceId: id, password: sipPassword })
    },
  }
}

/** Takes a thing away with everything that is its own. */
export function removal(kind: EntryKind, id: string): EntryPlan {
  return {
    id,
    document: (rows) => documentOf(kind, id, rows),
    plan: (planning) => planRemoval(planning, kind, id),
  }
}

function planEntry(planning: Planning, place: PlanPlace, kind: EntryKind, more: NewEntry): void {
  const { reader } = planning
  const { orgId, id } = place
  const { top } = reader
  const find = planning.lineFinder(orgId, [])
  const plan = entryOf(kind)
  if (reader.errors.length === 0) plan()

  /** Reads the entry, and says how it is planned when nothing is wrong with it. */
  function entryOf(of: EntryKind): () => void {
    switch (of) {
      case 'organization': {
        const entry = { ...readOrganizationOwn(reader, top), id }
        return () => planOrganizationOwn(planning, id, entry)
      }
      case 'location': {
        const entry = { ...readLocation(top), id }
        return () => planLocation(planning, orgId, entry)
      }
      case 'person':
      case 'place':
      case 'virtualLine': {
        const read =
          of === 'person'
            ? readPerson(reader, top)
            : of === 'place'
              ? readPlace(top)
              : readVirtualLine(reader, top)
        const entry = { ...read, id }
        return () => {
          checkPhones(planning, entry, place)
          const named = { id, extension: entry.extension, ...emailOf(entry) }
          const finder = planning.lineFinder(orgId, [named])
          planLine(planning, { ...place, kind: of, entry, home: homeOf(planning, orgId), find: finder })
        }
      }
      case 'device': {
        const entry = { ...readDevice(top), id }
        return () => planDevice(planning, { ...place, lineId: more.lineId ?? '', entry, find })
      }
      case 'group': {
        const entry = { ...readGroup(top, more.groupKind ?? 'pickup'), id }
        return () => planGroup(planning, orgId, entry, find)
      }
    }
  }
}

/** A phone of somebody else does not change hands because a person is given one of the same name. */
function checkPhones(planning: Planning, entry: LineEntry, { orgId, id }: PlanPlace): void {
  for (const { sipUser } of entry.devices) {
    const device = planning.devices.rows.get(planning.byName.get(`device ${orgId} ${sipUser}`) ?? '')
    if (device !== undefined && device.line_id !== id)
      planning.reader.conflict({ field: 'devices.sipUser', what: 'SIP user', value: sipUser })
  }
}

/** The location of a line that names none: there is a choice only where there are several. */
function homeOf(planning: Planning, orgId: string): string {
  const all = [...planning.locations.rows.values()].filter((row) => row.org_id === orgId)
  return all.length === 1 ? (all[0]?.name ?? '') : ''
}

function emailOf(entry: LineEntry): { readonly email?: string } {
  return 'email' in entry && typeof entry.email === 'string' ? { email: fold(entry.email) } : {}
}

/** What a thing is besides its document, as it is now. */
function known(kind: EntryKind, id: string, planning: Planning): NewEntry {
  if (kind === 'device') {
    const lineId = planning.devices.rows.get(id)?.line_id
    return lineId === undefined ? {} : { lineId }
  }
  if (kind !== 'group') return {}
  const group = planning.groups.rows.get(id)
  return group === undefined ? {} : { groupKind: group.kind as 'pickup' | 'park' } // Held by a check of the table.
}

/** A phone belongs to a person or a workspace; virtual lines appear on phones of others. */
function checkOwner(rows: DirectoryRows, { lineId, owner = 'person' }: NewEntry): void {
  if (!rows.lines.some((row) => row.id === lineId && row.kind === owner)) throw missing(owner)
}

function documentOf(kind: EntryKind, id: string, rows: DirectoryRows): Document {
  const view = new DocumentView(rows)
  const found = ((): Document | undefined => {
    switch (kind) {
      case 'organization': {
        const row = rows.organizations.find((organization) => organization.id === id)
        return row && view.organization(row)
      }
      case 'location': {
        const row = rows.locations.find((location) => location.id === id)
        return row && view.location(row)
      }
      case 'person':
      case 'place':
      case 'virtualLine': {
        const row = rows.lines.find((line) => line.id === id && line.kind === kind)
        return row && view.line(row)
      }
      case 'device': {
        const row = rows.devices.find((device) => device.id === id)
        return row && view.device(row)
      }
      case 'group': {
        const row = rows.groups.find((group) => group.id === id)
        return row && view.group(row)
      }
    }
  })()
  if (found === undefined) throw missing(kind)
  return found
}

function planRemoval(planning: Planning, kind: EntryKind, id: string): void {
  const { locations, lines, people, devices, groups } = planning
  const location = kind === 'location' ? locations.rows.get(id) : undefined
  if (location !== undefined) {
    if ([...lines.rows.values()].some((line) => line.location_id === id))
      planning.reader.refuse('inUse', `People, workspaces or virtual lines still belong to ${location.name}`)
    else planning.remove(locations, location, { kind: 'location', name: location.name })
  }
  const line = lines.rows.get(id)
  if (line !== undefined) {
    for (const device of devices.rows.values())
      if (device.line_id === id) planning.remove(devices, device, { kind: 'device', name: device.sip_user })
    planning.remove(lines, line, { kind: kindOf(line), name: planning.nameOf(line) })
    people.rows.delete(id)
  }
  const device = kind === 'device' ? devices.rows.get(id) : undefined
  if (device !== undefined) planning.remove(devices, device, { kind: 'device', name: device.sip_user })
  const group = kind === 'group' ? groups.rows.get(id) : undefined
  if (group !== undefined) planning.remove(groups, group, { kind: 'group', name: group.name })
}
