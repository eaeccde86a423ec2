/**
 * An INVITE that takes the place of another call (RFC 3891): of an answered one, whose place in the talk it gets, or of one
 * that rings at a phone of ours, which it picks up.
 *
 * Whoever sends it has logged in and belongs to the same organisation; whoever knows a dialog's tags was told them by one
 * of its ends. Nothing is answered before it can be done: a call that has ended meanwhile is a 481.
 */
import { parseReplaces, type SipRequest } from '@tandem/sip'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'
import { ANSWERED_ELSEWHERE, endHalf, leaveCall } from '../session/finish.ts'
import { noteLeaving } from '../tap/redirection-notes.ts'
import { answerOwn, isPassable, moveInto } from './move.ts'
import { pickedUp } from './pickup.ts'
import { pulled } from './pull.ts'
import { meet } from './transfer.ts'

/** The half that an INVITE shall take the place of, the status that refuses it (RFC 3891 §3), or undefined. */
export function replacedBy(core: Core, request: SipRequest, orgId: string): CallHalf | number | undefined {
  const replaces = parseReplaces(request)
  if (replaces === undefined) return undefined
  if (replaces === 'malformed') return 400
  const { callId, toTag, fromTag, earlyOnly } = replaces
  const call = core.endpoint.findCall({ callId, localTag: toTag, remoteTag: fromTag })
  const leg = call === undefined ? undefined : core.calls.get(call)
  const half = leg?.half
  if (half === undefined || half.session.orgId !== orgId) return 481
  if (half.phase === 'connected') {
    if (earlyOnly) return 486
    return half.leg === leg && isPassable(half) ? half : 481
  }
  return isRinging(half) ? half : 481 // An early call that we did not place is not to be taken (RFC 3891 §3).
}

/** The phone of `half` has its media: its INVITE is answered, and it has the place of `target`. */
export function takePlace(core: Core, half: CallHalf, target: CallHalf): void {
  half.intent = undefined
  const { peer } = target
  const isTalk = isPassable(target)
  if (peer === undefined || (!isTalk && !isRinging(target))) {
    leaveCall(core, half, { cause: 'cancelled', callerStatus: 481 })
    return
  }
  if (!answerOwn(core, half, peer)) return
  if (!isTalk) pickedUp(core, half, target)
  else if (target.line.id === half.line.id) pulled(core, half, target)
  else {
    moveInto(core, half, target.session)
    noteLeaving(core, target, { reason: 'transfer', to: half })
    endHalf(core, target, { how: 'forwarded', reason: ANSWERED_ELSEWHERE })
    meet(core, half, peer, { reason: 'transfer', by: target.line })
  }
}

function isRinging(half: CallHalf): boolean {
  return half.phase === 'alerting' && half.session.attempt?.ringing.has(half) === true
}
