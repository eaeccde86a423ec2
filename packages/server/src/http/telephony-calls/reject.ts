/** `POST /telephony/calls/reject`: turns an unanswered incoming call away (call-controls §5.2). */
import { bodyReader } from '../body.ts'
import type { Operation } from '../operation.ts'
import { forCaller } from './actor.ts'
import { rawCallId } from './call-id.ts'
import { runCommand } from './run-command.ts'

const read = bodyReader('RejectRequest')

/** Rejects a call; 204. Without an action the line is busy. */
export const rejectCall: Operation = forCaller('rejectCall', {
  async run(request, services, actorFor) {
    const body = await read(request.body)
    const actor = await actorFor(body.lineOwnerId)
    const callId = rawCallId(body.callId)
    await runCommand(services, { kind: 'reject', actor, callId, action: body.action ?? 'busy' }, 'done')
    return {}
  },
})
