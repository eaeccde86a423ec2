/** The beep that reminds everybody of a recording (contract, call-recording settings §1, `repeat`). */
import type { CallHalf } from '../half/half.ts'
import type { Core } from '../session/core.ts'
import { listenersOf, tellAll } from './announcement.ts'

/** Sets the next beep of the recording of `half`, if its line wants any. */
export function armBeep(core: Core, half: CallHalf): void {
  const { repeatSeconds } = half.line.recording
  if (repeatSeconds !== undefined)
    core.arm({ kind: 'half', owner: half, wait: 'beep' }, repeatSeconds * 1_000)
}

/** A beep is due. The beat goes on while the recording is paused or the call held, unheard. */
export function beepDue(core: Core, half: CallHalf): void {
  const { recording } = half
  if (recording?.isOpen !== true) return
  armBeep(core, half)
  const talkers = listenersOf(half)
  const isTalk = talkers.length > 1 && talkers.includes(half) && half.notice === undefined
  if (recording.state === 'started' && isTalk)
    tellAll(core, half, { kind: 'beep' }, { recordings: [recording.id] })
}
