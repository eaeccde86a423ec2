/** What a dialled code answers: a few words that say what was done, and the end of the call that dialled it. */
import type { Sound } from '@tandem/media'
import type { CallResult } from '../commands.ts'
import type { CallHalf } from '../half/half.ts'
import type { Attempt } from '../route/attempt.ts'
import type { Core } from '../session/core.ts'
import { leaveCall } from '../session/finish.ts'
import { speak } from './machine.ts'
import { answerByMachine } from './voicemail.ts'

/** Answers whoever dialled the code with the outcome in words. */
export function tellResult(core: Core, attempt: Attempt, result: CallResult): void {
  const machine = { kind: 'announcement', token: undefined, sounds: 0 } as const
  if (!answerByMachine(core, attempt, { ...machine }, attempt.caller.line.extension)) return
  speak(core, attempt.caller, soundsOf(result))
}

/** The words are over, and the call with them. */
export function answerSpoken(core: Core, half: CallHalf): void {
  leaveCall(core, half, { cause: 'normal', callerStatus: 480 })
}

function soundsOf(result: CallResult): readonly Sound[] {
  if (result.kind === 'refused') return [{ kind: 'prompt', name: 'notPossible' }]
  if (result.kind !== 'parked') return [{ kind: 'prompt', name: 'done' }]
  return [
    { kind: 'prompt', name: 'parkedAt' },
    { kind: 'digits', digits: result.parkedAgainst.number ?? '' },
  ]
}
