/** Hang-up by the API, in every state (contract, call controls §4): an unanswered incoming call is refused as busy. */
import type { CallActor } from '../commands.ts'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'
import { endSession } from '../session/finish.ts'

/** Status for a phone whose call was given up by the person themselves, by API. */
const GIVEN_UP = 487

/** Carries out `hangup`. When the reply leaves, the call has ended. */
export function hangup(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId: string },
): void {
  const half = ownHalf(core, command)
  if (half === undefined) {
    core.reply(id, { kind: 'refused', error: 'call_not_found' })
    return
  }
  if (half.phase === 'alerting' && half.personality === 'terminator')
    endSession(core, half.session, { cause: 'busy', callerStatus: 486 })
  else endSession(core, half.session, { cause: causeFor(half), callerStatus: GIVEN_UP })
  core.reply(id, { kind: 'done' })
}

/** The half that a command names, if it belongs to the actor; another person's is as unknown as one that never was. */
export function ownHalf(
  core: Core,
  command: { readonly actor: CallActor; readonly callId: string },
): CallHalf | undefined {
  const half = core.halves.get(command.callId)
  const { orgId, personId } = command.actor
  return half?.session.orgId === orgId && half.person.id === personId ? half : undefined
}

function causeFor(half: CallHalf): string {
  return half.phase === 'connected' ? 'normal' : 'cancelled'
}
