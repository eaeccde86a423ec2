/**
 * `POST /convergedRecordings/reassign` (converged-recordings §8; Ruling 19): gives recordings a new owner, those of an
 * owner, those of a list, or those of a list that an owner has. All or nothing.
 */
import type { ReassignRequest } from '@tandem/contract'
import type { Owner } from '@tandem/recordings'
import { bodyReader } from '../body.ts'
import { Failure, invalid } from '../failure.ts'
import type { Operation, Services } from '../operation.ts'
import { actorOf, refused } from './actor.ts'
import { rawOwnerId } from './list-query.ts'
import { failureOf } from './outcome.ts'
import { distinctIds, given, ownerIdOf } from './recording-ids.ts'

const operation = 'reassignConvergedRecordings'
const read = bodyReader('ReassignRequest')

/** Reassigns recordings; administrators only. */
export const reassignConvergedRecordings: Operation = {
  id: operation,
  async run(request, services) {
    const body = await read(request.body)
    const wanted = wantedOf(body)
    const { orgId } = request.caller
    const actor = actorOf(request, 'admin')
    try {
      const to = await newOwner(services, orgId, wanted.to)
      const from = await currentOwner(services, orgId, wanted)
      const outcome = await services.recordings.lifecycle.reassign(actor, {
        to,
        ...(from === undefined ? {} : { from }),
        ...(wanted.ids.length === 0 ? {} : { ids: wanted.ids }),
      })
      const failure = failureOf(outcome)
      if (failure !== undefined) throw failure
      return {}
    } catch (error) {
      throw error instanceof Failure ? await refused(services, { actor, operation }, error) : error
    }
  },
}

interface Wanted {
  readonly to: string
  readonly fromEmail?: string
  readonly fromId?: string
  readonly ids: readonly string[]
}

/** `ownerEmail` decides over `ownerID`, which decides over `ownerId`. */
function wantedOf(body: ReassignRequest): Wanted {
  const to = given(body.reassignOwnerEmail)
  if (to === undefined) throw invalid('reassignOwnerEmail', 'is required')
  const ids = distinctIds(body.recordingIds)
  const fromEmail = given(body.ownerEmail)
  const fromId = given(body.ownerID) ?? given(body.ownerId)
  if (fromEmail !== undefined) return { to, ids, fromEmail }
  if (fromId !== undefined) return { to, ids, fromId }
  if (ids.length === 0) throw invalid('ownerEmail, ownerID or recordingIds', 'is required')
  return { to, ids }
}

async function newOwner(services: Services, orgId: string, email: string): Promise<Owner> {
  const owner = await services.owners.byEmail(orgId, email)
  if (owner === undefined) throw new Failure('owner_not_found', 'reassignOwnerEmail names nobody')
  if (owner.type !== 'user') throw new Failure('new_owner_invalid')
  return owner
}

async function currentOwner(services: Services, orgId: string, wanted: Wanted): Promise<string | undefined> {
  const { fromEmail, fromId } = wanted
  if (fromEmail === undefined && fromId === undefined) return undefined
  const raw = rawOwnerId(fromId ?? '')
  const owner = fromEmail !== undefined ? { email: fromEmail } : { id: raw ?? '' }
  const found = await ownerIdOf(services, orgId, owner)
  if (found === undefined)
    throw new Failure('owner_not_found', `${fromEmail === undefined ? 'ownerID' : 'ownerEmail'} names nobody`)
  return found
}
