/** Whose recordings a retention policy is about, as the path says it: a scope and the id of what it names. */
import { canonicalUuid, ID_CHARS_MAX, RETENTION_SCOPES, rawKey } from '@tandem/contract'
import type { RetentionScope } from '@tandem/recordings'
import { rawOwnerId } from '../converged-recordings/list-query.ts'
import { ownerIdOf } from '../converged-recordings/recording-ids.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'

/** A scope with a raw UUID; `id` is what was given when it is none. */
export interface ScopedId {
  readonly scope: RetentionScope
  readonly scopeId: string
}

/** Reads the path; an unknown scope is a 400, another organisation than the caller's a 403. */
export function scopedId(request: ApiRequest): ScopedId {
  const { scope: name = '', scopeId: id = '' } = request.params
  const scope = RETENTION_SCOPES.find((known) => known === name)
  if (scope === undefined) throw invalid('scope', `must be one of ${RETENTION_SCOPES.join(', ')}`)
  if (id.length > ID_CHARS_MAX) throw invalid('scopeId', `must have at most ${ID_CHARS_MAX} characters`)
  if (scope === 'owner') return { scope, scopeId: rawOwnerId(id) ?? id }
  if (scope === 'location') return { scope, scopeId: rawKey(id, ['LOCATION']) ?? id }
  const scopeId = rawKey(id, ['ORGANIZATION']) ?? canonicalUuid(id)
  if (scopeId !== request.caller.orgId)
    throw new Failure('organization_forbidden', 'scopeId is not an organisation that this token may act for')
  return { scope, scopeId }
}

/** Throws a 404 when the organisation has no such owner or location, and no recording of one that is gone. */
export async function checkKnown(
  services: Services,
  orgId: string,
  { scope, scopeId }: ScopedId,
): Promise<void> {
  if (scope === 'owner' && (await ownerIdOf(services, orgId, { id: scopeId })) === undefined)
    throw new Failure('owner_not_found', 'scopeId names no owner')
  if (scope !== 'location') return
  const location = await services.db.kysely
    .selectFrom('locations')
    .select('id')
    .where('org_id', '=', orgId)
    .where('id', '=', scopeId)
    .executeTakeFirst()
  if (location === undefined) throw new Failure('location_not_found', 'scopeId names no location')
}
