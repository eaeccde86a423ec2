/**
 * `tandem recordings`: find, fetch, keep, take away and bring in recordings from a terminal. What a command may do depends
 * on the role of the token. The commands are in `recordings/`, a file a group.
 */
import type { Command } from 'commander'
import { addChange } from './recordings/change.ts'
import { addFetch } from './recordings/fetch.ts'
import { addHold } from './recordings/hold.ts'
import { addImport } from './recordings/import.ts'
import { addLook } from './recordings/look.ts'
import { addMove } from './recordings/move.ts'

/** Adds the commands. */
export function addRecordings(program: Command): void {
  const recordings = program.command('recordings').description('find, fetch, keep and import recordings')
  addLook(recordings)
  addFetch(recordings)
  addMove(recordings)
  addChange(recordings)
  addHold(recordings)
  addImport(recordings)
}
