/** `GET /convergedRecordings/{recordingId}/metadata`: the metadata document, UTC whatever the zone (§7). */
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { actorOf, noteRead } from './actor.ts'
import { readableRecording } from './visible-recording.ts'

/** Shows the metadata document of one recording. */
export const getConvergedRecordingMetadata: Operation = {
  id: 'getConvergedRecordingMetadata',
  answer: 'RecordingMetadata',
  async run(request, services) {
    const showAllTypes = request.query.boolean('showAllTypes') ?? false
    const { recording, as } = await readableRecording(request, services, 'getConvergedRecordingMetadata')
    const body = await services.recordings.metadata(recording.orgId, recording.id, { showAllTypes })
    if (body === undefined) throw new Failure('recording_not_found') // Erased since it was looked up.
    await noteRead(services, { actor: actorOf(request, as), action: 'recording.metadataRead', recording })
    return { body }
  },
}
