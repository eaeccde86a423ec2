/** Which feature carries out which command. */
import type { CallCommand } from '../commands.ts'
import type { Core } from '../session/core.ts'
import { answer } from './answer-command.ts'
import { bargeIn } from './barge-in.ts'
import { commandConference } from './conference-command.ts'
import { dial } from './dial.ts'
import { divert } from './divert.ts'
import { hangup } from './hangup.ts'
import { hold, resume } from './hold-command.ts'
import { mute } from './mute.ts'
import { park } from './park.ts'
import { pickup } from './pickup.ts'
import { pull } from './pull.ts'
import { push } from './push.ts'
import { details, list } from './questions.ts'
import { record } from './record-command.ts'
import { reject } from './reject.ts'
import { retrieve } from './retrieve.ts'
import { trace } from './trace-command.ts'
import { transfer } from './transfer-command.ts'
import { transmitDtmf } from './transmit-dtmf.ts'

/** Carries out a command; it is replied to now, or once the phone has done its part. */
export function runCommand(core: Core, id: number, command: CallCommand): void {
  switch (command.kind) {
    case 'dial':
      dial(core, id, command)
      return
    case 'hangup':
      hangup(core, id, command)
      return
    case 'reject':
      reject(core, id, command)
      return
    case 'divert':
      divert(core, id, command)
      return
    case 'transfer':
      transfer(core, id, command)
      return
    case 'park':
      park(core, id, command)
      return
    case 'retrieve':
      retrieve(core, id, command)
      return
    case 'pickup':
      pickup(core, id, command)
      return
    case 'bargeIn':
      bargeIn(core, id, command)
      return
    case 'push':
      push(core, id, command)
      return
    case 'pull':
      pull(core, id, command)
      return
    case 'startConference':
    case 'conference':
    case 'releaseConference':
    case 'holdConference':
    case 'resumeConference':
    case 'addParticipant':
    case 'deafen':
    case 'undeafen':
    case 'muteParticipant':
    case 'unmuteParticipant':
      commandConference(core, id, command)
      return
    case 'answer':
      answer(core, id, command)
      return
    case 'hold':
      hold(core, id, command)
      return
    case 'resume':
      resume(core, id, command)
      return
    case 'mute':
    case 'unmute':
      mute(core, id, { ...command, kind: command.kind })
      return
    case 'transmitDtmf':
      transmitDtmf(core, id, command)
      return
    case 'startRecording':
    case 'stopRecording':
    case 'pauseRecording':
    case 'resumeRecording':
      record(core, id, { ...command, kind: command.kind })
      return
    case 'trace':
      trace(core, id, command)
      return
    case 'list':
      list(core, id, command.actor)
      return
    case 'details':
      details(core, id, command)
      return
  }
}
