/** `POST /telephony/calls/divert`: sends a call on, to a destination or to voicemail (call-controls §5.3). */
import { bodyReader } from '../body.ts'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { forCaller } from './actor.ts'
import { rawCallId } from './call-id.ts'
import { runCommand } from './run-command.ts'

const read = bodyReader('DivertRequest')

/** Diverts a call; 204. With `toVoicemail` and a destination it is that user's voicemail, without one the own. */
export const divertCall: Operation = forCaller('divertCall', {
  async run(request, services, actorFor) {
    const { callId, destination, toVoicemail = false, lineOwnerId } = await read(request.body)
    if (!toVoicemail && destination === undefined) throw new Failure('destination_missing')
    const actor = await actorFor(lineOwnerId)
    const call = { kind: 'divert', actor, callId: rawCallId(callId), toVoicemail } as const
    await runCommand(services, destination === undefined ? call : { ...call, destination }, 'done')
    return {}
  },
})
