/**
 * `GET /group/recordings` and `GET /group/recordings/{recordingId}` (meeting-recordings §9): for service apps, the available
 * recordings that one person hosted, who is named by `personId` or by the header `hostEmail`, and not by both.
 */
import { EMAIL_CHARS_MAX, ID_CHARS_MAX, rawKey } from '@tandem/contract'
import type { Actor, MeetingRecording } from '@tandem/recordings'
import { clientIdOf } from '../client-id.ts'
import { actorOf, noteRead, refused } from '../converged-recordings/actor.ts'
import { given } from '../converged-recordings/recording-ids.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { requestZone } from '../request-zone.ts'
import { type Host, hostOf } from './acting.ts'
import { hidden } from './found-meeting.ts'
import { adminWindowOf } from './list-admin.ts'
import { meetingLinks } from './meeting-links.ts'
import { meetingFiltersOf, meetingPageAnswer, readMeetingFilters } from './meeting-query.ts'
import { meetingView } from './meeting-view.ts'
import { preferredSite } from './site.ts'

const list = 'listGroupMeetingRecordings'
const details = 'getGroupMeetingRecordingDetails'

/** Lists one page of what one person hosted. */
export const listGroupMeetingRecordings: Operation = {
  id: list,
  answer: 'GroupMeetingRecordingList',
  async run(request, services) {
    const named = namedHost(request)
    const { status: _, ...filters } = readMeetingFilters(request)
    const window = adminWindowOf(request, services)
    const asked = request.query.text('siteUrl', ID_CHARS_MAX)
    const actor = actorOf(request, 'admin')
    const person = await personOf(services, actor, list, named)
    const siteUrl = asked ?? (await preferredSite(services, actor.orgId))
    const page = await services.recordings.meetings.list({
      ...filters,
      ...window,
      status: 'available',
      hostId: person.id,
      siteUrl,
    })
    services.recordings.audit.addSoon({
      actor,
      action: 'recording.listed',
      detail: {
        scope: 'host',
        api: 'meetings',
        hostId: person.id,
        filters: Object.fromEntries(meetingFiltersOf(request)),
        count: page.items.length,
      },
    })
    return meetingPageAnswer(request, services, { operation: list, window, page, person, host: named.email })
  },
}

/** Shows one recording that one person hosted. */
export const getGroupMeetingRecordingDetails: Operation = {
  id: details,
  answer: 'MeetingRecordingDetails',
  async run(request, services) {
    const named = namedHost(request)
    const { zone } = requestZone(request)
    const { caller } = request
    const actor = actorOf(request, 'admin')
    const person = await personOf(services, actor, details, named)
    const id = request.params['recordingId'] ?? ''
    const found = await services.recordings.meetings.get(caller.orgId, id)
    if (found === undefined) throw new Failure('recording_not_found')
    if (!isHostedBy(person, found)) throw hidden(services, details, actor, found)
    const reader = { zone, publicUrl: services.publicUrl, clientId: clientIdOf(caller), person }
    const mayDownload = true // The scope is for service apps, which take recordings away; what is prevented stays so.
    const links = await meetingLinks(
      found,
      { personId: caller.personId, isOfficer: false, mayDownload },
      zone,
      services,
    )
    const entry = { actor, action: 'recording.read' as const, recording: found.recording }
    await noteRead(services, entry, { api: 'meetings', links: links !== undefined })
    const body = meetingView(found, reader)
    return { body: links === undefined ? body : { ...body, temporaryDirectDownloadLinks: links } }
  },
}

type NamedHost = { readonly personId?: string; readonly email?: string }

/**
 * Exactly one identity. The link to a next page carries the email of the header as a parameter, since clients that follow
 * it may add nothing (README §5); there it stands in for the header and nowhere else.
 */
function namedHost(request: ApiRequest): NamedHost {
  const { query } = request
  const personId = query.id('personId', ID_CHARS_MAX)
  const linked = query.raw('cursor') === undefined ? undefined : query.raw('hostEmail')
  const email = given(request.headers['hostemail']) ?? given(linked)
  if (personId !== undefined && email !== undefined)
    throw invalid('personId', 'and hostEmail exclude each other')
  if (personId !== undefined) return { personId }
  if (email === undefined) throw invalid('personId or the header hostEmail', 'is required')
  if (email.length > EMAIL_CHARS_MAX)
    throw invalid('hostEmail', `must have at most ${EMAIL_CHARS_MAX} characters`)
  return { email }
}

/** An id that names nobody is somebody who hosted nothing (README §2); an email must name a user (403). */
async function personOf(
  services: Services,
  actor: Actor,
  operation: typeof list | typeof details,
  { personId, email }: NamedHost,
): Promise<Host> {
  if (email === undefined) return { id: rawKey(personId ?? '', ['PEOPLE']) ?? '', email: '' }
  const person = await hostOf(services, actor.orgId, email)
  if (person === undefined) throw await refused(services, { actor, operation }, new Failure('host_forbidden'))
  return person
}

function isHostedBy(person: Host, { recording }: MeetingRecording): boolean {
  return recording.ownerId === person.id && recording.status === 'available'
}
