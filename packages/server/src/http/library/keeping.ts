/**
 * `GET /tandem/v1/recordings/{recordingId}/keeping`: until when a recording is kept. That it is held is told to whoever
 * sees it, since a delete would tell them; which holds these are, to compliance officers alone (contract README §11).
 */
import { printMilliseconds, type RecordingKeeping } from '@tandem/contract'
import type { Keeping } from '@tandem/recordings'
import { actorOf, noteRead } from '../converged-recordings/actor.ts'
import { readableRecording } from '../converged-recordings/visible-recording.ts'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'

/** Shows why and until when a recording is kept. */
export const getRecordingKeeping: Operation = {
  id: 'getRecordingKeeping',
  answer: 'RecordingKeeping',
  async run(request, services) {
    const { recording, as } = await readableRecording(request, services, 'getRecordingKeeping')
    const keeping = await services.recordings.lifecycle.keeping(recording.orgId, recording.id)
    if (keeping === undefined) throw new Failure('recording_not_found') // Erased since it was looked up.
    const entry = { actor: actorOf(request, as), action: 'recording.read' as const, recording }
    await noteRead(services, entry, { what: 'keeping' })
    return { body: keepingOf(keeping, as === 'complianceOfficer') }
  },
}

function keepingOf(keeping: Keeping, showHolds: boolean): RecordingKeeping {
  const { status, retainUntil, eraseAtEnd, binUntil, holds } = keeping
  return {
    status,
    ...(retainUntil === undefined ? {} : { retainUntil: printMilliseconds(retainUntil) }),
    eraseAtEnd,
    ...(binUntil === undefined ? {} : { binUntil: printMilliseconds(binUntil) }),
    held: holds.length > 0,
    holds: showHolds ? [...holds] : [],
  }
}
