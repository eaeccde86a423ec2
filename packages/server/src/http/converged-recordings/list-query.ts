/**
 * What both lists of recordings are asked with, and the link to the next page (converged-recordings §3, §4; README §5).
 * The link carries every filter, the zone in force and the window that was computed, so that "now" does not move between
 * pages and a client adds nothing to it.
 */
import {
  CURSOR_CHARS_MAX,
  decodeCursor,
  EMAIL_CHARS_MAX,
  encodeCursor,
  FORMATS,
  ID_CHARS_MAX,
  nextLink,
  OWNER_TYPES,
  RECORDINGS_PER_PAGE,
  RECORDINGS_PER_PAGE_MAX,
  ROUTES,
  rawKey,
  SERVICE_TYPES,
  STATUSES,
  STORAGE_REGIONS,
  TOPIC_CHARS_MAX,
} from '@tandem/contract'
import type { RecordingPage, RecordingQuery } from '@tandem/recordings'
import { invalid } from '../failure.ts'
import type { ApiAnswer, ApiRequest, Services } from '../operation.ts'
import type { Query } from '../query.ts'
import { requestZone } from '../request-zone.ts'
import { windowOf } from '../window.ts'
import { listItems } from './recording-view.ts'

/** Names nobody and nothing: what an id that is no UUID is looked up as, so that it matches nothing. */
const NOTHING = ''

const FILTERS = [
  'max',
  'status',
  'serviceType',
  'format',
  'ownerType',
  'storageRegion',
  'locationId',
  'topic',
  'ownerId',
  'ownerEmail',
] as const

/** What a request asks the catalogue for. `ownerId` is the raw id, `''` when it names nobody. */
export function readListQuery(request: ApiRequest, services: Services): RecordingQuery {
  const { query, caller } = request
  const window = windowOf(query, requestZone(request).zone, services.now())
  const max = query.integer('max', { min: 1, max: RECORDINGS_PER_PAGE_MAX }) ?? RECORDINGS_PER_PAGE
  const status = query.choice('status', STATUSES) ?? 'available'
  const cursor = cursorOf(query)
  const serviceType = query.choice('serviceType', SERVICE_TYPES)
  const format = query.choice('format', FORMATS)
  const ownerType = query.choice('ownerType', OWNER_TYPES)
  const storageRegion = query.choice('storageRegion', STORAGE_REGIONS)
  const topic = query.text('topic', TOPIC_CHARS_MAX)
  const location = query.id('locationId', ID_CHARS_MAX)
  const owner = query.id('ownerId', ID_CHARS_MAX)
  const ownerEmail = query.text('ownerEmail', EMAIL_CHARS_MAX)
  return {
    ...window,
    orgId: caller.orgId,
    max,
    status,
    ...(cursor === undefined ? {} : { cursor }),
    ...(serviceType === undefined ? {} : { serviceType }),
    ...(format === undefined ? {} : { format }),
    ...(ownerType === undefined ? {} : { ownerType }),
    ...(storageRegion === undefined ? {} : { storageRegion }),
    ...(topic === undefined ? {} : { topic }),
    ...(location === undefined ? {} : { locationId: rawKey(location, ['LOCATION']) ?? NOTHING }),
    ...(owner === undefined ? {} : { ownerId: rawOwnerId(owner) ?? NOTHING }),
    ...(ownerEmail === undefined ? {} : { ownerEmail }),
  }
}

/** The raw id of an owner of any kind, given as a Webex id or as it is. */
export function rawOwnerId(id: string): string | undefined {
  return rawKey(id, ['PEOPLE', 'PLACE', 'VIRTUAL_LINE'])
}

/** The answer that shows one page. */
export async function pageAnswer(
  request: ApiRequest,
  services: Services,
  list: {
    readonly operation: 'listConvergedRecordings' | 'listAdminConvergedRecordings'
    readonly query: RecordingQuery
    readonly page: RecordingPage
  },
): Promise<ApiAnswer> {
  const { operation, query, page } = list
  const { zone, name } = requestZone(request)
  const body = { items: await listItems(page, query.orgId, zone, services) }
  if (page.next === undefined || page.items.length === 0) return { body }
  const carried = new Map<string, string>([
    ['from', new Date(query.from).toISOString()],
    ['to', new Date(query.to).toISOString()],
    ...filtersOf(request),
    ...(name === undefined ? [] : ([['timezone', name]] as const)),
    ['cursor', encodeCursor({ at: page.next.createTime, id: page.next.id })],
  ])
  const link = nextLink(services.publicUrl + ROUTES[operation].path, carried)
  return { body, headers: { link } }
}

/** The filters of a request as they came. */
export function filtersOf(request: ApiRequest): readonly (readonly [string, string])[] {
  return FILTERS.flatMap((name) => {
    const value = request.query.raw(name)
    return value === undefined ? [] : [[name, value] as const]
  })
}

function cursorOf(query: Query): RecordingQuery['cursor'] {
  const text = query.text('cursor', CURSOR_CHARS_MAX)
  if (text === undefined) return undefined
  const cursor = decodeCursor(text)
  if (cursor === undefined) throw invalid('cursor', 'is not one that this server made')
  return { createTime: cursor.at, id: cursor.id }
}
