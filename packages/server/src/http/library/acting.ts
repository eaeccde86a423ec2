/** Who acts in an operation that is about no single recording: the widest role that the caller's scopes give. */
import { grantsOf, type TokenOperationId } from '@tandem/contract'
import type { Actor } from '@tandem/recordings'
import { actorOf, refused } from '../converged-recordings/actor.ts'
import { Failure } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'

/** The caller in that role. Without one nobody gets this far. */
export function acting(request: ApiRequest, operation: TokenOperationId): Actor {
  const [grant] = grantsOf(operation, request.caller)
  if (grant === undefined) throw new Failure('scope_missing')
  return actorOf(request, grant.as)
}

/** Runs what may be refused, and writes a refusal down before it is thrown (promise P17). */
export async function noted<Result>(
  services: Services,
  about: { readonly actor: Actor; readonly operation: TokenOperationId; readonly recordingId?: string },
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof Failure ? await refused(services, about, error) : error
  }
}
