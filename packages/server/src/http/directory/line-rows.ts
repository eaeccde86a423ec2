/** Lines as the lists of workspaces, virtual lines and people read them: with location and the organisation's first domain. */
import type { LineKind } from '@tandem/engine'
import type { WantedPage } from '../library/list-page.ts'
import type { ApiRequest, Services } from '../operation.ts'
import { filterId } from './acting-as.ts'
import { nameFilter } from './name-filter.ts'

/** A line with what its views need. */
export interface LineView {
  readonly id: string
  readonly org_id: string
  readonly display_name: string
  readonly extension: string
  readonly numbers: readonly string[]
  readonly location_id: string
  readonly location: string
  readonly domain: string
}

const NAME_CHARS_MAX = 256
const EXTENSION_CHARS_MAX = 16

/** What the lists of lines filter by, under the names that each gives it. */
export interface LineFilters {
  readonly displayName?: string
  readonly extension?: string
  readonly phoneNumber?: string
}

/** Lines of a kind that the request's filters let through, by id; one more than the page has. */
export async function readLines(
  request: ApiRequest,
  services: Services,
  options: {
    readonly kind: LineKind
    readonly filters: LineFilters
    readonly wanted: WantedPage
    /** Only this one. */
    readonly id?: string
  },
): Promise<readonly LineView[]> {
  const { kind, filters, wanted, id } = options
  const { query: asked, caller } = request
  let query = services.db.kysely
    .selectFrom('lines')
    .innerJoin('locations', 'locations.id', 'lines.location_id')
    .innerJoin('domains', (join) => join.onRef('domains.org_id', '=', 'lines.org_id').on('position', '=', 0))
    .select([
      'lines.id',
      'lines.org_id',
      'lines.display_name',
      'lines.extension',
      'lines.numbers',
      'lines.location_id',
      'locations.name as location',
      'domains.domain',
    ])
    .where('lines.org_id', '=', caller.orgId)
    .where('lines.kind', '=', kind)
    .orderBy('lines.id')
  if (id !== undefined) query = query.where('lines.id', '=', id)
  if (wanted.cursor !== undefined) query = query.where('lines.id', '>', wanted.cursor.id)
  const locationId = filterId(request, 'locationId', 'location')
  if (locationId !== undefined) query = query.where('lines.location_id', '=', locationId)
  const name = filters.displayName && asked.text(filters.displayName, NAME_CHARS_MAX)
  const byName = name ? nameFilter('lines.display_name', name) : undefined
  if (byName !== undefined) query = query.where(byName.where)
  const extension = filters.extension && asked.text(filters.extension, EXTENSION_CHARS_MAX)
  if (extension) query = query.where('lines.extension', '=', extension)
  const number = filters.phoneNumber && asked.text(filters.phoneNumber, NAME_CHARS_MAX)
  // Numbers are a JSON list of texts without quotes or backslashes in them.
  if (number) query = query.where('lines.numbers', 'like', `%"${number.replace(/[^+\d]/g, '')}"%`)
  const rows = await (byName?.isPartial === true ? query : query.limit(wanted.max + 1)).execute()
  return rows
    .filter((row) => byName?.fits(row.display_name) ?? true)
    .slice(0, wanted.max + 1)
    .map((row) => ({ ...row, numbers: JSON.parse(row.numbers) as string[] })) // Written by the directory.
}

/** The page of one. */
export const ONE: WantedPage = { max: 1 }
