/**
 * Transfer: two calls of one line become one between their other sides, and the line leaves both (contract, call
 * controls §5.4).
 *
 * The call that goes on keeps the session of the first; the other's halves, legs and recordings move into it.
 */
import { arrange } from '../bridge/arrange.ts'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'
import { endHalf, endSession, moveHalf, settleRest } from '../session/finish.ts'
import { recordIfAlways } from '../tap/record.ts'
import { holdOthers } from './hold.ts'

const TRANSFERRED = { cause: 'transferred', callerStatus: 480 }

/** Joins the other sides of two calls of one line; both of its halves leave. */
export function joinCalls(core: Core, first: CallHalf, second: CallHalf): void {
  const [a, c] = [first.peer, second.peer]
  const [session, other] = [first.session, second.session]
  endHalf(core, first, { how: 'forwarded' })
  endHalf(core, second, { how: 'forwarded' })
  if (a === undefined || c === undefined || a.phase === 'disconnected' || c.phase === 'disconnected') {
    settleRest(core, session, TRANSFERRED)
    if (other !== session) settleRest(core, other, TRANSFERRED)
    return
  }
  if (other.attempt?.caller === second) other.attempt = undefined
  moveHalf(core, c, session)
  if (other !== session) endSession(core, other, TRANSFERRED)
  meet(core, a, c)
}

/** Two who were strangers talk: who held or was held by somebody who is gone is not any more. */
export function meet(core: Core, a: CallHalf, c: CallHalf): void {
  const { session } = a
  a.peer = c
  c.peer = a
  session.phase = 'connected'
  session.answeredAt ??= core.wallNow
  for (const half of [a, c]) {
    half.phase = 'connected'
    half.answeredAt ??= core.wallNow
    half.dialled = undefined
    holdOthers(core, half)
    recordIfAlways(core, half)
  }
  arrange(core, session)
  for (const half of [a, c]) core.publish(half, 'updated', 'updated')
}

/** The destination of a mute transfer has answered: it is joined with the call that waited. */
export function joinAnswered(
  core: Core,
  held: CallHalf,
  call: { readonly caller: CallHalf; readonly answerer: CallHalf },
): void {
  const { caller, answerer } = call
  caller.phase = 'connected'
  answerer.phase = 'connected'
  caller.peer = answerer
  answerer.peer = caller
  if (held.phase === 'disconnected') {
    settleRest(core, caller.session, TRANSFERRED)
    endSession(core, caller.session, TRANSFERRED)
    return
  }
  joinCalls(core, held, caller)
}
