/**
 * `POST /telephony/calls/answer`: answers a ringing call on a phone (call-controls §4, §5.1). The engine waits for the
 * phone: refused is a 409, silence a 504.
 */
import { bodyReader } from '../body.ts'
import type { Operation } from '../operation.ts'
import { type CallAction, forCaller } from './actor.ts'
import { rawCallId } from './call-id.ts'
import { deviceId } from './own-phone.ts'
import { runCommand } from './run-command.ts'

const read = bodyReader('AnswerRequest')

/** Answers a call; 204 once the phone has done it. */
export const answer: CallAction = {
  async run(request, services, actorFor) {
    const body = await read(request.body)
    const phone = body.endpointId === undefined ? {} : { endpointId: deviceId(body.endpointId) }
    const actor = await actorFor(body.lineOwnerId)
    const callId = rawCallId(body.callId)
    await runCommand(services, { kind: 'answer', actor, callId, ...phone }, 'done')
    return {}
  },
}

/** Answers a call of the caller. */
export const answerCall: Operation = forCaller('answerCall', answer)
