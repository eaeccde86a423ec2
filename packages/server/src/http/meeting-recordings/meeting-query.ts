/**
 * What the lists of meeting recordings are asked with, and the link to the next page (meeting-recordings §2, §7, §9; README
 * §5, §6). As in the lists of converged recordings the link carries every filter, the zone and the window.
 */
import {
  CURSOR_CHARS_MAX,
  decodeCursor,
  encodeCursor,
  ID_CHARS_MAX,
  MEETING_FORMATS,
  MEETING_SERVICE_TYPES,
  nextLink,
  RECORDINGS_PER_PAGE,
  RECORDINGS_PER_PAGE_MAX,
  ROUTES,
  STATUSES,
  TOPIC_CHARS_MAX,
} from '@tandem/contract'
import type { MeetingQuery, MeetingRecording, Page } from '@tandem/recordings'
import { clientIdOf } from '../client-id.ts'
import { invalid } from '../failure.ts'
import type { ApiAnswer, ApiRequest, Services } from '../operation.ts'
import { requestZone } from '../request-zone.ts'
import type { Window } from '../window.ts'
import { type MeetingReader, meetingView } from './meeting-view.ts'

/** Every parameter that a list may have been asked with, in the order of the link. */
const FILTERS = [
  'max',
  'status',
  'meetingId',
  'siteUrl',
  'hostEmail',
  'personId',
  'integrationTag',
  'topic',
  'format',
  'serviceType',
] as const

/** What all three lists take; window, host and site are each list's own. */
export function readMeetingFilters(
  request: ApiRequest,
): Omit<MeetingQuery, 'from' | 'to' | 'hostId' | 'sharedWith' | 'siteUrl' | 'meetingId'> {
  const { query, caller } = request
  const max = query.integer('max', { min: 1, max: RECORDINGS_PER_PAGE_MAX }) ?? RECORDINGS_PER_PAGE
  const status = query.choice('status', STATUSES) ?? 'available'
  const cursor = cursorOf(request)
  const topic = query.text('topic', TOPIC_CHARS_MAX)
  const format = query.choice('format', MEETING_FORMATS)
  const serviceType = query.choice('serviceType', MEETING_SERVICE_TYPES)
  const tag = query.text('integrationTag', ID_CHARS_MAX)
  return {
    orgId: caller.orgId,
    max,
    status,
    ...(cursor === undefined ? {} : { cursor }),
    ...(topic === undefined ? {} : { topic }),
    ...(format === undefined ? {} : { format }),
    ...(serviceType === undefined ? {} : { serviceType }),
    ...(tag === undefined ? {} : { integrationTag: { clientId: clientIdOf(request.caller), tag } }),
  }
}

/** The answer that shows one page; `window` is absent where the list has none. */
export function meetingPageAnswer(
  request: ApiRequest,
  services: Services,
  list: {
    readonly operation: 'listMeetingRecordings' | 'listAdminMeetingRecordings' | 'listGroupMeetingRecordings'
    readonly window: Window | undefined
    readonly page: Page<MeetingRecording>
    readonly person: MeetingReader['person']
    /** The host of the header of that name, which the link must carry on. */
    readonly host?: string | undefined
  },
): ApiAnswer {
  const { operation, window, page, person, host } = list
  const { zone, name } = requestZone(request)
  const reader = { zone, publicUrl: services.publicUrl, clientId: clientIdOf(request.caller), person }
  const body = { items: page.items.map((found) => meetingView(found, reader)) }
  if (page.next === undefined || page.items.length === 0) return { body }
  const carried = new Map<string, string>([
    ...(window === undefined
      ? []
      : ([
          ['from', new Date(window.from).toISOString()],
          ['to', new Date(window.to).toISOString()],
        ] as const)),
    ...meetingFiltersOf(request),
    ...(host === undefined ? [] : ([['hostEmail', host]] as const)),
    ...(name === undefined ? [] : ([['timezone', name]] as const)),
    ['cursor', encodeCursor(page.next)],
  ])
  return { body, headers: { link: nextLink(services.publicUrl + ROUTES[operation].path, carried) } }
}

/** The filters of a request as they came, for the link and for the audit log. */
export function meetingFiltersOf(request: ApiRequest): readonly (readonly [string, string])[] {
  return FILTERS.flatMap((name) => {
    const value = request.query.raw(name)
    return value === undefined ? [] : [[name, value] as const]
  })
}

function cursorOf({ query }: ApiRequest): MeetingQuery['cursor'] {
  const text = query.text('cursor', CURSOR_CHARS_MAX)
  if (text === undefined) return undefined
  const cursor = decodeCursor(text)
  if (cursor === undefined) throw invalid('cursor', 'is not one that this server made')
  return cursor
}
