/** Plans lines of every kind with their phones, each matched with the row that it means. */
import type { LineKind } from '@tandem/engine'
import type { Selectable } from '@tandem/store'
import type { LineTable, PersonTable } from '../data/tables.ts'
import { fold, type PersonEntry } from './document.ts'
import { equal } from './draft.ts'
import type { DeviceEntry, LineEntry } from './line-document.ts'
import { plannedPin, plannedSecret } from './plan-secrets.ts'
import type { LineFinder, Planning } from './planning.ts'

/** A line to plan. */
export interface PlannedLine {
  readonly orgId: string
  readonly id: string
  readonly kind: LineKind
  readonly entry: LineEntry
  /** Name of the location of a line that names none. */
  readonly home: string
  /** First domain of the organisation. */
  readonly realm: string
  readonly find: LineFinder
}

/** The id of the line that an entry means. */
export function planLineId(planning: Planning, orgId: string, kind: LineKind, entry: LineEntry): string {
  const name = isPerson(entry) ? fold(entry.email) : entry.displayName
  const id = planning.idFor(entry, planning.byName.get(`${kind} ${orgId} ${name}`))
  const old = planning.sameOrg(planning.lines.rows.get(id), orgId, entry.path)
  if (old !== undefined && old.kind !== kind)
    planning.reader.fail([...entry.path, 'id'], `belongs to a line of another kind (${old.kind})`)
  return id
}

/** Plans a line, its person and its phones. */
export function planLine(planning: Planning, line: PlannedLine): void {
  const { orgId, id, kind, entry, home, realm, find } = line
  const { kek, managedBy } = planning.options
  const old = planning.lines.rows.get(id)
  const devices = entry.devices.map((device) => ({
    device,
    id: planning.idFor(device, planning.byName.get(`device ${orgId} ${device.sipUser}`)),
  }))
  const location = planning.byName.get(`location ${orgId} ${entry.location ?? home}`)
  if (location === undefined)
    planning.reader.fail([...entry.path, 'location'], 'names no location of this organisation')
  let changed = planning.put(planning.lines, {
    id,
    org_id: orgId,
    kind,
    location_id: location ?? '',
    display_name: entry.displayName,
    extension: entry.extension,
    numbers: JSON.stringify(entry.numbers),
    features: JSON.stringify(entry.features),
    ...recordingOf(planning, entry, old),
    voicemail_pin: plannedPin(kek, { orgId, id }, entry.pin, old?.voicemail_pin ?? null),
    ...preferredOf(planning, { orgId, id, entry, devices }, old),
    external_waiting: old?.external_waiting ?? 0,
    managed_by: managedBy,
  })
  const assistants = entry.assistants.flatMap((name, i) => find(name, [...entry.path, 'assistants', i]))
  if (assistants.includes(id))
    planning.reader.fail([...entry.path, 'assistants'], 'must not name the line itself')
  changed = planning.link(planning.assistants, { orgId, ownerId: id, lines: assistants }, old) || changed
  if (isPerson(entry)) changed = planPerson(planning, orgId, id, entry, changed)
  const name = isPerson(entry) ? entry.email : entry.displayName
  planning.note({ kind, id, name }, { changed, isNew: old === undefined })
  for (const { device, id: deviceId } of devices)
    planDevice(planning, { orgId, lineId: id, id: deviceId, realm, entry: device, find })
}

/** What only a person has; says whether line or person changes. */
function planPerson(
  planning: Planning,
  orgId: string,
  id: string,
  entry: PersonEntry,
  lineChanged: boolean,
): boolean {
  const { now, managedBy } = planning.options
  const before = planning.people.rows.get(id)
  const person: Selectable<PersonTable> = {
    id,
    org_id: orgId,
    email: entry.email,
    email_folded: fold(entry.email),
    first_name: entry.firstName,
    last_name: entry.lastName,
    roles: JSON.stringify(entry.roles),
    timezone: entry.timezone ?? null,
    managed_by: managedBy,
    created_at: before?.created_at ?? now,
    modified_at: before?.modified_at ?? now,
  }
  const managed_by = before !== undefined && planning.byApi ? before.managed_by : managedBy
  const changed = lineChanged || before === undefined || !equal(before, { ...person, managed_by })
  planning.put(planning.people, changed ? { ...person, modified_at: now } : person)
  return changed
}

/** Of a file: what it says, and only then is it the file's. Of the API: what it says, or what is there. */
function recordingOf(
  planning: Planning,
  entry: LineEntry,
  old: Selectable<LineTable> | undefined,
): Pick<Selectable<LineTable>, 'recording' | 'recording_managed'> {
  if (entry.recording !== undefined)
    return { recording: JSON.stringify(entry.recording), recording_managed: planning.byApi ? 0 : 1 }
  if (planning.byApi)
    return { recording: old?.recording ?? '{}', recording_managed: old?.recording_managed ?? 0 }
  return { recording: old?.recording_managed === 0 ? old.recording : '{}', recording_managed: 0 }
}

/** The same for the phone that answers first; it is one of the line, named here or there already. */
function preferredOf(
  planning: Planning,
  line: {
    readonly orgId: string
    readonly id: string
    readonly entry: LineEntry
    readonly devices: readonly { readonly device: DeviceEntry; readonly id: string }[]
  },
  old: Selectable<LineTable> | undefined,
): Pick<Selectable<LineTable>, 'preferred_device_id' | 'preferred_managed'> {
  const { orgId, id, entry, devices } = line
  const { preferredDevice } = entry
  if (preferredDevice === undefined) {
    if (planning.byApi)
      return {
        preferred_device_id: old?.preferred_device_id ?? null,
        preferred_managed: old?.preferred_managed ?? 0,
      }
    const kept = old?.preferred_managed === 0 ? old.preferred_device_id : null
    return { preferred_device_id: kept, preferred_managed: 0 }
  }
  const named = devices.find(({ device }) => device.sipUser === preferredDevice)?.id
  const known = planning.byName.get(`device ${orgId} ${preferredDevice}`) ?? ''
  const found = named ?? (planning.devices.rows.get(known)?.line_id === id ? known : undefined)
  if (found === undefined)
    planning.reader.fail([...entry.path, 'preferredDevice'], 'must be the sipUser of one of the devices here')
  return { preferred_device_id: found ?? null, preferred_managed: planning.byApi ? 0 : 1 }
}

/** A phone to plan. */
export interface PlannedDevice {
  readonly orgId: string
  readonly lineId: string
  readonly id: string
  readonly realm: string
  readonly entry: DeviceEntry
  readonly find: LineFinder
}

/** Plans a phone and the lines that appear on it. */
export function planDevice(planning: Planning, device: PlannedDevice): void {
  const { orgId, lineId, id, realm, entry, find } = device
  const { kek, newPassword, managedBy } = planning.options
  const old = planning.sameOrg(planning.devices.rows.get(id), orgId, entry.path)
  const { secret, made } = plannedSecret(
    { kek, reader: planning.reader, ...(newPassword === undefined ? {} : { newPassword }) },
    { orgId, id, realm },
    entry,
    old,
  )
  if (made !== undefined) planning.passwords.push({ deviceId: id, password: made })
  const row = planning.put(planning.devices, {
    id,
    org_id: orgId,
    line_id: lineId,
    name: entry.name,
    sip_user: entry.sipUser,
    realm,
    secret,
    managed_by: managedBy,
  })
  const lines = entry.secondaryLines.flatMap((name, i) => find(name, [...entry.path, 'secondaryLines', i]))
  if (lines.includes(lineId))
    planning.reader.fail([...entry.path, 'secondaryLines'], 'must not name the line of the device itself')
  const links = planning.link(planning.deviceLines, { orgId, ownerId: id, lines }, old)
  planning.note(
    { kind: 'device', id, name: entry.sipUser },
    { changed: row || links, isNew: old === undefined },
  )
}

function isPerson(entry: LineEntry): entry is PersonEntry {
  return 'email' in entry
}
