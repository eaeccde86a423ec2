/**
 * `GET /recordings/{recordingId}` (meeting-recordings §1, §3): one meeting recording for its host, for whom it is shared
 * with, for an administrator in the name of either, and for compliance officers.
 */

import { clientIdOf } from '../client-id.ts'
import { noteRead, refused } from '../converged-recordings/actor.ts'
import { given } from '../converged-recordings/recording-ids.ts'
import { Failure } from '../failure.ts'
import type { Operation, Services } from '../operation.ts'
import type { RecordingAccess } from '../ports.ts'
import { requestZone } from '../request-zone.ts'
import { type Acting, actingFor, hostEmailOf } from './acting.ts'
import { type FoundMeeting, foundMeeting, hidden } from './found-meeting.ts'
import { meetingLinks } from './meeting-links.ts'
import { meetingView } from './meeting-view.ts'

const operation = 'getMeetingRecordingDetails'

/** Shows one meeting recording. */
export const getMeetingRecordingDetails: Operation = {
  id: operation,
  answer: 'MeetingRecordingDetails',
  async run(request, services) {
    const { zone } = requestZone(request)
    const hostEmail = hostEmailOf(request, operation, request.query.raw('hostEmail'))
    const acting = await actingFor(request, services, operation, hostEmail)
    const { actor, person, isNamed, access } = acting
    const found = await foundMeeting(services, operation, acting, request.params['recordingId'] ?? '')
    const site = given(request.headers['siteurl'])?.toLowerCase()
    if (site !== undefined && site !== found.meeting.siteUrl.toLowerCase())
      throw hidden(services, operation, actor, found)
    const { recording, isHosted } = found
    if (isHosted && !access.viewAndPlayRecordingsEnabled) {
      const failure = new Failure('access_forbidden')
      throw await refused(services, { actor, operation, recordingId: recording.id }, failure)
    }
    const isOfficer = actor.as === 'complianceOfficer'
    const links = await meetingLinks(
      found,
      {
        personId: request.caller.personId,
        isOfficer,
        mayDownload: await mayDownload(services, acting, found),
      },
      zone,
      services,
    )
    await noteRead(
      services,
      { actor, action: 'recording.read', recording },
      { api: 'meetings', links: links !== undefined },
    )
    const body = meetingView(found, {
      zone,
      publicUrl: services.publicUrl,
      clientId: clientIdOf(request.caller),
      person: isOfficer && !isNamed ? undefined : person,
    })
    return { body: links === undefined ? body : { ...body, temporaryDirectDownloadLinks: links } }
  },
}

/** In the own name a person downloads what the host's settings let the host download; in a host's name all of it. */
async function mayDownload(services: Services, acting: Acting, found: FoundMeeting): Promise<boolean> {
  if (acting.actor.as !== 'user') return true
  const { orgId, ownerId } = found.recording
  return downloads(found.isHosted ? acting.access : await services.lines.recordingAccess(orgId, ownerId))
}

/** Whether access settings let recordings be taken away. */
function downloads(access: RecordingAccess): boolean {
  return access.viewAndPlayRecordingsEnabled && access.downloadRecordingsEnabled
}
