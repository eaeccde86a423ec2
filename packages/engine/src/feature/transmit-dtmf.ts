/**
 * Transmit DTMF (contract, call controls §5.7): the digits go to whoever the line talks to, in order, `,` as a pause. Before
 * a machine of ours they are its user's keys.
 */
import type { CallActor } from '../commands.ts'
import { stateOf } from '../half/view.ts'
import type { Core } from '../session/core.ts'
import { withQualified } from './actor.ts'
import { sendToOthers } from './digits.ts'
import { keyPressed } from './keys.ts'

/** Most characters of one command: a card number with its check digits takes under forty, and a queue must end. */
export const DTMF_LENGTH_MAX = 256

/** Carries out `transmitDtmf`; replied to when the digits are on their way. */
export function transmitDtmf(
  core: Core,
  id: number,
  command: { readonly actor: CallActor; readonly callId?: string; readonly dtmf: string },
): void {
  const { dtmf } = command
  if (!/^[0-9*#A-D,]+$/.test(dtmf) || dtmf.length > DTMF_LENGTH_MAX) {
    core.reply(id, { kind: 'refused', error: 'dtmf_invalid' })
    return
  }
  const isTalk = (half: Parameters<typeof stateOf>[0]): boolean => stateOf(half) === 'connected'
  withQualified(core, id, command, [isTalk], (half) => {
    if (!isTalk(half)) {
      core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
      return
    }
    const { leg, machine } = half
    if (machine === undefined) sendToOthers(core, half, dtmf)
    else if (leg !== undefined) for (const key of dtmf.replaceAll(',', '')) keyPressed(core, leg, key)
    core.reply(id, { kind: 'done' })
  })
}
