/**
 * The directory as a file describes it: organisations with their domains, locations, people and phones. Checked on its
 * own here; `plan.ts` checks it against what the database already has.
 *
 *     organizations:
 *       - name: Radio
 *         domains: [radio.example]
 *         people:
 *           - { email: ada@radio.example, name: Ada Lovelace, extension: "101", recording: Always,
 *               devices: [{ name: desk, sipUser: ada, sipPassword: "…" }] }
 */
import { ROLES, type Role, zoneOf } from '@tandem/contract'
import type { RecordingMode } from '@tandem/engine'
import type { Entry, Path, TextRule, YamlReader } from './yaml-reader.ts'

/** Largest directory file: about 50,000 people with a phone each. */
export const DIRECTORY_BYTES_MAX: number = 16 * 1_024 * 1_024
const ORGANIZATIONS_MAX = 1_000
const DOMAINS_MAX = 16
const LOCATIONS_MAX = 10_000
const PEOPLE_MAX = 100_000
const DEVICES_MAX = 16 // Of one person; all of them ring at once.
const NUMBERS_MAX = 16

const RECORDING_MODES: readonly (RecordingMode | 'On Demand')[] = [
  'Always',
  'Always with Pause/Resume',
  'On Demand with User Initiated Start',
  'On Demand',
  'Never',
]

/** An organisation. Each entry knows where it stood (`path`), for errors that only the database can find. */
export interface OrganizationEntry {
  readonly path: Path
  readonly id?: string
  readonly name: string
  readonly domains: readonly string[]
  readonly locations: readonly LocationEntry[]
  readonly people: readonly PersonEntry[]
}

/** A calling location. */
export interface LocationEntry {
  readonly path: Path
  readonly id?: string
  readonly name: string
}

/** A person with a line. */
export interface PersonEntry {
  readonly path: Path
  readonly id?: string
  readonly email: string
  readonly displayName: string
  readonly firstName: string
  readonly lastName: string
  readonly extension: string
  readonly numbers: readonly string[]
  readonly roles: readonly Role[]
  readonly recording: RecordingMode
  readonly timezone?: string
  /** Name of the location; the organisation's first when absent. */
  readonly location?: string
  readonly devices: readonly DeviceEntry[]
}

/** A phone of a person. */
export interface DeviceEntry {
  readonly path: Path
  readonly id?: string
  readonly name: string
  readonly sipUser: string
  /** Absent keeps the password that the device has. */
  readonly sipPassword?: string
}

const NAME: TextRule = { charsMax: 200, pattern: /^[^\p{Cc}]+$/u, must: 'a name of at most 200 characters' }
const ID: TextRule = {
  charsMax: 36,
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  must: 'a UUID with hyphens, in lower case',
}
const DOMAIN: TextRule = {
  charsMax: 253,
  pattern: /^(?=.*[a-z])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i,
  must: 'a domain name such as pbx.example.com',
}
const EMAIL: TextRule = { charsMax: 254, pattern: /^[^\s@<>"]+@[^\s@<>"]+$/, must: 'an email address' }
const EXTENSION: TextRule = { charsMax: 10, pattern: /^\d{1,10}$/, must: '1 to 10 digits' }
const NUMBER: TextRule = { charsMax: 16, pattern: /^\+[1-9]\d{3,14}$/, must: 'a number such as +4930123456' }
const SIP_USER: TextRule = {
  charsMax: 64,
  pattern: /^[A-Za-z0-9_.!~*'()-]+$/,
  must: "at most 64 letters, digits and -_.!~*'()",
}
const PASSWORD: TextRule = {
  charsMax: 128,
  pattern: /^[\x21-\x7e]{8,}$/,
  must: '8 to 128 visible ASCII characters without spaces',
}
const ZONE: TextRule = { charsMax: 60, must: 'an IANA zone such as Europe/Berlin' }

/** Reads a directory file; what is wrong with it is in the reader's `errors`. */
export function readDirectory(reader: YamlReader): readonly OrganizationEntry[] {
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

function readOrganization(reader: YamlReader, entry: Entry): OrganizationEntry {
  const domains = entry.texts('domains', { ...DOMAIN, itemsMax: DOMAINS_MAX }).map(fold)
  if (domains.length === 0) reader.fail([...entry.path, 'domains'], 'must name at least one SIP domain')
  const organization: OrganizationEntry = {
    path: entry.path,
    ...idOf(entry),
    name: entry.text('name', NAME),
    domains,
    locations: entry.entries('locations', { itemsMax: LOCATIONS_MAX }).map((location) => {
      const read = { path: location.path, ...idOf(location), name: location.text('name', NAME) }
      location.finish()
      return read
    }),
    people: entry.entries('people', { itemsMax: PEOPLE_MAX }).map((person) => readPerson(reader, person)),
  }
  entry.finish()
  return organization
}

function readPerson(reader: YamlReader, entry: Entry): PersonEntry {
  const displayName = entry.text('name', NAME)
  const words = displayName.split(' ')
  const timezone = entry.optionalText('timezone', ZONE)
  if (timezone !== undefined && zoneOf(timezone) === undefined)
    reader.fail([...entry.path, 'timezone'], `must be ${ZONE.must}`)
  const location = entry.optionalText('location', NAME)
  const recording = entry.choice('recording', RECORDING_MODES, 'Never')
  const roleRule = {
    charsMax: 20,
    pattern: new RegExp(`^(${ROLES.join('|')})$`),
    must: `one of ${ROLES.join(', ')}`,
  }
  const person: PersonEntry = {
    path: entry.path,
    ...idOf(entry),
    email: entry.text('email', EMAIL),
    displayName,
    firstName: entry.optionalText('firstName', NAME) ?? words[0] ?? '',
    lastName: entry.optionalText('lastName', NAME) ?? words.slice(1).join(' '),
    extension: entry.text('extension', EXTENSION),
    numbers: entry.texts('numbers', { ...NUMBER, itemsMax: NUMBERS_MAX }),
    roles: [
      ...new Set([
        'user' as const,
        ...(entry.texts('roles', { ...roleRule, itemsMax: ROLES.length }) as Role[]),
      ]),
    ], // The rule admits roles only.
    recording: recording === 'On Demand' ? 'On Demand with User Initiated Start' : recording,
    ...(timezone === undefined ? {} : { timezone }),
    ...(location === undefined ? {} : { location }),
    devices: entry.entries('devices', { itemsMax: DEVICES_MAX }).map(readDevice),
  }
  entry.finish()
  return person
}

function readDevice(entry: Entry): DeviceEntry {
  const sipPassword = entry.optionalText('sipPassword', PASSWORD)
  const device: DeviceEntry = {
    path: entry.path,
    ...idOf(entry),
    name: entry.text('name', NAME),
    sipUser: entry.text('sipUser', SIP_USER),
    ...(sipPassword === undefined ? {} : { sipPassword }),
  }
  entry.finish()
  return device
}

function idOf(entry: Entry): { id?: string } {
  const id = entry.optionalText('id', ID)
  return id === undefined ? {} : { id }
}

/** What no two entries of the file may share, each within its scope. */
function checkUnique(reader: YamlReader, organizations: readonly OrganizationEntry[]): void {
  const unique = (): ((path: Path, field: string, value: string | undefined) => void) => {
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
    for (const location of organization.locations) {
      ids(location.path, 'id', location.id)
      locations(location.path, 'name', location.name)
    }
    for (const person of organization.people) {
      ids(person.path, 'id', person.id)
      emails(person.path, 'email', fold(person.email))
      extensions(person.path, 'extension', person.extension)
      for (const number of person.numbers) numbers(person.path, 'numbers', number)
      for (const device of person.devices) {
        ids(device.path, 'id', device.id)
        users(device.path, 'sipUser', device.sipUser)
      }
      const known = organization.locations.some((location) => location.name === person.location)
      if (person.location !== undefined && !known)
        reader.fail([...person.path, 'location'], 'names no location of this organisation')
    }
  }
}
