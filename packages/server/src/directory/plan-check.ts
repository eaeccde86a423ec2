/** The rules that the database holds too, found in a plan so that the error names the thing and not an index. */
import type { DirectoryRows } from './rows.ts'
import type { YamlReader } from './yaml-reader.ts'

/** Notes what two entries of the whole directory may not share, each within its scope. */
export function checkWhole(reader: YamlReader, rows: DirectoryRows): void {
  const unique = (what: string, of: Iterable<readonly [scope: string, value: string]>): void => {
    const seen = new Set<string>()
    for (const [scope, value] of of) {
      const key = `${scope} ${value}`
      if (seen.has(key) && reader.errors.length === 0)
        reader.fail([], `would give the ${what} ${value} to two entries; one of them is not in this file`)
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
}
