/** A recording as lists and details show it (converged-recordings §2), its times in the zone of the request. */
import { type ConvergedRecording, printSeconds, type Zone } from '@tandem/contract'
import type { Recording, RecordingPage } from '@tandem/recordings'
import type { Services } from '../operation.ts'

/** A recording of a page, which has what lists show and no more. */
type Listed = RecordingPage['items'][number]

/** The list item: no link of any kind, for any role. */
export function recordingOf(recording: Listed, zone: Zone): ConvergedRecording {
  const { locationId, callSessionId } = recording.serviceData
  return {
    id: recording.id,
    topic: recording.topic,
    createTime: printSeconds(recording.createTime, zone),
    timeRecorded: printSeconds(recording.timeRecorded, zone),
    ownerId: recording.ownerId,
    ownerType: recording.ownerType,
    ownerEmail: recording.ownerEmail,
    format: recording.format,
    durationSeconds: recording.durationSeconds,
    sizeBytes: recording.sizeBytes,
    serviceType: recording.serviceType,
    storageRegion: recording.storageRegion,
    status: recording.status,
    ...(locationId === '' && callSessionId === ''
      ? {} // An import that came without them.
      : {
          serviceData: {
            ...(locationId === '' ? {} : { locationId }),
            ...(callSessionId === '' ? {} : { callSessionId }),
          },
        }),
  }
}

/** The host of a recording as details show it (Ruling 9): the owner, and for a meeting which one it was. */
export async function hostOf(
  recording: Recording,
  services: Services,
): Promise<Pick<ConvergedRecording, 'hostEmail' | 'hostDisplayName' | 'meetingId'>> {
  const host = { hostEmail: recording.ownerEmail, hostDisplayName: recording.ownerName }
  if (recording.serviceType !== 'meeting') return host
  const found = await services.recordings.meetings.get(recording.orgId, recording.id)
  return found === undefined ? host : { meetingId: found.meeting.meetingId, ...host }
}

/** One page of a list: hosts for meetings alone, a link for nobody. */
export async function listItems(
  page: RecordingPage,
  orgId: string,
  zone: Zone,
  services: Services,
): Promise<ConvergedRecording[]> {
  const items = page.items.map((recording) => recordingOf(recording, zone))
  if (items.every(({ serviceType }) => serviceType !== 'meeting')) return items
  return Promise.all(items.map((item) => withHost(item, orgId, services)))
}

async function withHost(
  item: ConvergedRecording,
  orgId: string,
  services: Services,
): Promise<ConvergedRecording> {
  if (item.serviceType !== 'meeting') return item
  const found = await services.recordings.meetings.get(orgId, item.id)
  if (found === undefined) return item
  const { recording, meeting } = found
  const { ownerEmail: hostEmail, ownerName: hostDisplayName } = recording
  return { ...item, meetingId: meeting.meetingId, hostEmail, hostDisplayName }
}
