/**
 * Push (contract, call controls §5.8): an assistant's call that was meant for an executive goes to that executive.
 *
 * The executive's own phones ring, without those of the assistants, and the call moves when one of them answers; if none
 * does, it stays with the assistant.
 */
import type { CallActor, CallResult } from '../commands.ts'
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'
import { lineOf, withHalf } from './actor.ts'
import { isBusy } from './calling.ts'
import { isPassable } from './move.ts'
import { startTransfer } from './transfer-command.ts'

/** Carries out `push`. Without `callId` the line's only call that is tied to an executive is meant. */
export function push(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId?: string },
): void {
  const { actor, callId } = command
  if (callId !== undefined) {
    withHalf(core, id, { actor, callId }, (half) => core.reply(id, pushHalf(core, half)))
    return
  }
  const line = lineOf(core, actor)
  if (line === 'forbidden') {
    core.reply(id, { kind: 'refused', error: 'line_owner_forbidden' })
    return
  }
  const calls = line === undefined ? [] : core.halvesOf(line)
  const tied = calls.filter((half) => half.executive !== undefined && half.phase === 'connected')
  const [only] = tied.length > 0 ? tied : calls
  if (only === undefined || (tied.length !== 1 && calls.length !== 1))
    core.reply(id, { kind: 'refused', error: 'call_ambiguous' })
  else core.reply(id, pushHalf(core, only))
}

/** Rings the executive for `half`. */
export function pushHalf(core: Core, half: CallHalf): CallResult {
  const { executive } = half
  if (executive === undefined) return { kind: 'refused', error: 'no_executive' }
  if (!isPassable(half)) return { kind: 'refused', error: 'call_state_forbids' }
  if (core.sessions.size >= core.limits.callsMax || isBusy(core, half.line))
    return { kind: 'refused', error: 'overloaded' }
  const user = executive.extension === '' ? (executive.numbers[0] ?? '') : executive.extension
  startTransfer(core, half, { user }, { alone: true })
  return { kind: 'done' }
}
