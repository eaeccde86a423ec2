/** `GET /telephony/calls/{callId}`: one active call of a line (call-controls §1). */
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { type CallAction, forCaller, queriedLineOwner } from './actor.ts'
import { rawCallId } from './call-id.ts'
import { callOf } from './call-view.ts'
import { runCommand } from './run-command.ts'

/** Shows one active call; 404 `Call not found` for any other id. */
export const details: CallAction = {
  answer: 'Call',
  async run(request, services, actorFor) {
    const actor = await actorFor(queriedLineOwner(request))
    const callId = rawCallId(request.params['callId'] ?? '')
    const { call } = await runCommand(services, { kind: 'details', actor, callId }, 'call')
    if (call.state === 'disconnected') throw new Failure('call_not_found')
    return { body: callOf(call) }
  },
}

/** Shows one active call of the caller. */
export const getCallDetails: Operation = forCaller('getCallDetails', details)
