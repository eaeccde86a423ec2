/**
 * `GET /admin/recordings` (meeting-recordings §7): the meeting recordings of a site, for administrators and compliance
 * officers; purged ones for the latter alone (README Ruling 8). With `meetingId` site and window are of no account.
 */
import { ADMIN_WINDOW_DAYS_MAX, grantsOf, ID_CHARS_MAX } from '@tandem/contract'
import { actorOf, refused } from '../converged-recordings/actor.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { requestZone } from '../request-zone.ts'
import { type Window, windowOf } from '../window.ts'
import { meetingFiltersOf, meetingPageAnswer, readMeetingFilters } from './meeting-query.ts'
import { preferredSite } from './site.ts'

const WINDOW_MS_MAX = ADMIN_WINDOW_DAYS_MAX * 86_400_000
const operation = 'listAdminMeetingRecordings'

/** Lists one page of the meeting recordings of a site. */
export const listAdminMeetingRecordings: Operation = {
  id: operation,
  answer: 'AdminMeetingRecordingList',
  async run(request, services) {
    const { query, caller } = request
    const filters = readMeetingFilters(request)
    const meetingId = query.id('meetingId', ID_CHARS_MAX)
    const window = meetingId === undefined ? adminWindowOf(request, services) : undefined
    const siteUrl = meetingId === undefined ? query.text('siteUrl', ID_CHARS_MAX) : undefined
    const grants = grantsOf(operation, caller)
    const [grant] = grants.filter(({ statuses }) => statuses?.includes(filters.status) ?? false)
    const actor = actorOf(request, (grant ?? grants[0])?.as ?? 'admin')
    if (grant === undefined)
      throw await refused(services, { actor, operation }, new Failure('purged_forbidden'))
    const page = await services.recordings.meetings.list({
      ...filters,
      ...window,
      ...(meetingId === undefined
        ? { siteUrl: siteUrl ?? (await preferredSite(services, caller.orgId)) }
        : { meetingId }),
    })
    services.recordings.audit.addSoon({
      actor,
      action: 'recording.listed',
      detail: {
        scope: 'organization',
        api: 'meetings',
        filters: Object.fromEntries(meetingFiltersOf(request)),
        count: page.items.length,
      },
    })
    return meetingPageAnswer(request, services, { operation, window, page, person: undefined })
  },
}

/** The window of a list over many people: 30 days at most (README §6). */
export function adminWindowOf(request: ApiRequest, services: Services): Window {
  const window = windowOf(request.query, requestZone(request).zone, services.now())
  if (window.to - window.from > WINDOW_MS_MAX)
    throw invalid('from', `must be at most ${ADMIN_WINDOW_DAYS_MAX} days before to`)
  return window
}
