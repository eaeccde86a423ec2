/**
 * `GET /convergedRecordings`: the caller's own recordings, newest first (converged-recordings §3; README §5, §6).
 *
 * The link to the next page carries every filter, the zone in force and the window that was computed, so that "now" does
 * not move between pages and a client adds nothing to it.
 */
import {
  CURSOR_CHARS_MAX,
  decodeCursor,
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
} from '@tandem/contract'
import type { RecordingQuery } from '@tandem/recordings'
import { invalid } from '../failure.ts'
import type { ApiRequest, Operation } from '../operation.ts'
import type { Query } from '../query.ts'
import { requestZone } from '../request-zone.ts'
import { type Window, windowOf } from '../window.ts'
import { recordingOf } from './recording-view.ts'

const TOPIC_CHARS_MAX = 256
const EMAIL_CHARS_MAX = 254
/** Names nobody and nothing: what an id that is no UUID is looked up as, so that it matches nothing. */
const NOTHING = ''

/** Lists one page of the caller’s own recordings. */
export const listConvergedRecordings: Operation = {
  id: 'listConvergedRecordings',
  answer: 'ConvergedRecordingList',
  async run(request, services) {
    const { zone, name } = requestZone(request)
    const window = windowOf(request.query, zone, services.now())
    const query = queryOf(request, window)
    if (query === undefined) return { body: { items: [] } }
    const page = await services.recordings.list(query)
    const body = { items: page.items.map((recording) => recordingOf(recording, zone)) }
    if (page.next === undefined || page.items.length === 0) return { body }
    const cursor = encodeCursor({ at: page.next.createTime, id: page.next.id })
    const carried = carriedQuery(request.query, { ...window, timezone: name, cursor })
    const link = nextLink(services.publicUrl + ROUTES.listConvergedRecordings.path, carried)
    return { body, headers: { link } }
  },
}

/** What to ask the catalogue for; `undefined` when nothing can match. */
function queryOf(request: ApiRequest, window: Window): RecordingQuery | undefined {
  const { query, caller } = request
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
  if (status === 'purged') return undefined // Accepted, and never visible to a user (Ruling 8).
  if (owner !== undefined && rawKey(owner, ['PEOPLE']) !== caller.personId) return undefined
  return {
    ...window,
    orgId: caller.orgId,
    ownerId: caller.personId,
    max,
    status,
    ...(cursor === undefined ? {} : { cursor }),
    ...(serviceType === undefined ? {} : { serviceType }),
    ...(format === undefined ? {} : { format }),
    ...(ownerType === undefined ? {} : { ownerType }),
    ...(storageRegion === undefined ? {} : { storageRegion }),
    ...(topic === undefined ? {} : { topic }),
    ...(location === undefined ? {} : { locationId: rawKey(location, ['LOCATION']) ?? NOTHING }),
    ...(ownerEmail === undefined ? {} : { ownerEmail }),
  }
}

function cursorOf(query: Query): RecordingQuery['cursor'] {
  const text = query.text('cursor', CURSOR_CHARS_MAX)
  if (text === undefined) return undefined
  const cursor = decodeCursor(text)
  if (cursor === undefined) throw invalid('cursor', 'is not one that this server made')
  return { createTime: cursor.at, id: cursor.id }
}

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

function carriedQuery(
  query: Query,
  page: Window & { readonly timezone: string | undefined; readonly cursor: string },
): ReadonlyMap<string, string> {
  const carried = new Map<string, string>([
    ['from', new Date(page.from).toISOString()],
    ['to', new Date(page.to).toISOString()],
  ])
  for (const name of FILTERS) {
    const value = query.raw(name)
    if (value !== undefined) carried.set(name, value)
  }
  if (page.timezone !== undefined) carried.set('timezone', page.timezone)
  carried.set('cursor', page.cursor)
  return carried
}
