/**
 * Hold and resume by the API (contract, call controls §4).
 *
 * A phone that takes `hold` is asked to hold by itself, so that its display agrees; every other one, and one that does not
 * do it, is held at the anchor. What the phone holds only the phone can take up again.
 */
import type { CallActor } from '../commands.ts'
import { stateOf } from '../half/view.ts'
import type { Core } from '../session/core.ts'
import { withHalf } from './actor.ts'
import { setHold } from './hold.ts'
import { askPhone, takes } from './remote-control.ts'

interface HoldCommand {
  readonly actor: CallActor
  readonly callId: string
}

/** Carries out `hold`. */
export function hold(core: Core, id: number, command: HoldCommand): void {
  withHalf(core, id, command, (half) => {
    const state = stateOf(half)
    if (state !== 'connected' && state !== 'remoteHeld') {
      core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
      return
    }
    const { leg } = half
    if (leg !== undefined && takes(core, leg, 'hold')) {
      askPhone(core, half, { act: 'hold', leg, id })
      return
    }
    setHold(core, half, { byAnchor: true })
    core.reply(id, { kind: 'done' })
  })
}

/** Carries out `resume`. */
export function resume(core: Core, id: number, command: HoldCommand): void {
  withHalf(core, id, command, (half) => {
    const { leg } = half
    if (stateOf(half) !== 'held') {
      core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
    } else if (!half.heldByPhone) {
      setHold(core, half, { byAnchor: false })
      core.reply(id, { kind: 'done' })
    } else if (leg !== undefined && takes(core, leg, 'resume')) {
      askPhone(core, half, { act: 'resume', leg, id })
    } else {
      core.reply(id, { kind: 'refused', error: 'phone_cannot' })
    }
  })
}
