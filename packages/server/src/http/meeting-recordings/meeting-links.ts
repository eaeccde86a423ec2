/**
 * The direct links in the details of a meeting recording (meeting-recordings §1; README Ruling 38): for `MeetingCenter`
 * alone, three hours, without a token. "Prevent downloading" takes them from everybody but compliance officers, to whom it
 * leaves the recording itself.
 */
import { type MeetingDownloadLinks, printSeconds, type Zone } from '@tandem/contract'
import type { LinkedFile, MeetingRecording, SignedLink } from '@tandem/recordings'
import type { Services } from '../operation.ts'

/** Who gets links, as far as it matters to them. */
export interface LinkReader {
  readonly personId: string
  readonly isOfficer: boolean
  /** Whether role and settings let this caller download. */
  readonly mayDownload: boolean
}

/** The links; undefined where this recording or this caller has none, or the media is gone. */
export async function meetingLinks(
  { recording, meeting }: MeetingRecording,
  reader: LinkReader,
  zone: Zone,
  services: Services,
): Promise<MeetingDownloadLinks | undefined> {
  const { personId, isOfficer, mayDownload } = reader
  const prevented = recording.downloadPrevented
  if (meeting.serviceType !== 'MeetingCenter' || (!isOfficer && (prevented || !mayDownload))) return undefined
  const files = await services.recordings.files(recording)
  const signed = (file: LinkedFile): SignedLink | undefined => {
    if (!files.has(file)) return undefined
    const role = isOfficer ? ('compliance' as const) : ('owner' as const)
    const { id, status } = recording
    const { url, expiresAt } = services.recordings.link({ recordingId: id, file, personId, role, status })
    return { url: url.startsWith('/') ? services.publicUrl + url : url, expiresAt }
  }
  const whole = signed('video') ?? signed('audio')
  if (whole === undefined) return undefined
  const [audio, transcript] = prevented ? [] : [signed('audio'), signed('transcript')]
  return {
    recordingDownloadLink: whole.url,
    ...(audio === undefined ? {} : { audioDownloadLink: audio.url }),
    ...(transcript === undefined ? {} : { transcriptDownloadLink: transcript.url }),
    expiration: printSeconds(whole.expiresAt, zone),
  }
}
