/**
 * `GET /recordings` (meeting-recordings §2): what the caller, or the host that an administrator or compliance officer
 * names, hosted or was given a share of. A compliance officer reaches everybody's by `meetingId`, the purged ones too.
 */
import { ID_CHARS_MAX } from '@tandem/contract'
import type { MeetingQuery, MeetingRecording, Page } from '@tandem/recordings'
import { refused } from '../converged-recordings/actor.ts'
import { Failure, invalid } from '../failure.ts'
import type { Operation, Services } from '../operation.ts'
import { requestZone } from '../request-zone.ts'
import { windowOf } from '../window.ts'
import { type Acting, actingFor, hostEmailOf } from './acting.ts'
import { meetingFiltersOf, meetingPageAnswer, readMeetingFilters } from './meeting-query.ts'

const operation = 'listMeetingRecordings'

/** Lists one page of what a person hosted or was given a share of. */
export const listMeetingRecordings: Operation = {
  id: operation,
  answer: 'MeetingRecordingList',
  async run(request, services) {
    const { query } = request
    const window = windowOf(query, requestZone(request).zone, services.now())
    const filters = readMeetingFilters(request)
    const meetingId = query.id('meetingId', ID_CHARS_MAX)
    const siteUrl = query.text('siteUrl', ID_CHARS_MAX)
    const hostEmail = hostEmailOf(request, operation, query.raw('hostEmail'))
    const acting = await actingFor(request, services, operation, hostEmail)
    const { actor, person, isNamed, grant } = acting
    if (!(grant.statuses ?? []).includes(filters.status))
      throw await refused(services, { actor, operation }, new Failure('purged_forbidden'))
    if (filters.status === 'purged' && meetingId === undefined)
      throw invalid('meetingId', 'is required with status=purged')
    const isOfficer = actor.as === 'complianceOfficer'
    const page = await pageOf(services, acting, isOfficer && !isNamed && meetingId !== undefined, {
      ...filters,
      ...window,
      // A meeting is on one site: with its id the site is of no account.
      ...(meetingId !== undefined ? { meetingId } : siteUrl === undefined ? {} : { siteUrl }),
    })
    services.recordings.audit.addSoon({
      actor,
      action: 'recording.listed',
      detail: {
        scope: isNamed ? 'host' : 'own',
        api: 'meetings',
        filters: Object.fromEntries(meetingFiltersOf(request)),
        count: page.items.length,
      },
    })
    const shownTo = isOfficer && !isNamed ? undefined : person
    return meetingPageAnswer(request, services, { operation, window, page, person: shownTo })
  },
}

/** A share gives nothing of the host's recycle bin, and whoever may not view the own recordings has the shared ones. */
async function pageOf(
  services: Services,
  { person, access }: Acting,
  ofEverybody: boolean,
  query: MeetingQuery,
): Promise<Page<MeetingRecording>> {
  const { meetings } = services.recordings
  if (ofEverybody) return meetings.list(query)
  const whose = {
    ...(access.viewAndPlayRecordingsEnabled ? { hostId: person.id } : {}),
    ...(query.status === 'available' && person.email !== '' ? { sharedWith: person.email } : {}),
  }
  return Object.keys(whose).length === 0 ? { items: [] } : meetings.list({ ...query, ...whose })
}
