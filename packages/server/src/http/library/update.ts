/**
 * `PUT /tandem/v1/recordings/{recordingId}`: a new topic, by the owner or an administrator; whether the owner may download
 * it, by an administrator alone, since it is the owner who is kept from it.
 */
import { bodyReader } from '../body.ts'
import { actorOf } from '../converged-recordings/actor.ts'
import { failureOf } from '../converged-recordings/outcome.ts'
import { readableRecording } from '../converged-recordings/visible-recording.ts'
import { Failure, invalid } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { noted } from './acting.ts'

const operation = 'updateRecording'
const read = bodyReader('UpdateRecordingRequest')

/** Changes what may be changed of one recording. */
export const updateRecording: Operation = {
  id: operation,
  async run(request, services) {
    const { topic, downloadPrevented } = await read(request.body)
    if (topic === undefined && downloadPrevented === undefined)
      throw invalid('topic', 'or downloadPrevented is required')
    if (topic?.trim() === '') throw invalid('topic', 'must not be blank')
    const { recording, as } = await readableRecording(request, services, operation)
    const actor = actorOf(request, as)
    return noted(services, { actor, operation, recordingId: recording.id }, async () => {
      if (downloadPrevented !== undefined && as === 'user')
        throw new Failure('access_forbidden', 'downloadPrevented is for administrators alone')
      const outcome = await services.recordings.lifecycle.update(actor, recording.id, {
        ...(topic === undefined ? {} : { topic: topic.trim() }),
        ...(downloadPrevented === undefined ? {} : { downloadPrevented }),
      })
      const failure = failureOf(outcome)
      if (failure !== undefined) throw failure
      return {}
    })
  },
}
