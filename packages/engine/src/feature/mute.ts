/**
 * Mute and unmute (contract, call controls §4): the line's own voice is left out, at the anchor. The other side's view is
 * none the wiser, and saying it twice changes nothing.
 */
import { arrange } from '../bridge/arrange.ts'
import type { CallActor } from '../commands.ts'
import { stateOf } from '../half/view.ts'
import type { Core } from '../session/core.ts'
import { withHalf } from './actor.ts'

/** Carries out `mute` and `unmute`. */
export function mute(
  core: Core,
  id: number,
  command: {
    readonly kind: 'mute' | 'unmute'
    readonly actor: CallActor
    readonly callId: string
  },
): void {
  withHalf(core, id, command, (half) => {
    const state = stateOf(half)
    if (state !== 'connected' && state !== 'held') {
      core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
      return
    }
    const muted = command.kind === 'mute'
    if (half.muted !== muted) {
      half.muted = muted
      arrange(core, half.session)
      core.publish(half, 'updated', muted ? 'muted' : 'unmuted')
    }
    core.reply(id, { kind: 'done' })
  })
}
