/**
 * `tandem trace`: the SIP ladder of one conversation, for administrators. The server has left out personal data.
 */
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../api-command.ts'
import { ladderLines } from '../ladder.ts'
import { printJson } from '../output.ts'

type Flags = ApiFlags & { readonly details: boolean }

/** Adds the command. */
export function addTrace(program: Command): void {
  addApiCommand(program, 'trace', 'the SIP ladder of a conversation, without personal data')
    .argument('<SESSION>', 'its id: callSessionId of a call, a call record or a recording')
    .option('--details', 'with header fields and SDP', false)
    .action(trace)
}

async function trace(session: string, flags: Flags, command: Command): Promise<void> {
  const answer = await withClient(command, (client) => client.tandem.trace(session))
  if (flags.json) return printJson(answer)
  for (const line of ladderLines(answer.messages, flags)) console.log(line)
}
