/**
 * What the audit log says of a plan (promise P17): a row for each thing, with the names of the members that changed. Values
 * are left out, secrets and numbers alike, but for roles: who may do what is what such a log is read for.
 */
import type { Actor, AuditAction, AuditEntry } from '@tandem/recordings'
import type { DirectoryPlan } from './plan.ts'
import type { DirectoryRows } from './rows.ts'

const ACTIONS: Readonly<Record<'create' | 'update' | 'remove', AuditAction>> = {
  create: 'directory.created',
  update: 'directory.changed',
  remove: 'directory.removed',
}

/** Columns by the names that the API has for them. Those without one are no news, or are found in pieces. */
const MEMBERS: Readonly<Record<string, string>> = {
  name: 'name',
  display_name: 'name',
  email: 'email',
  first_name: 'firstName',
  last_name: 'lastName',
  roles: 'roles',
  timezone: 'timezone',
  extension: 'extension',
  numbers: 'numbers',
  location_id: 'location',
  recording: 'recording',
  voicemail_pin: 'voicemail.pin',
  preferred_device_id: 'preferredDevice',
  hold_music: 'holdMusic',
  services: 'services',
  recording_failure: 'recordingFailure',
  park_recall_seconds: 'parkRecallSeconds',
  sip_user: 'sipUser',
  secret: 'sipPassword',
  line_id: 'line',
}

/** The entries of a plan. */
export function entriesOf(actor: Actor, before: DirectoryRows, plan: DirectoryPlan): AuditEntry[] {
  const [old, now] = [indexed(before), indexed(plan.rows)]
  return plan.changes.map(({ action, kind, id }): AuditEntry => {
    const detail: Record<string, unknown> = { kind, id }
    if (action === 'update') detail['members'] = [...changedMembers(old.get(id), now.get(id))].toSorted()
    const [rolesBefore, rolesNow] = [rolesOf(old.get(id)), rolesOf(now.get(id))]
    if (rolesBefore !== rolesNow) detail['roles'] = rolesNow ?? 'none'
    return { actor, action: ACTIONS[action], detail }
  })
}

type Members = Readonly<Record<string, unknown>>

/** Everything that is kept of each thing, in one record. */
function indexed(rows: DirectoryRows): ReadonlyMap<string, Members> {
  const all = new Map<string, Record<string, unknown>>()
  const add = (id: string, members: object): void => {
    all.set(id, { ...all.get(id), ...members })
  }
  const linked = (id: string, member: string, lineId: string): void => {
    const known = all.get(id)?.[member]
    add(id, { [member]: known === undefined ? lineId : `${String(known)} ${lineId}` })
  }
  for (const row of rows.organizations) add(row.id, row)
  for (const row of rows.locations) add(row.id, row)
  for (const row of rows.lines) add(row.id, { ...row, ...(JSON.parse(row.features) as object) }) // Written by the directory.
  for (const row of rows.people) add(row.id, row)
  for (const row of rows.devices) add(row.id, row)
  for (const row of rows.groups) add(row.id, row)
  for (const row of rows.domains) linked(row.org_id, 'domains', row.domain)
  for (const row of rows.assistants) linked(row.executive_id, 'assistants', row.assistant_id)
  for (const row of rows.deviceLines) linked(row.device_id, 'secondaryLines', row.line_id)
  for (const row of rows.members) linked(row.group_id, 'lines', row.line_id)
  return all
}

function changedMembers(old: Members = {}, now: Members = {}): Set<string> {
  const changed = new Set<string>()
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
    // Columns have underscores or stand in the table; members of documents have neither.
    const member = MEMBERS[name] ?? (/_|^(?:features|kind|id)$/.test(name) ? undefined : name)
    if (member !== undefined && !same(old[name], now[name])) changed.add(member)
  }
  return changed
}

function rolesOf(members: Members | undefined): string | undefined {
  const roles = members?.['roles']
  return typeof roles === 'string' ? (JSON.parse(roles) as string[]).join(' ') : undefined // Written by the directory.
}

function same(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  return JSON.stringify(a) === JSON.stringify(b)
}
