/**
 * Commands that find the call themselves when only one qualifies (Ruling 18): start, stop, pause and resume recording
 * (call-controls §5.6) and push (§5.8). Mode (403) and state (409) are the engine's to check.
 */
import { bodyReader } from '../body.ts'
import type { Operation } from '../operation.ts'
import { type CallAction, forCaller } from './actor.ts'
import { optionalCallId } from './call-id.ts'
import { runCommand } from './run-command.ts'

const read = bodyReader('OptionalCallRequest')

function command(
  kind: 'startRecording' | 'stopRecording' | 'pauseRecording' | 'resumeRecording' | 'push',
): CallAction {
  return {
    async run(request, services, actorFor) {
      const body = await read(request.body)
      const actor = await actorFor(body.lineOwnerId)
      await runCommand(services, { kind, actor, ...optionalCallId(body.callId) }, 'done')
      return {}
    },
  }
}

/** Starts a recording on demand. */
export const startCallRecording: Operation = forCaller('startCallRecording', command('startRecording'))
/** Stops it; another start in the same call makes another recording. */
export const stopCallRecording: Operation = forCaller('stopCallRecording', command('stopRecording'))
/** Pauses a recording, on demand or always on. */
export const pauseCallRecording: Operation = forCaller('pauseCallRecording', command('pauseRecording'))
/** Resumes a paused recording. */
export const resumeCallRecording: Operation = forCaller('resumeCallRecording', command('resumeRecording'))
/** Pushes an assistant's call to its executive (§5.8). */
export const pushCall: Operation = forCaller('pushCall', command('push'))
