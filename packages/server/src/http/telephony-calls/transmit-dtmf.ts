/** `POST /telephony/calls/transmitDtmf`: sends digits in order, a comma being a pause (call-controls §5.7). */
import { bodyReader } from '../body.ts'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { forCaller } from './actor.ts'
import { optionalCallId } from './call-id.ts'
import { runCommand } from './run-command.ts'

const read = bodyReader('TransmitDtmfRequest')
const DTMF = /^[0-9*#A-D,]+$/

/** Sends digits; 204 when they are on their way. */
export const transmitDtmf: Operation = forCaller('transmitDtmf', {
  async run(request, services, actorFor) {
    const { callId, dtmf = '', lineOwnerId } = await read(request.body)
    if (!DTMF.test(dtmf)) throw new Failure('dtmf_invalid')
    const actor = await actorFor(lineOwnerId)
    await runCommand(services, { kind: 'transmitDtmf', actor, ...optionalCallId(callId), dtmf }, 'done')
    return {}
  },
})
