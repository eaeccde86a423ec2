/**
 * `GET /convergedRecordings/{recordingId}`: one recording, with links for its owner and for compliance officers
 * (converged-recordings §5; Rulings 9, 24). Links work for three hours from this request, without a token.
 */
import { type ConvergedRecordingDetails, LINK_MS, printSeconds, type Zone } from '@tandem/contract'
import type { Operation, Services } from '../operation.ts'
import { requestZone } from '../request-zone.ts'
import { recordingOf } from './recording-view.ts'
import { type VisibleRecording, visibleRecording } from './visible-recording.ts'

/** Shows one recording, with links where the rights table gives them. */
export const getConvergedRecordingDetails: Operation = {
  id: 'getConvergedRecordingDetails',
  answer: 'ConvergedRecordingDetails',
  async run(request, services) {
    const { zone } = requestZone(request)
    const visible = await visibleRecording(request, services, 'getConvergedRecordingDetails')
    const { recording } = visible
    const details: ConvergedRecordingDetails = {
      ...recordingOf(recording, zone),
      ...(visible.links ? linksOf(visible, request.caller.personId, zone, services) : {}),
      hostEmail: recording.ownerEmail,
      hostDisplayName: recording.ownerName,
    }
    return { body: details }
  },
}

function linksOf(
  visible: VisibleRecording,
  personId: string,
  zone: Zone,
  services: Services,
): Partial<ConvergedRecordingDetails> {
  const { recording } = visible
  const expiresAt = services.now() + LINK_MS
  const query = services.recordings.links.sign({
    recordingId: recording.id,
    file: 'audio',
    personId,
    // Whoever is compliance officer keeps the link whatever becomes of the status; an owner does not.
    role: visible.as === 'complianceOfficer' ? 'compliance' : 'owner',
    status: recording.status,
    expiresAt,
  })
  const audio = `${services.publicUrl}/media/${recording.id}/audio?${query}`
  return {
    temporaryDirectDownloadLinks: {
      audioDownloadLink: audio,
      recordingDownloadLink: audio,
      expiration: printSeconds(expiresAt, zone),
    },
    downloadUrl: audio,
    playbackUrl: audio,
  }
}
