/**
 * The metadata document of a recording (recording-metadata §1 to §4), version 1.2, made from the facts that were
 * journaled with the audio. Times are UTC with whole seconds.
 */
import { createHash } from 'node:crypto'
import type { RecordingMetadata } from '@tandem/contract'
import type { RecordingFacts } from '../facts.ts'
import { callActivityOf } from './call-activity.ts'
import { secondsIso } from './catalogue.ts'
import { type ImportedFacts, importedServiceData, isImported } from './imported-metadata.ts'
import { metadataParty } from './metadata-party.ts'
import type { Recording } from './recording.ts'

const METADATA_VERSION = '1.2'

/** Upper case here, unlike the list (Ruling 10). */
const OWNER_TYPES = {
  user: 'USER',
  place: 'PLACE',
  virtualLine: 'VIRTUAL_LINE',
  callQueue: 'CALL_QUEUE',
} as const

/** Builds the document; `showAllTypes` adds streams, participants and redirections to the entries of `callActivity`. */
export function metadataOf(
  recording: Recording,
  facts: RecordingFacts | ImportedFacts,
  options: { readonly showAllTypes: boolean },
): RecordingMetadata {
  return {
    id: recording.id,
    orgId: recording.orgId,
    ownerId: recording.ownerId,
    ownerType: OWNER_TYPES[recording.ownerType],
    ownerName: recording.ownerName,
    ownerEmail: recording.ownerEmail,
    storageRegion: recording.storageRegion,
    serviceType: recording.serviceType,
    version: METADATA_VERSION,
    serviceData: isImported(facts)
      ? importedServiceData(recording, facts.imported, options)
      : callServiceData(recording, facts, options),
  }
}

function callServiceData(
  recording: Recording,
  { opening, notes, closing }: RecordingFacts,
  options: { readonly showAllTypes: boolean },
): RecordingMetadata['serviceData'] {
  const streamId = streamIdOf(recording.id)
  return {
    callRecordingId: recording.id,
    locationId: recording.serviceData.locationId,
    callSessionId: recording.serviceData.callSessionId,
    callId: opening.callId,
    ...(opening.sipCallId === undefined ? {} : { sipCallId: opening.sipCallId }),
    personality: opening.personality,
    callingParty: metadataParty(opening.callingParty),
    calledParty: metadataParty(opening.calledParty),
    ...(closing?.answererInfo === undefined ? {} : { answererInfo: metadataParty(closing.answererInfo) }),
    ...(closing?.connectedParty === undefined
      ? {}
      : { connectedParty: metadataParty(closing.connectedParty) }),
    ...(closing?.managedBy === undefined ? {} : { managedBy: metadataParty(closing.managedBy) }),
    session: {
      startTime: secondsIso(opening.startedAt),
      ...(closing === undefined ? {} : { stopTime: secondsIso(closing.stoppedAt) }),
    },
    recordingType: opening.recordingType,
    recordingActions: notes.flatMap((note) =>
      note.kind === 'action' ? [{ action: note.action, time: secondsIso(note.at) }] : [],
    ),
    callActivity: callActivityOf(notes, { streamId, showAllTypes: options.showAllTypes }),
  }
}

/** The one stream of a recording: a UUID that follows from the recording's, so that every answer names the same. */
function streamIdOf(recordingId: string): string {
  const hex = createHash('sha256').update(`stream 0 of ${recordingId}`).digest('hex')
  const variant = ((Number.parseInt(hex[16] as string, 16) & 3) | 8).toString(16) // RFC 9562 §4.1.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
