/**
 * `GET /convergedRecordings/{recordingId}`: one recording, with links for its owner and for compliance officers
 * (converged-recordings §5; Rulings 9, 24). Links work for three hours from this request, without a token.
 */
import { type ConvergedRecordingDetails, type DownloadLinks, printSeconds, type Zone } from '@tandem/contract'
import type { LinkedFile, Recording, SignedLink } from '@tandem/recordings'
import { pageUrl } from '../meeting-recordings/meeting-view.ts'
import type { Operation, Services } from '../operation.ts'
import type { RecordingAccess } from '../ports.ts'
import { CONTRACT_RULES } from '../recordings-port.ts'
import { requestZone } from '../request-zone.ts'
import { actorOf, noteRead } from './actor.ts'
import { hostOf, recordingOf } from './recording-view.ts'
import { readableRecording, type VisibleRecording } from './visible-recording.ts'

/** Shows one recording, with links where the rights table gives them. */
export const getConvergedRecordingDetails: Operation = {
  id: 'getConvergedRecordingDetails',
  answer: 'ConvergedRecordingDetails',
  async run(request, services) {
    const { zone } = requestZone(request)
    const visible = await readableRecording(request, services, 'getConvergedRecordingDetails')
    const { recording, as } = visible
    const links = mayDownload(visible, services)
      ? await linksOf(visible, request.caller.personId, zone, services)
      : {}
    const host = await hostOf(recording, services)
    const isPaged = host.meetingId !== undefined && links.downloadUrl !== undefined
    const details: ConvergedRecordingDetails = {
      ...recordingOf(recording, zone),
      ...links,
      ...(isPaged ? pagesOf(recording, services) : {}),
      ...host,
    }
    const entry = { actor: actorOf(request, as), action: 'recording.read' as const, recording }
    await noteRead(services, entry, { links: links.temporaryDirectDownloadLinks !== undefined })
    return { body: details }
  },
}

/** A meeting has pages of its own, which ask for its password, as long as it is available and may be downloaded. */
function pagesOf(
  { id, status, downloadPrevented }: Recording,
  { publicUrl }: Services,
): Pick<ConvergedRecordingDetails, 'downloadUrl' | 'playbackUrl'> {
  if (status !== 'available' || downloadPrevented) return {}
  return { downloadUrl: pageUrl(publicUrl, id, 'download'), playbackUrl: pageUrl(publicUrl, id, 'play') }
}

/** A compliance officer always; an owner, also one that acts as administrator, as far as recording and settings allow. */
export function mayDownload(
  visible: VisibleRecording & { readonly access: RecordingAccess },
  services: Services,
): boolean {
  const { recording, as, access } = visible
  if (!visible.links || as === 'complianceOfficer') return visible.links
  const rules = services.rules ?? CONTRACT_RULES
  if (as === 'admin' && rules.adminsWithoutLinks) return false
  const allowed = access.viewAndPlayRecordingsEnabled && access.downloadRecordingsEnabled
  return allowed && !recording.downloadPrevented
}

async function linksOf(
  visible: VisibleRecording,
  personId: string,
  zone: Zone,
  services: Services,
): Promise<Partial<ConvergedRecordingDetails>> {
  const { recording } = visible
  const files = await services.recordings.files(recording)
  const signed = (file: LinkedFile): SignedLink | undefined =>
    files.has(file) ? signedLink({ recording, file, personId, as: visible.as }, services) : undefined
  const audio = signed('audio')
  const whole = recording.format === 'MP4' ? signed('video') : audio
  const transcript = signed('transcript')
  const any = whole ?? audio
  if (any === undefined) return {} // The media is gone.
  const links: DownloadLinks = {
    ...(audio === undefined ? {} : { audioDownloadLink: audio.url }),
    ...(transcript === undefined ? {} : { transcriptDownloadLink: transcript.url }),
    ...(whole === undefined ? {} : { recordingDownloadLink: whole.url }),
    expiration: printSeconds(any.expiresAt, zone),
  }
  return { temporaryDirectDownloadLinks: links, downloadUrl: any.url, playbackUrl: any.url }
}

function signedLink(
  link: {
    readonly recording: Recording
    readonly file: LinkedFile
    readonly personId: string
    readonly as: VisibleRecording['as']
  },
  services: Services,
): SignedLink {
  const { recording, file, personId, as } = link
  const { url, expiresAt } = services.recordings.link({
    recordingId: recording.id,
    file,
    personId,
    // Whoever is compliance officer keeps the link whatever becomes of the status; an owner does not.
    role: as === 'complianceOfficer' ? 'compliance' : 'owner',
    status: recording.status,
  })
  return { url: url.startsWith('/') ? services.publicUrl + url : url, expiresAt }
}
