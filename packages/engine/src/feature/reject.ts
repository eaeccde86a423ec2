/**
 * Reject (contract, call controls §5.2): an incoming call that rings is not wanted, in one of three ways.
 *
 * `busy` and `temporarilyUnavailable` follow the line's forwarding of that name or its mailbox. `ignore` takes the call off
 * the line's list and phones at once, while the caller goes on hearing ringback until the line would have counted as not
 * answering; then that treatment applies.
 */
import { arrange } from '../bridge/arrange.ts'
import { passRinging } from '../bridge/connect.ts'
import type { CallCommand } from '../commands.ts'
import type { CallHalf } from '../half/half.ts'
import type { Attempt } from '../route/attempt.ts'
import type { Core } from '../session/core.ts'
import { endHalf, leaveCall } from '../session/finish.ts'
import { withHalf } from './actor.ts'
import { notTaken, ringMsOf, treat } from './calling.ts'

type RejectCommand = Extract<CallCommand, { readonly kind: 'reject' }>

/** Carries out `reject`. */
export function reject(core: Core, id: number, command: RejectCommand): void {
  withHalf(core, id, command, (half) => {
    if (half.phase !== 'alerting' || half.personality !== 'terminator') {
      core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
      return
    }
    rejectHalf(core, half, command.action ?? 'busy')
    core.reply(id, { kind: 'done' })
  })
}

/** Refuses an incoming call that rings, for whoever wants that: the API, or hang-up in place of it. */
export function rejectHalf(core: Core, half: CallHalf, action: NonNullable<RejectCommand['action']>): void {
  const { attempt } = half.session
  if (attempt === undefined || !attempt.ringing.has(half)) {
    leaveCall(core, half, { cause: 'busy', callerStatus: 486 })
    return
  }
  switch (action) {
    case 'busy':
      notTaken(core, attempt, half, { obstacle: 'busy', status: 486 })
      return
    case 'temporarilyUnavailable':
      notTaken(core, attempt, half, { obstacle: 'unavailable', status: 480 })
      return
    case 'ignore':
      ignore(core, attempt, half)
      return
  }
}

function ignore(core: Core, attempt: Attempt, half: CallHalf): void {
  const { caller } = attempt
  const line = attempt.called ?? half.line
  const leftMs = Math.max(0, half.createdAt + ringMsOf(core, line) - core.wallNow)
  endHalf(core, half)
  if (attempt.ringing.size > 0) return
  passRinging(core, attempt)
  if (attempt.early?.released === true) attempt.early = undefined
  arrange(core, caller.session)
  core.arm({ kind: 'half', owner: caller, wait: 'ignored' }, leftMs)
}

/** The no-answer time of an ignored call is over. */
export function ignoredLongEnough(core: Core, caller: CallHalf): void {
  const { attempt } = caller.session
  if (attempt?.caller !== caller || attempt.called === undefined || attempt.ringing.size > 0) return
  treat(core, attempt, attempt.called, { obstacle: 'noAnswer', status: 480 })
}
