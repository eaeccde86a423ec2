/** Which feature carries out which command. */
import type { CallCommand } from '../commands.ts'
import type { Core } from '../session/core.ts'
import { dial } from './dial.ts'
import { divert } from './divert.ts'
import { hangup } from './hangup.ts'
import { details, list } from './questions.ts'
import { reject } from './reject.ts'

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
    case 'list':
      list(core, id, command.actor)
      return
    case 'details':
      details(core, id, command)
      return
    default:
      core.reply(id, { kind: 'refused', error: 'call_state_forbids' })
  }
}
