/**
 * Where calls are answered when the API names no device (call-controls §9): of a person, by themselves or by an
 * administrator; of the caller; of a line that appears on the caller's phones as a secondary one.
 */
import {
  decide,
  encodeWebexId,
  type PreferredAnswerEndpoint,
  rawKey,
  type TokenOperationId,
} from '@tandem/contract'
import { bodyReader } from '../body.ts'
import { Failure } from '../failure.ts'
import { lineOf } from '../lines/line.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import type { LineDevice } from '../ports.ts'

const readChoice = bodyReader('PreferredAnswerEndpointRequest')
const readMyChoice = bodyReader('MyPreferredAnswerEndpointRequest')

/** `GET /telephony/config/people/{personId}/preferredAnswerEndpoint`. */
export const getPreferredAnswerEndpoint: Operation = {
  id: 'getPreferredAnswerEndpoint',
  answer: 'PreferredAnswerEndpoint',
  async run(request, services) {
    const lineId = await personOf(request, services, 'getPreferredAnswerEndpoint')
    const { chosen, devices } = await choiceOf(services, request.caller.orgId, lineId)
    const body: PreferredAnswerEndpoint = {
      ...(chosen === undefined ? {} : { preferredAnswerEndpointId: encodeWebexId('DEVICE', chosen.id) }),
      endpoints: devices.map(endpointOf),
    }
    return { body }
  },
}

/** `PUT` on the same path; `null` clears the choice. */
export const setPreferredAnswerEndpoint: Operation = {
  id: 'setPreferredAnswerEndpoint',
  async run(request, services) {
    const { preferredAnswerEndpointId } = await readChoice(request.body)
    const lineId = await personOf(request, services, 'setPreferredAnswerEndpoint')
    await choose(services, request.caller.orgId, lineId, preferredAnswerEndpointId)
    return {}
  },
}

/** `GET …/me/settings/preferredAnswerEndpoint`, and of a secondary line. */
export const getMyPreferredAnswerEndpoint: Operation = myGet('getMyPreferredAnswerEndpoint', ownLine)
/** `PUT …/me/settings/preferredAnswerEndpoint`. */
export const setMyPreferredAnswerEndpoint: Operation = mySet('setMyPreferredAnswerEndpoint', ownLine)
/** `GET …/me/settings/secondaryLines/{lineOwnerId}/preferredAnswerEndpoint`. */
export const getSecondaryLinePreferredAnswerEndpoint: Operation = myGet(
  'getSecondaryLinePreferredAnswerEndpoint',
  secondaryLine,
)
/** `PUT …/me/settings/secondaryLines/{lineOwnerId}/preferredAnswerEndpoint`. */
export const setSecondaryLinePreferredAnswerEndpoint: Operation = mySet(
  'setSecondaryLinePreferredAnswerEndpoint',
  secondaryLine,
)

type LineFinder = (request: ApiRequest, services: Services) => Promise<string>

function myGet(id: TokenOperationId, lineFor: LineFinder): Operation {
  return {
    id,
    answer: 'MyPreferredAnswerEndpoint',
    async run(request, services) {
      const lineId = await lineFor(request, services)
      const { chosen } = await choiceOf(services, request.caller.orgId, lineId)
      return { body: chosen === undefined ? {} : endpointOf(chosen) }
    },
  }
}

function mySet(id: TokenOperationId, lineFor: LineFinder): Operation {
  return {
    id,
    async run(request, services) {
      const choice = await readMyChoice(request.body)
      await choose(services, request.caller.orgId, await lineFor(request, services), choice.id)
      return {}
    },
  }
}

/** The person of the path, where the caller may see them: another's is as unknown as nobody's. */
async function personOf(
  request: ApiRequest,
  services: Services,
  operation: TokenOperationId,
): Promise<string> {
  const { id } = await lineOf(request, services, { parameter: 'personId', kinds: ['person'] })
  const { caller } = request
  const verdict = decide(operation, caller, { orgId: caller.orgId, ownerId: id })
  if (verdict.kind !== 'allowed') throw new Failure('line_not_found')
  return id
}

async function ownLine(request: ApiRequest): Promise<string> {
  return request.caller.personId
}

async function secondaryLine(request: ApiRequest, services: Services): Promise<string> {
  const { orgId, personId } = request.caller
  const id = rawKey(request.params['lineOwnerId'] ?? '', ['PEOPLE', 'PLACE', 'VIRTUAL_LINE'])
  const lines = await services.lines.secondaryLinesOf(orgId, personId)
  if (id === undefined || !lines.includes(id)) throw new Failure('line_owner_forbidden')
  return id
}

async function choiceOf(
  services: Services,
  orgId: string,
  lineId: string,
): Promise<{ readonly chosen: LineDevice | undefined; readonly devices: readonly LineDevice[] }> {
  const [devices, preferred] = await Promise.all([
    services.lines.devicesOf(orgId, lineId),
    services.lines.preferredEndpoint(orgId, lineId),
  ])
  return { devices, chosen: devices.find((device) => device.id === preferred) }
}

async function choose(
  services: Services,
  orgId: string,
  lineId: string,
  choice: string | null,
): Promise<void> {
  if (choice === null) return services.lines.setPreferredEndpoint(orgId, lineId, null)
  const id = rawKey(choice, ['DEVICE', 'APPLICATION'])
  const devices = await services.lines.devicesOf(orgId, lineId)
  if (id === undefined || !devices.some((device) => device.id === id)) throw new Failure('endpoint_unknown')
  return services.lines.setPreferredEndpoint(orgId, lineId, id)
}

function endpointOf(device: LineDevice): { id: string; type: 'DEVICE'; name: string } {
  return { id: encodeWebexId('DEVICE', device.id), type: device.kind, name: device.name }
}
