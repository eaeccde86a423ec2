/** `GET /telephony/calls`: all active calls of the caller, oldest first (call-controls §1). */
import type { Operation } from '../operation.ts'
import { callOf } from './call-view.ts'
import { actorOf, checkLineOwnerQuery, runCommand } from './run-command.ts'

/** Lists the active calls of the caller. */
export const listCalls: Operation = {
  id: 'listCalls',
  answer: 'CallList',
  async run(request, services) {
    checkLineOwnerQuery(request)
    const { calls } = await runCommand(services, { kind: 'list', actor: actorOf(request) }, 'calls')
    const active = calls.filter((call) => call.state !== 'disconnected')
    return { body: { items: active.toSorted((a, b) => a.created - b.created).map(callOf) } }
  },
}
