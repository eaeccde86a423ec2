/** `POST /telephony/calls/hangup`: ends a call of the caller in whatever state it is (call-controls §4). */
import { decodeCallId } from '@tandem/contract'
import { bodyReader } from '../body.ts'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { actorOf, checkLineOwner, runCommand } from './run-command.ts'

const read = bodyReader('HangupRequest')

/** Ends a call; 204. */
export const hangupCall: Operation = {
  id: 'hangupCall',
  async run(request, services) {
    const body = await read(request.body)
    checkLineOwner(request, body.lineOwnerId)
    const callId = decodeCallId(body.callId)
    if (callId === undefined) throw new Failure('call_not_found')
    await runCommand(services, { kind: 'hangup', actor: actorOf(request), callId }, 'done')
    return {}
  },
}
