/**
 * The directory as a file describes it: organisations with their domains, locations, lines of every kind, phones and
 * groups. Checked on its own here; `plan.ts` checks it against what the database already has.
 *
 *     organizations:
 *       - name: Radio
 *         domains: [radio.example]
 *         people:
 *           - { email: ada@radio.example, name: Ada Lovelace, extension: "101", recording: Always,
 *               devices: [{ name: desk, sipUser: ada, sipPassword: "…" }] }
 */
import { ROLES, type Role, zoneOf } from '@tandem/contract'
import type { LineKind, RecordingFailurePolicy, ServiceNumber } from '@tandem/engine'
import type { DocumentReader, Entry, Path } from './entry-reader.ts'
import { idOf, type LineEntry, readLine } from './line-document.ts'
import { DESTINATION, DOMAIN, EMAIL, LINE, NAME, SERVICE_NUMBER, ZONE } from './text-rules.ts'

/** Largest directory file: about 50,000 people with a phone each. */
export const DIRECTORY_BYTES_MAX: number = 16 * 1_024 * 1_024
const ORGANIZATIONS_MAX = 1_000
const DOMAINS_MAX = 16
/** Most locations, lines of each kind and groups of one organisation. */
export const LOCATIONS_MAX = 10_000
/** See `LOCATIONS_MAX`. */
export const LINES_MAX = 100_000 // Of each kind.
/** See `LOCATIONS_MAX`. */
export const GROUPS_MAX = 1_000
const MEMBERS_MAX = 1_000
const SERVICES_MAX = 32

/** Shortest and longest time after which a parked call rings back, in seconds. */
export const PARK_RECALL_SECONDS_MIN = 10
/** See `PARK_RECALL_SECONDS_MIN`. */
export const PARK_RECALL_SECONDS_MAX = 3_600

const FAILURE_POLICIES: readonly RecordingFailurePolicy[] = [
  'proceed',
  'proceedWithAnnouncement',
  'endCallWithAnnouncement',
]

/** An organisation. Each entry knows where it stood (`path`), for errors that only the database can find. */
export interface OrganizationEntry {
  readonly path: Path
  readonly id?: string
  readonly name: string
  readonly domains: readonly string[]
  readonly parkRecallSeconds?: number
  readonly locations: readonly LocationEntry[]
  readonly people: readonly PersonEntry[]
  readonly places: readonly LineEntry[]
  readonly virtualLines: readonly LineEntry[]
  readonly groups: readonly GroupEntry[]
}

/** A calling location. */
export interface LocationEntry {
  readonly path: Path
  readonly id?: string
  readonly name: string
  /** Name of an uploaded sound. Absent: the API may set it. */
  readonly holdMusic?: string
  readonly recordingFailure?: RecordingFailurePolicy
  readonly services: readonly ServiceNumber[]
}

/** A person with a line. */
export interface PersonEntry extends LineEntry {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly roles: readonly Role[]
  readonly timezone?: string
}

/** A pickup or park group. */
export interface GroupEntry {
  readonly path: Path
  readonly id?: string
  readonly kind: 'pickup' | 'park'
  readonly name: string
  readonly lines: readonly string[]
}

/** Reads a directory file; what is wrong with it is in the reader's `errors`. */
export function readDirectory(reader: DocumentReader): readonly OrganizationEntry[] {
  const organizations = reader.top
    .entries('organizations', { itemsMax: ORGANIZATIONS_MAX })
    .map((entry) => readOrganization(reader, entry))
  if (!reader.top.has('organizations')) reader.fail([], 'must have a list of organizations')
  reader.top.finish()
  checkUnique(reader, organizations)
  return organizations
}

/** Email addresses and SIP domains are compared without letter case. */
export function fold(text: string): string {
  return text.toLowerCase()
}

/** All lines of an organisation with their kinds. */
export function linesOf(organization: OrganizationEntry): readonly (readonly [LineKind, LineEntry])[] {
  return [
    ...organization.people.map((line) => ['person', line] as const),
    ...organization.places.map((line) => ['place', line] as const),
    ...organization.virtualLines.map((line) => ['virtualLine', line] as const),
  ]
}

/** The members of an organisation that are its own, without what belongs to it; the caller calls `finish`. */
export function readOrganizationOwn(reader: DocumentReader, entry: Entry): OrganizationEntry {
  const domains = entry.texts('domains', { ...DOMAIN, itemsMax: DOMAINS_MAX }).map(fold)
  if (domains.length === 0) reader.fail([...entry.path, 'domains'], 'must name at least one SIP domain')
  const parkRecallSeconds = entry.optionalInteger('parkRecallSeconds', {
    min: PARK_RECALL_SECONDS_MIN,
    max: PARK_RECALL_SECONDS_MAX,
  })
  return {
    path: entry.path,
    ...idOf(entry),
    name: entry.text('name', NAME),
    domains,
    ...(parkRecallSeconds === undefined ? {} : { parkRecallSeconds }),
    locations: [],
    people: [],
    places: [],
    virtualLines: [],
    groups: [],
  }
}

function readOrganization(reader: DocumentReader, entry: Entry): OrganizationEntry {
  const organization: OrganizationEntry = {
    ...readOrganizationOwn(reader, entry),
    locations: entry.entries('locations', { itemsMax: LOCATIONS_MAX }).map(readLocation),
    people: entry.entries('people', { itemsMax: LINES_MAX }).map((person) => readPerson(reader, person)),
    places: entry.entries('places', { itemsMax: LINES_MAX }).map(readPlace),
    virtualLines: entry
      .entries('virtualLines', { itemsMax: LINES_MAX })
      .map((line) => readVirtualLine(reader, line)),
    groups: (['pickup', 'park'] as const).flatMap((kind) =>
      entry.entries(`${kind}Groups`, { itemsMax: GROUPS_MAX }).map((group) => readGroup(group, kind)),
    ),
  }
  entry.finish()
  return organization
}

/** Reads a workspace. */
export function readPlace(entry: Entry): LineEntry {
  const line = readLine(entry)
  entry.finish()
  return line
}

/** Reads a virtual line. */
export function readVirtualLine(reader: DocumentReader, entry: Entry): LineEntry {
  const line = readPlace(entry)
  if (line.devices.length > 0)
    reader.fail(
      [...line.path, 'devices'],
      'must not be there: a virtual line appears on phones of others, as one of their secondaryLines',
    )
  return line
}

/** Reads a location. */
export function readLocation(entry: Entry): LocationEntry {
  const holdMusic = entry.optionalText('holdMusic', NAME)
  const location: LocationEntry = {
    path: entry.path,
    ...idOf(entry),
    name: entry.text('name', NAME),
    ...(holdMusic === undefined ? {} : { holdMusic }),
    ...(entry.has('recordingFailure')
      ? { recordingFailure: entry.choice('recordingFailure', FAILURE_POLICIES, 'proceed') }
      : {}),
    services: entry.entries('services', { itemsMax: SERVICES_MAX }).map((service) => {
      const read: ServiceNumber = {
        number: service.text('number', SERVICE_NUMBER),
        kind: service.choice('kind', ['emergency', 'repair'] as const, 'emergency'),
        destination: service.text('destination', DESTINATION),
      }
      service.finish()
      return read
    }),
  }
  entry.finish()
  return location
}

/** Reads a person. */
export function readPerson(reader: DocumentReader, entry: Entry): PersonEntry {
  const line = readLine(entry)
  const words = line.displayName.split(' ')
  const timezone = entry.optionalText('timezone', ZONE)
  if (timezone !== undefined && zoneOf(timezone) === undefined)
    reader.fail([...entry.path, 'timezone'], `must be ${ZONE.must}`)
  const roleRule = {
    charsMax: 20,
    pattern: new RegExp(`^(${ROLES.join('|')})$`),
    must: `one of ${ROLES.join(', ')}`,
  }
  const person: PersonEntry = {
    ...line,
    email: entry.text('email', EMAIL),
    firstName: entry.optionalText('firstName', NAME) ?? words[0] ?? '',
    lastName: entry.optionalText('lastName', NAME) ?? words.slice(1).join(' '),
    roles: [
      ...new Set([
        'user' as const,
        ...(entry.texts('roles', { ...roleRule, itemsMax: ROLES.length }) as Role[]),
      ]),
    ], // The rule admits roles only.
    ...(timezone === undefined ? {} : { timezone }),
  }
  entry.finish()
  return person
}

/** Reads a group; its kind is said by the list that it stands in. */
export function readGroup(entry: Entry, kind: GroupEntry['kind']): GroupEntry {
  const group: GroupEntry = {
    path: entry.path,
    ...idOf(entry),
    kind,
    name: entry.text('name', NAME),
    lines: entry.texts('lines', { ...LINE, itemsMax: MEMBERS_MAX }),
  }
  entry.finish()
  return group
}

type Unique = (path: Path, field: string, value: string | undefined) => void

/** What no two entries of the file may share, each within its scope. */
function checkUnique(reader: DocumentReader, organizations: readonly OrganizationEntry[]): void {
  const unique = (): Unique => {
    const seen = new Set<string>()
    return (path, field, value) => {
      if (value === undefined || value === '') return
      if (seen.has(value)) reader.fail([...path, field], 'is used twice')
      seen.add(value)
    }
  }
  const [ids, names, domains] = [unique(), unique(), unique()]
  for (const organization of organizations) {
    ids(organization.path, 'id', organization.id)
    names(organization.path, 'name', organization.name)
    for (const [i, domain] of organization.domains.entries())
      domains([...organization.path, 'domains'], String(i), domain)
    const [locations, emails, extensions, numbers, users] = [unique(), unique(), unique(), unique(), unique()]
    const [others, groups] = [unique(), unique()]
    for (const location of organization.locations) {
      ids(location.path, 'id', location.id)
      locations(location.path, 'name', location.name)
    }
    for (const person of organization.people) emails(person.path, 'email', fold(person.email))
    for (const [kind, line] of linesOf(organization)) {
      ids(line.path, 'id', line.id)
      if (kind !== 'person' && line.displayName !== '')
        others(line.path, 'name', `${kind} ${line.displayName}`)
      extensions(line.path, 'extension', line.extension)
      for (const number of line.numbers) numbers(line.path, 'numbers', number)
      for (const device of line.devices) {
        ids(device.path, 'id', device.id)
        users(device.path, 'sipUser', device.sipUser)
      }
      const known = organization.locations.some((location) => location.name === line.location)
      if (line.location !== undefined && !known)
        reader.fail([...line.path, 'location'], 'names no location of this organisation')
    }
    for (const group of organization.groups) {
      ids(group.path, 'id', group.id)
      groups(group.path, 'name', `${group.kind} ${group.name}`)
    }
  }
}
