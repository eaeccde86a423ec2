/** People as the API finds them: with their lines and the first domain of their organisation, oldest first. */
import type { PageCursor } from '@tandem/contract'
import { nameFilter } from '../directory/name-filter.ts'
import type { Services } from '../operation.ts'

/** A person and the line of the same id. */
export interface PersonRow {
  readonly id: string
  readonly org_id: string
  readonly email: string
  readonly first_name: string
  readonly last_name: string
  readonly roles: string
  readonly timezone: string | null
  readonly created_at: number
  readonly modified_at: number
  readonly domain: string
  readonly numbers: string
  readonly extension: string
  readonly location_id: string
  readonly display_name: string
}

/** Who is looked for; what is absent does not count. */
export interface PeopleFilters {
  readonly email?: string | undefined
  /** How the name begins, in any letter case. */
  readonly name?: string | undefined
  /** Raw ids. */
  readonly ids?: readonly string[] | undefined
  readonly locationId?: string | undefined
  /** All of them; letters only. */
  readonly roles?: readonly string[]
  /** The last one of the page before. */
  readonly after?: PageCursor | undefined
  readonly max: number
}

/** The people of an organisation that fit, `max` at most. */
export async function readPeople(
  { db }: Services,
  orgId: string,
  filters: PeopleFilters,
): Promise<readonly PersonRow[]> {
  const { email, name, ids, locationId, roles = [], after, max } = filters
  let query = db.kysely
    .selectFrom('people')
    .innerJoin('lines', 'lines.id', 'people.id')
    .innerJoin('domains', (join) => join.onRef('domains.org_id', '=', 'people.org_id').on('position', '=', 0))
    .selectAll('people')
    .select(['domains.domain', 'lines.numbers', 'lines.extension', 'lines.location_id', 'lines.display_name'])
    .where('people.org_id', '=', orgId)
    .orderBy('people.created_at')
    .orderBy('people.id')
  if (after !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('people.created_at', '>', after.at),
        eb.and([eb('people.created_at', '=', after.at), eb('people.id', '>', after.id)]),
      ]),
    )
  if (email !== undefined) query = query.where('people.email_folded', '=', email.toLowerCase())
  if (ids !== undefined) query = query.where('people.id', 'in', ids)
  if (locationId !== undefined) query = query.where('lines.location_id', '=', locationId)
  for (const role of roles) query = query.where('people.roles', 'like', `%"${role}"%`)
  if (name === undefined) return query.limit(max).execute()
  const byName = nameFilter('lines.display_name', name)
  const named = query.where(byName.where)
  const rows = await (byName.isPartial ? named : named.limit(max)).execute()
  return rows.filter((row) => byName.fits(row.display_name)).slice(0, max)
}
