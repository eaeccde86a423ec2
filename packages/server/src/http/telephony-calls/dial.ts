/**
 * `POST /telephony/calls/dial`: rings the caller's devices, or one of them, and then the destination (call-controls
 * §5.1). The 201 means that it has begun; the ids are those of the click-to-dial call.
 */
import { encodeCallId, encodeCallSessionId, rawKey } from '@tandem/contract'
import type { CallCommand } from '@tandem/engine'
import { bodyReader } from '../body.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { actorOf, checkLineOwner, runCommand } from './run-command.ts'

const read = bodyReader('DialRequest')

/** Places a click-to-dial call. */
export const dialCall: Operation = {
  id: 'dialCall',
  answer: 'CallInfo',
  async run(request, services) {
    const body = await read(request.body)
    const { endpointId, singleNumberReachPhoneNumber } = body
    if (endpointId !== undefined && singleNumberReachPhoneNumber !== undefined)
      throw invalid('endpointId', 'and singleNumberReachPhoneNumber exclude each other')
    if (singleNumberReachPhoneNumber !== undefined) throw new Failure('number_reach_unknown') // Nobody has one here.
    const device = endpointId === undefined ? undefined : await deviceOf(request, services, endpointId)
    checkLineOwner(request, body.lineOwnerId)
    const command: CallCommand = {
      kind: 'dial',
      actor: actorOf(request),
      destination: body.destination,
      ...(device === undefined ? {} : { endpointId: device }),
    }
    const placed = await runCommand(services, command, 'placed')
    return {
      body: {
        callId: encodeCallId(placed.callId),
        callSessionId: encodeCallSessionId(placed.callSessionId),
      },
    }
  },
}

/** The raw id of one of the caller's own devices. */
async function deviceOf(request: ApiRequest, services: Services, endpointId: string): Promise<string> {
  const id = rawKey(endpointId, ['DEVICE', 'APPLICATION'])
  const { orgId, personId } = request.caller
  const device =
    id === undefined
      ? undefined
      : await services.db.kysely
          .selectFrom('devices')
          .select('id')
          .where('org_id', '=', orgId)
          .where('person_id', '=', personId)
          .where('id', '=', id)
          .executeTakeFirst()
  if (device === undefined) throw new Failure('endpoint_unknown')
  return device.id
}
