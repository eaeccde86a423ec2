/** Hang-up by the API, in every state (contract, call controls §4): an unanswered incoming call is refused as busy. */
import type { CallActor } from '../commands.ts'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'
import { endHalf, leaveCall } from '../session/finish.ts'
import { withHalf } from './actor.ts'
import { treat } from './calling.ts'

/** Status for a phone whose call was given up by its own user, by API. */
const GIVEN_UP = 487

/** Carries out `hangup`. When the reply leaves, the call has ended. */
export function hangup(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId: string },
): void {
  withHalf(core, id, command, (half) => {
    if (half.phase === 'alerting' && half.personality === 'terminator') refuseAsBusy(core, half)
    else leaveCall(core, half, { cause: causeFor(half), callerStatus: GIVEN_UP })
    core.reply(id, { kind: 'done' })
  })
}

/** An incoming call is not wanted now: it goes where the line's calls go when it is busy (contract, call controls §5.2). */
export function refuseAsBusy(core: Core, half: CallHalf): void {
  const { attempt } = half.session
  endHalf(core, half, { status: 486 })
  if (attempt === undefined || attempt.ringing.size > 0) return
  treat(core, attempt, half.line, { obstacle: 'busy', status: 486 })
}

function causeFor(half: CallHalf): string {
  return half.phase === 'connected' ? 'normal' : 'cancelled'
}
