/** `POST /telephony/calls/park`: parks a call and says where; that is what retrieve takes (call-controls §5.5). */
import { bodyReader } from '../body.ts'
import type { Operation } from '../operation.ts'
import { forCaller } from './actor.ts'
import { rawCallId } from './call-id.ts'
import { partyOf } from './call-view.ts'
import { runCommand } from './run-command.ts'

const read = bodyReader('ParkRequest')

/** Parks against the caller, a destination, or a free member of the park group. */
export const parkCall: Operation = forCaller('parkCall', {
  answer: 'ParkAnswer',
  async run(request, services, actorFor) {
    const { callId, destination, isGroupPark = false, lineOwnerId } = await read(request.body)
    const actor = await actorFor(lineOwnerId)
    const where = isGroupPark ? { isGroupPark } : destination === undefined ? {} : { destination }
    const command = { kind: 'park', actor, callId: rawCallId(callId), ...where } as const
    const { parkedAgainst } = await runCommand(services, command, 'parked')
    return { body: { parkedAgainst: partyOf(parkedAgainst) } }
  },
})
