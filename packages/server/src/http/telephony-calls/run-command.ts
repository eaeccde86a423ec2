/** Hands a command to the call engine and turns what it refuses, and its silence, into the contract's errors. */

import { ID_CHARS_MAX, rawKey } from '@tandem/contract'
import type { CallCommand, CallResult } from '@tandem/engine'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'

type ResultOf<Kind extends CallResult['kind']> = Extract<CallResult, { kind: Kind }>

/** Runs a command that is to be answered with a result of `kind`; throws a `Failure` for any other. */
export async function runCommand<Kind extends CallResult['kind']>(
  services: Services,
  command: CallCommand,
  kind: Kind,
): Promise<ResultOf<Kind>> {
  let result: CallResult
  try {
    result = await services.calls.run(command)
  } catch (error) {
    const late = error instanceof Error && /did not answer/.test(error.message)
    throw new Failure(late ? 'calls_timeout' : 'calls_unavailable')
  }
  if (result.kind === 'refused') throw new Failure(result.error, result.detail)
  if (result.kind !== kind) throw new Error(`the call engine answered ${command.kind} with ${result.kind}`)
  return result as ResultOf<Kind> // The kind was compared.
}

/** Whom a command acts for: the caller. */
export function actorOf(request: ApiRequest): { readonly orgId: string; readonly personId: string } {
  return { orgId: request.caller.orgId, personId: request.caller.personId }
}

/** The `lineOwnerId` of a GET is a query parameter, checked like that of a body. */
export function checkLineOwnerQuery(request: ApiRequest): void {
  checkLineOwner(request, request.query.id('lineOwnerId', ID_CHARS_MAX))
}

/** Lines of others are not shared here, so the only line owner that a caller may name is the caller (403 else). */
export function checkLineOwner(request: ApiRequest, lineOwnerId: string | undefined): void {
  if (lineOwnerId === undefined) return
  if (lineOwnerId === '') throw invalid('lineOwnerId', 'must not be empty')
  const key = rawKey(lineOwnerId, ['PEOPLE', 'PLACE', 'VIRTUAL_LINE'])
  if (key !== request.caller.personId) throw new Failure('line_owner_forbidden')
}
