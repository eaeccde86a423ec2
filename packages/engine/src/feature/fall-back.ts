/**
 * What becomes of a caller who had a call before somebody was called for it, when that somebody cannot be had: a parked
 * call waits on, and a transferor whose phone is still there gets its call back.
 */
import { arrange } from '../bridge/arrange.ts'
import type { Attempt } from '../route/attempt.ts'
import type { Core } from '../session/core.ts'
import type { Ending } from '../session/finish.ts'
import { recallFailed } from './park.ts'

/** Gives the caller of a failed attempt back to where it was; false when there is no such place. Nothing rings any more. */
export function fallBack(core: Core, attempt: Attempt, ending: Ending): boolean {
  const { caller, purpose } = attempt
  if (purpose.kind === 'recall') {
    recallFailed(core, attempt)
    return true
  }
  if (purpose.kind !== 'refer') return false
  const { transferor } = purpose
  if (transferor.phase !== 'connected' || transferor.session !== caller.session) return false
  caller.session.attempt = undefined
  caller.phase = 'connected'
  caller.peer = transferor
  caller.dialled = undefined
  caller.expected = undefined
  purpose.report(ending.callerStatus)
  core.publish(caller, 'updated', 'updated')
  arrange(core, caller.session)
  return true
}
