/** Hang-up by the API, in every state (contract, call controls §4): an unanswered incoming call is refused as busy. */
import type { CallActor } from '../commands.ts'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'
import { leaveCall } from '../session/finish.ts'
import { withHalf } from './actor.ts'
import { rejectHalf } from './reject.ts'

/** Status for a phone whose call was given up by its own user, by API. */
const GIVEN_UP = 487

/** Carries out `hangup`. When the reply leaves, the call has ended. */
export function hangup(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId: string },
): void {
  withHalf(core, id, command, (half) => {
    if (half.phase === 'alerting' && half.personality === 'terminator') rejectHalf(core, half, 'busy')
    else leaveCall(core, half, { cause: causeFor(half), callerStatus: GIVEN_UP })
    core.reply(id, { kind: 'done' })
  })
}

function causeFor(half: CallHalf): string {
  return half.phase === 'connected' ? 'normal' : 'cancelled'
}
