/** Nobody locks an organisation out of its own administration by a request: files and operators may, who can get in again. */
import type { Role } from '@tandem/contract'
import type { DocumentReader } from './entry-reader.ts'
import type { DirectoryRows } from './rows.ts'

/** Who asks for a change. */
export interface Changer {
  readonly orgId: string
  readonly personId: string
}

/** Notes a change after which the caller or everybody has lost the role of an administrator. */
export function checkAdministrators(
  reader: DocumentReader,
  { orgId, personId }: Changer,
  before: DirectoryRows,
  now: DirectoryRows,
): void {
  const [had, have] = [administrators(before, orgId), administrators(now, orgId)]
  const isThere = now.people.some((row) => row.id === personId)
  if (had.has(personId) && isThere && !have.has(personId))
    reader.refuse(
      'administrator',
      'Nobody can give up the own role of an administrator; another one must take it',
    )
  else if (had.size > 0 && have.size === 0)
    reader.refuse(
      'administrator',
      'The organisation would be left without an administrator; name another one first',
    )
}

function administrators(rows: DirectoryRows, orgId: string): ReadonlySet<string> {
  const all = rows.people.filter(
    (row) => row.org_id === orgId && (JSON.parse(row.roles) as Role[]).includes('admin'), // Written by the directory.
  )
  return new Set(all.map((row) => row.id))
}
