/**
 * Whose calls an operation acts on. The same action serves three paths: the caller's own line (with `lineOwnerId` for a
 * secondary line of the caller's phones, call-controls §3), a member that an administrator names, and the caller's
 * own member path (§8).
 */
import { ID_CHARS_MAX, rawKey, type Schemas, type TokenOperationId } from '@tandem/contract'
import type { CallActor } from '@tandem/engine'
import { Failure } from '../failure.ts'
import { lineOf } from '../lines/line.ts'
import type { ApiAnswer, ApiRequest, Operation, Services } from '../operation.ts'

/**
 * Finds whom to act for, once the request itself is known to be in order. `lineOwnerId` is that of the body, or of the query
 * where the operation has no body.
 */
export type ActorFinder = (lineOwnerId: string | undefined) => Promise<CallActor>

/** What an operation does, whoever's calls they are. */
export interface CallAction {
  readonly answer?: keyof Schemas
  run(request: ApiRequest, services: Services, actor: ActorFinder): Promise<ApiAnswer>
}

/** The operation for the caller's own line. */
export function forCaller(id: TokenOperationId, action: CallAction): Operation {
  return {
    ...named(id, action),
    run: (request, services) =>
      action.run(request, services, async (lineOwnerId) => callerActor(request, lineOwnerId)),
  }
}

/** The operation for a member of the organisation; `lineOwnerId` is no parameter there. */
export function forMember(id: TokenOperationId, action: CallAction): Operation {
  return {
    ...named(id, action),
    run: (request, services) =>
      action.run(request, services, async () => {
        const member = await lineOf(request, services, {
          parameter: 'memberId',
          kinds: ['person', 'place', 'virtualLine'],
        })
        return { orgId: request.caller.orgId, lineId: member.id }
      }),
  }
}

/** The `lineOwnerId` of an operation without a body. */
export function queriedLineOwner(request: ApiRequest): string | undefined {
  return request.query.id('lineOwnerId', ID_CHARS_MAX)
}

function named(id: TokenOperationId, action: CallAction): Pick<Operation, 'id' | 'answer'> {
  return action.answer === undefined ? { id } : { id, answer: action.answer }
}

/** Whether a line may be acted for is the engine's to say; what names no line at all is refused here. */
function callerActor(request: ApiRequest, lineOwnerId: string | undefined): CallActor {
  const { orgId, personId } = request.caller
  if (lineOwnerId === undefined) return { orgId, lineId: personId }
  const key = rawKey(lineOwnerId, ['PEOPLE', 'PLACE', 'VIRTUAL_LINE'])
  if (key === undefined) throw new Failure('line_owner_forbidden')
  return key === personId ? { orgId, lineId: personId } : { orgId, lineId: personId, lineOwnerId: key }
}
