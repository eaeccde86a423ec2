/**
 * `GET /tandem/v1/calls/{callSessionId}/trace`: the SIP ladder of a conversation, for administrators (contract README
 * §11). Personal data was left out by the engine. Only a conversation of the own organisation is shown: the engine's
 * answer says whose it is, or the call record does; when neither does, there is none.
 */
import {
  type CallTrace,
  canonicalUuid,
  decodeCallSessionId,
  encodeCallSessionId,
  printMilliseconds,
} from '@tandem/contract'
import { Failure } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { runCommand } from './run-command.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Shows the trace of one conversation, by its id as call controls or as recordings show it. */
export const getCallTrace: Operation = {
  id: 'getCallTrace',
  answer: 'CallTrace',
  async run(request, services) {
    const id = request.params['callSessionId'] ?? ''
    const callSessionId = canonicalUuid(decodeCallSessionId(id) ?? id)
    if (!UUID.test(callSessionId)) throw new Failure('session_not_found')
    const { orgId } = request.caller
    const result = await runCommand(services, { kind: 'trace', callSessionId }, 'trace')
    if (result.messages.length === 0) throw new Failure('session_not_found')
    const ours = 'orgId' in result && result.orgId === orgId
    if (!ours && !(await services.callRecords.has(orgId, callSessionId)))
      throw new Failure('session_not_found')
    const trace: CallTrace = {
      callSessionId: encodeCallSessionId(callSessionId),
      messages: result.messages.map(({ at, direction, leg, title, lines }) => ({
        time: printMilliseconds(at),
        direction,
        leg,
        title,
        lines: [...lines],
      })),
    }
    return { body: trace }
  },
}
