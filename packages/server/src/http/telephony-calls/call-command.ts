/**
 * Commands that name a call and nothing else (call-controls §1): hangup, hold, resume, mute, unmute. What each does and in
 * which state is the engine's to know (§4); here they differ by name alone.
 */
import { bodyReader } from '../body.ts'
import type { Operation } from '../operation.ts'
import { type CallAction, forCaller } from './actor.ts'
import { rawCallId } from './call-id.ts'
import { runCommand } from './run-command.ts'

const read = bodyReader('CallRequest')

function callCommand(kind: 'hangup' | 'hold' | 'resume' | 'mute' | 'unmute'): CallAction {
  return {
    async run(request, services, actorFor) {
      const body = await read(request.body)
      const actor = await actorFor(body.lineOwnerId)
      await runCommand(services, { kind, actor, callId: rawCallId(body.callId) }, 'done')
      return {}
    },
  }
}

/** Ends a call in whatever state it is. */
export const hangup: CallAction = callCommand('hangup')

/** Ends a call of the caller. */
export const hangupCall: Operation = forCaller('hangupCall', hangup)
/** Holds a connected call; 204 once it is held. */
export const holdCall: Operation = forCaller('holdCall', callCommand('hold'))
/** Resumes a held call. */
export const resumeCall: Operation = forCaller('resumeCall', callCommand('resume'))
/** Mutes the caller; to mute twice is no error. */
export const muteCall: Operation = forCaller('muteCall', callCommand('mute'))
/** Unmutes the caller. */
export const unmuteCall: Operation = forCaller('unmuteCall', callCommand('unmute'))
