/**
 * `tandem meetings`: the recordings of meetings, which come in by `tandem recordings import`. `--host` makes an
 * administrator act for a host. The commands are in `meetings/`, a file a group.
 */
import type { Command } from 'commander'
import { addFetch } from './meetings/fetch.ts'
import { addLook } from './meetings/look.ts'
import { addMove } from './meetings/move.ts'

/** Adds the commands. */
export function addMeetings(program: Command): void {
  const meetings = program.command('meetings').description('the recordings of meetings')
  addLook(meetings)
  addFetch(meetings)
  addMove(meetings)
}
