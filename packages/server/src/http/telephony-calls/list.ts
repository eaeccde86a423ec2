/** `GET /telephony/calls`: all active calls of a line, oldest first (call-controls §1). */
import type { Operation } from '../operation.ts'
import { type CallAction, forCaller, queriedLineOwner } from './actor.ts'
import { callOf } from './call-view.ts'
import { runCommand } from './run-command.ts'

/** Lists the active calls. */
export const list: CallAction = {
  answer: 'CallList',
  async run(request, services, actorFor) {
    const actor = await actorFor(queriedLineOwner(request))
    const { calls } = await runCommand(services, { kind: 'list', actor }, 'calls')
    const active = calls.filter((call) => call.state !== 'disconnected')
    return { body: { items: active.toSorted((a, b) => a.created - b.created).map(callOf) } }
  },
}

/** Lists the active calls of the caller. */
export const listCalls: Operation = forCaller('listCalls', list)
