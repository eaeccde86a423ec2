/**
 * Pages of our own lists (contract README §5): at most `max` items, and a link to the next page that carries every
 * parameter of the first and a cursor. Parameters that say when are carried as they were understood.
 */

import type { OperationId } from '@tandem/contract'
import { CURSOR_CHARS_MAX, decodeCursor, encodeCursor, nextLink, ROUTES } from '@tandem/contract'
import type { Cursor, Page } from '@tandem/recordings'
import { invalid } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'
import type { Query } from '../query.ts'

/** What a request says of the page that it wants. */
export interface WantedPage {
  readonly max: number
  readonly cursor?: Cursor
}

/** Reads `max` and `cursor`. */
export function wantedPage(
  query: Query,
  sizes: { readonly usual: number; readonly most: number },
): WantedPage {
  const max = query.integer('max', { min: 1, max: sizes.most }) ?? sizes.usual
  const text = query.text('cursor', CURSOR_CHARS_MAX)
  if (text === undefined) return { max }
  const cursor = decodeCursor(text)
  if (cursor === undefined) throw invalid('cursor', 'is not one that this server made')
  return { max, cursor }
}

/** The header of the link to the next page; none on the last one, and none behind an empty page. */
export function pageLink(
  request: ApiRequest,
  services: Services,
  link: {
    readonly operation: OperationId
    readonly page: Page<unknown>
    /** Parameters that are carried as they came. */
    readonly names: readonly string[]
    /** Parameters that are carried as they were understood. */
    readonly values?: Readonly<Record<string, string | undefined>>
  },
): Readonly<Record<string, string>> {
  const { operation, page, names, values = {} } = link
  if (page.next === undefined || page.items.length === 0) return {}
  const carried = new Map<string, string>()
  for (const name of ['max', ...names]) {
    const value = request.query.raw(name)
    if (value !== undefined) carried.set(name, value)
  }
  for (const [name, value] of Object.entries(values)) if (value !== undefined) carried.set(name, value)
  carried.set('cursor', encodeCursor(page.next))
  return { link: nextLink(services.publicUrl + ROUTES[operation].path, carried) }
}
