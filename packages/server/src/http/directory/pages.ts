/**
 * Pages of the directory's lists (contract README §5): `max` 100 unless said, larger ones capped to 1,000 as Webex does, and a
 * cursor that pins the last item.
 */
import type { OperationId } from '@tandem/contract'
import { pageLink, type WantedPage, wantedPage } from '../library/list-page.ts'
import type { ApiAnswer, ApiRequest, Services } from '../operation.ts'

/** Items of a page when the request names none, and most of one. */
const SIZES = { usual: 100, most: 1_000 }
/** Any number is a wish; what is above the most is capped. */
const WISH_MAX = 999_999_999

/** The page that a request wants. */
export function directoryPage(request: ApiRequest): WantedPage {
  const wanted = wantedPage(request.query, { usual: SIZES.usual, most: WISH_MAX })
  return { ...wanted, max: Math.min(wanted.max, SIZES.most) }
}

/** The answer to a list: `rows` hold one more than the page when there are more. */
export function pageAnswer<Row extends { readonly id: string }>(
  request: ApiRequest,
  services: Services,
  list: {
    readonly operation: OperationId
    readonly wanted: WantedPage
    readonly rows: readonly Row[]
    /** Filters that the link to the next page carries. */
    readonly names: readonly string[]
    /** What the list is called; `items` unless set. */
    readonly as?: string
    /** The first part of a row's sort key; 0 where it is sorted by id alone. */
    at?(row: Row): number
    view(row: Row): unknown
  },
): ApiAnswer {
  const { operation, wanted, rows, names, as = 'items', at, view } = list
  const items = rows.slice(0, wanted.max)
  const last = items.at(-1)
  const more = rows.length > items.length && last !== undefined
  const page = more ? { items, next: { at: at?.(last) ?? 0, id: last.id } } : { items }
  return {
    body: { [as]: items.map(view) },
    headers: pageLink(request, services, { operation, page, names: [...names, 'orgId'] }),
  }
}
