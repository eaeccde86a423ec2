/**
 * For whom an operation on meeting recordings acts (meeting-recordings, its head; README §3.1): for the caller, or for the
 * host that an administrator or compliance officer names with `hostEmail`. Anybody else's `hostEmail` is ignored, and an
 * administrator without one acts for itself.
 */
import { EMAIL_CHARS_MAX, type Grant, grantsOf, type TokenOperationId } from '@tandem/contract'
import type { Actor } from '@tandem/recordings'
import { actorOf, refused } from '../converged-recordings/actor.ts'
import { given, ownerIdOf } from '../converged-recordings/recording-ids.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'
import { FULL_ACCESS, type RecordingAccess } from '../ports.ts'

/** Somebody who hosts meetings or is given a share of them. */
export interface Host {
  readonly id: string
  readonly email: string
}

/** Who acts, for whom, and how far that reaches. */
export interface Acting {
  readonly actor: Actor
  readonly person: Host
  /** Whether `hostEmail` named the person. */
  readonly isNamed: boolean
  /** The row of the rights table that is acted by. */
  readonly grant: Grant
  /** What the host's settings leave a caller that acts for itself; everything for the others. */
  readonly access: RecordingAccess
}

/** Reads `hostEmail` for a caller for whom it counts; for others it may be anything. */
export function hostEmailOf(
  request: ApiRequest,
  operation: TokenOperationId,
  email: string | undefined,
): string | undefined {
  if (!grantsOf(operation, request.caller).some((grant) => grant.reach === 'organization')) return undefined
  if (email !== undefined && email.length > EMAIL_CHARS_MAX)
    throw invalid('hostEmail', `must have at most ${EMAIL_CHARS_MAX} characters`)
  return given(email)
}

/** Who acts for whom; `host_forbidden` for a host of nowhere or of elsewhere, written down. */
export async function actingFor(
  request: ApiRequest,
  services: Services,
  operation: TokenOperationId,
  email: string | undefined,
): Promise<Acting> {
  const { orgId, personId } = request.caller
  const [grant] = grantsOf(operation, request.caller)
  if (grant === undefined) throw new Failure('scope_missing') // Checked before; denied by default.
  const hostEmail = hostEmailOf(request, operation, email)
  if (hostEmail !== undefined) {
    const actor = actorOf(request, grant.as)
    const person = await hostOf(services, orgId, hostEmail)
    if (person === undefined)
      throw await refused(services, { actor, operation }, new Failure('host_forbidden'))
    return { actor, person, isNamed: true, grant, access: FULL_ACCESS }
  }
  const actor = actorOf(request, grant.as === 'admin' ? 'user' : grant.as)
  const [self, access] = await Promise.all([
    services.owners.byId(orgId, personId),
    actor.as === 'user' ? services.lines.recordingAccess(orgId, personId) : FULL_ACCESS,
  ])
  return { actor, person: { id: personId, email: self?.email ?? '' }, isNamed: false, grant, access }
}

/** The person with this email, also one who has left and is known by the own recordings alone. */
export async function hostOf(services: Services, orgId: string, email: string): Promise<Host | undefined> {
  const owner = await services.owners.byEmail(orgId, email)
  if (owner !== undefined) return owner.type === 'user' ? { id: owner.id, email: owner.email } : undefined
  const id = await ownerIdOf(services, orgId, { email })
  return id === undefined ? undefined : { id, email }
}
