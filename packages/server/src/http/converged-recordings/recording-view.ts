/** A recording as lists and details show it (converged-recordings §2), its times in the zone of the request. */
import { type ConvergedRecording, printSeconds, type Zone } from '@tandem/contract'
import type { Recording } from '@tandem/recordings'

/** The list item: no link of any kind, for any role. */
export function recordingOf(recording: Recording, zone: Zone): ConvergedRecording {
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
    serviceData: {
      locationId: recording.serviceData.locationId,
      callSessionId: recording.serviceData.callSessionId,
    },
  }
}
