/**
 * `POST /telephony/calls/transfer`: joins two calls (204), or moves one to a destination once that answers (201)
 * (call-controls §5.4, Ruling 14). The combinations of members are checked here, so that a 400 comes before anything is
 * looked up.
 */
import type { TransferRequest } from '@tandem/contract'
import type { CallCommand } from '@tandem/engine'
import { bodyReader } from '../body.ts'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { forCaller } from './actor.ts'
import { comparableCallId, rawCallId } from './call-id.ts'
import { callInfoOf } from './call-view.ts'
import { runCommand } from './run-command.ts'

const read = bodyReader('TransferRequest')

type TransferCommand = Extract<CallCommand, { kind: 'transfer' }>

/** Transfers; without members the line's only two calls are joined. */
export const transferCall: Operation = forCaller('transferCall', {
  answer: 'CallInfo',
  async run(request, services, actorFor) {
    const body = await read(request.body)
    checkMembers(body)
    const { callId1, callId2, destination } = body
    const actor = await actorFor(body.lineOwnerId)
    const command: TransferCommand = {
      kind: 'transfer',
      actor,
      ...(callId1 === undefined ? {} : { callId1: rawCallId(callId1) }),
      ...(callId2 === undefined ? {} : { callId2: rawCallId(callId2) }),
      ...(destination === undefined ? {} : { destination }),
    }
    if (destination === undefined) {
      await runCommand(services, command, 'done')
      return { status: 204 }
    }
    return { status: 201, body: callInfoOf(await runCommand(services, command, 'placed')) }
  },
})

/** Nothing; two calls; or one call and a destination. Anything else is undefined in the contract. */
function checkMembers({ callId1, callId2, destination }: TransferRequest): void {
  const given = [callId1, callId2, destination].map((member) => member !== undefined).join()
  const allowed = ['false,false,false', 'true,true,false', 'true,false,true'].includes(given)
  if (!allowed || isSame(callId1, callId2)) throw new Failure('transfer_calls_invalid')
}

function isSame(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && comparableCallId(a) === comparableCallId(b)
}
