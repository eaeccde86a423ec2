/** `GET /telephony/calls/{callId}`: one active call of the caller (call-controls §1). */
import { decodeCallId } from '@tandem/contract'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { callOf } from './call-view.ts'
import { actorOf, checkLineOwnerQuery, runCommand } from './run-command.ts'

/** Shows one active call; 404 `Call not found` for any other id. */
export const getCallDetails: Operation = {
  id: 'getCallDetails',
  answer: 'Call',
  async run(request, services) {
    checkLineOwnerQuery(request)
    const callId = decodeCallId(request.params['callId'] ?? '')
    if (callId === undefined) throw new Failure('call_not_found')
    const { call } = await runCommand(services, { kind: 'details', actor: actorOf(request), callId }, 'call')
    if (call.state === 'disconnected') throw new Failure('call_not_found')
    return { body: callOf(call) }
  },
}
