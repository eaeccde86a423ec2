/**
 * `tandem calls`: every call control of the API from a terminal, for the person of the token. The commands are in
 * `calls/`, a file a group.
 */
import type { Command } from 'commander'
import { addConference } from './calls/conference.ts'
import { addControl } from './calls/control.ts'
import { addLook } from './calls/look.ts'
import { addMove } from './calls/move.ts'
import { addPlace } from './calls/place.ts'
import { addRecord } from './calls/record.ts'
import { addRecords } from './calls/records.ts'

/** Adds the commands. */
export function addCalls(program: Command): void {
  const calls = program.command('calls').description('see and control calls')
  addLook(calls)
  addPlace(calls)
  addControl(calls)
  addMove(calls)
  addRecord(calls)
  addConference(calls)
  addRecords(calls)
}
