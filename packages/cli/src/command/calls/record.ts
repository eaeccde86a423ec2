/**
 * `tandem calls record start|stop|pause|resume`: the recording of a call, as far as the line's mode lets its owner.
 */
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { type LineFlags, lineOf, withLine } from './line.ts'

const COMMANDS = {
  start: { method: 'startRecording', description: 'start a recording (on demand)' },
  stop: { method: 'stopRecording', description: 'end a recording (on demand)' },
  pause: { method: 'pauseRecording', description: 'keep what follows out of the recording' },
  resume: { method: 'resumeRecording', description: 'go on with a paused recording' },
} as const

/** Adds the commands. */
export function addRecord(calls: Command): void {
  const record = calls.command('record').description('the recording of a call')
  for (const [name, { method, description }] of Object.entries(COMMANDS))
    withLine(addApiCommand(record, name, description))
      .argument('[CALL]', 'id of the call; the only one when absent')
      .action((callId: string | undefined, flags: ApiFlags & LineFlags, command: Command) =>
        withClient(command, (client) => client.calls[method]({ callId }, lineOf(flags))),
      )
}
