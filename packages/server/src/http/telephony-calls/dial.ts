/**
 * `POST /telephony/calls/dial`: rings the own devices, or one of them, and then the destination (call-controls §5.1). The
 * 201 means that it has begun; the ids are those of the click-to-dial call.
 */
import { bodyReader } from '../body.ts'
import type { Operation } from '../operation.ts'
import { type CallAction, forCaller } from './actor.ts'
import { callInfoOf } from './call-view.ts'
import { ownPhoneOf } from './own-phone.ts'
import { runCommand } from './run-command.ts'

const read = bodyReader('DialRequest')

/** Places a click-to-dial call. */
export const dial: CallAction = {
  answer: 'CallInfo',
  async run(request, services, actorFor) {
    const body = await read(request.body)
    const phone = ownPhoneOf(body)
    const actor = await actorFor(body.lineOwnerId)
    const { destination } = body
    const placed = await runCommand(services, { kind: 'dial', actor, destination, ...phone }, 'placed')
    return { body: callInfoOf(placed) }
  },
}

/** Places a click-to-dial call of the caller. */
export const dialCall: Operation = forCaller('dialCall', dial)
