/**
 * `POST /telephony/externalVoicemail/mwi`: the message lamp of a line whose voicemail is kept by a system outside
 * (call-controls §8).
 */
import { ID_CHARS_MAX } from '@tandem/contract'
import { bodyReader } from '../body.ts'
import { invalid } from '../failure.ts'
import { lineOf } from '../lines/line.ts'
import type { Operation } from '../operation.ts'

const read = bodyReader('MessageWaitingRequest')

/** Lights the lamp or puts it out; 204. */
export const setMessageWaiting: Operation = {
  id: 'setMessageWaiting',
  async run(request, services) {
    const id = request.query.id('id', ID_CHARS_MAX)
    if (id === undefined) throw invalid('id', 'is required in the query')
    const { action } = await read(request.body)
    const line = await lineOf(request, services, {
      parameter: 'id',
      kinds: ['person', 'place', 'virtualLine'],
      id,
    })
    await services.mwi.set(request.caller.orgId, line.id, action === 'SET')
    return {}
  },
}
