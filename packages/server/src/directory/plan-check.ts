/** The rules that the database holds too, found in a plan so that the error names the thing and not an index. */
import { GROUPS_MAX, LINES_MAX, LOCATIONS_MAX } from './document.ts'
import type { DocumentReader } from './entry-reader.ts'
import { DEVICES_MAX } from './line-document.ts'
import type { DirectoryRows } from './rows.ts'

/** How a document names what a rule calls otherwise. */
const FIELDS: Readonly<Record<string, string>> = {
  domain: 'domains',
  location: 'name',
  group: 'name',
  number: 'numbers',
  'SIP user': 'sipUser',
}

/** Notes what two entries of the whole directory may not share, each within its scope. */
export function checkWhole(reader: DocumentReader, rows: DirectoryRows): void {
  const unique = (what: string, of: Iterable<readonly [scope: string, value: string]>): void => {
    const seen = new Set<string>()
    for (const [scope, value] of of) {
      const key = `${scope} ${value}`
      if (seen.has(key)) reader.conflict({ field: FIELDS[what] ?? what, what, value })
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
    rows.lines.map((row) => [row.org_id, row.extension]),
  )
  unique(
    'name',
    rows.lines
      .filter((row) => row.kind !== 'person')
      .map((row) => [`${row.org_id} ${row.kind}`, row.display_name]),
  )
  unique(
    'group',
    rows.groups.map((row) => [`${row.org_id} ${row.kind}`, row.name]),
  )
  unique(
    'SIP user',
    rows.devices.map((row) => [row.org_id, row.sip_user]),
  )
  unique(
    'number',
    rows.lines.flatMap(
      (row) => (JSON.parse(row.numbers) as string[]).map((number) => [row.org_id, number] as const), // Written by us.
    ),
  )
  checkCounts(reader, rows)
  checkRealms(reader, rows)
}

/** What one document may not hold too many of, several together may not either. */
function checkCounts(reader: DocumentReader, rows: DirectoryRows): void {
  const atMost = (most: number, words: string, owners: Iterable<string>): void => {
    const counts = new Map<string, number>()
    for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1)
    for (const count of counts.values())
      if (count > most) reader.fail([], `would make more than ${most} ${words}`)
  }
  atMost(
    DEVICES_MAX,
    'devices of one line',
    rows.devices.map((row) => row.line_id),
  )
  atMost(
    LOCATIONS_MAX,
    'locations',
    rows.locations.map((row) => row.org_id),
  )
  atMost(
    LINES_MAX,
    'lines of one kind',
    rows.lines.map((row) => `${row.kind} ${row.org_id}`),
  )
  atMost(
    GROUPS_MAX,
    'groups of one kind',
    rows.groups.map((row) => `${row.kind} ${row.org_id}`),
  )
}

/** A password is kept as hashes over the realm (RFC 7616 §3.4.2): a phone with those of another realm is locked out. */
function checkRealms(reader: DocumentReader, rows: DirectoryRows): void {
  const realms = new Map(
    rows.domains.filter((row) => row.position === 0).map((row) => [row.org_id, row.domain]),
  )
  const stale = rows.devices.find((row) => realms.get(row.org_id) !== row.realm)
  if (stale !== undefined)
    reader.refuse(
      'conflict',
      `The first domain cannot change while the phone ${stale.sip_user} has a password for ${stale.realm}; give it a new password in the same file, or add the domain behind the first`,
    )
}
