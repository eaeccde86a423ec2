/**
 * `POST /convergedRecordings/softDelete | restore | purge` (converged-recordings §9; README §3.1): of named recordings, or
 * of everything eligible of one owner. The administrator's scope makes the caller an administrator; only without it is
 * the caller a user, who reaches the own recordings. All or nothing.
 */
import { decide, grantsOf, type TokenOperationId } from '@tandem/contract'
import type { Actor, MoveKind, MoveTarget } from '@tandem/recordings'
import { bodyReader } from '../body.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { actorOf, refused } from './actor.ts'
import { failureOf } from './outcome.ts'
import { distinctIds, given, ownerIdOf } from './recording-ids.ts'

/** What a body says, whichever flag it has. */
interface MoveBody {
  readonly flag: 'trashAll' | 'restoreAll' | 'purgeAll'
  readonly all: boolean | undefined
  readonly ownerEmail?: string | undefined
  readonly recordingIds?: readonly string[] | undefined
}

const readSoftDelete = bodyReader('SoftDeleteRequest')
const readRestore = bodyReader('RestoreRequest')
const readPurge = bodyReader('PurgeRequest')

/** Moves available recordings to the recycle bin. */
export const softDeleteConvergedRecordings: Operation = moving(
  'softDeleteConvergedRecordings',
  'softDelete',
  async (body) => {
    const { trashAll: all, ...rest } = await readSoftDelete(body)
    return { flag: 'trashAll', all, ...rest }
  },
)

/** Takes recordings out of the recycle bin. */
export const restoreConvergedRecordings: Operation = moving(
  'restoreConvergedRecordings',
  'restore',
  async (body) => {
    const { restoreAll: all, ...rest } = await readRestore(body)
    return { flag: 'restoreAll', all, ...rest }
  },
)

/** Withdraws recordings of the recycle bin from users and administrators for good. */
export const purgeConvergedRecordings: Operation = moving(
  'purgeConvergedRecordings',
  'purge',
  async (body) => {
    const { purgeAll: all, ...rest } = await readPurge(body)
    return { flag: 'purgeAll', all, ...rest }
  },
)

type MoveOperationId = Extract<TokenOperationId, `${'softDelete' | 'restore' | 'purge'}ConvergedRecordings`>

function moving(id: MoveOperationId, kind: MoveKind, read: (body: unknown) => Promise<MoveBody>): Operation {
  return {
    id,
    async run(request, services) {
      const as = grantsOf(id, request.caller)[0]?.as ?? 'user'
      const wanted = wantedOf(await read(request.body), as === 'admin')
      const actor = actorOf(request, as)
      try {
        if (as === 'user' && kind !== 'restore') await checkAccess(request, services, id, wanted.ids)
        const target = await targetOf(services, actor, wanted)
        const failure = failureOf(await services.recordings.lifecycle.move(actor, kind, target))
        if (failure !== undefined) throw failure
        return {}
      } catch (error) {
        throw error instanceof Failure ? await refused(services, { actor, operation: id }, error) : error
      }
    },
  }
}

interface Wanted {
  readonly all: boolean
  readonly ownerEmail?: string
  readonly ids: readonly string[]
}

/** The table of §9: which members may stand together. */
function wantedOf(body: MoveBody, isAdmin: boolean): Wanted {
  const ownerEmail = given(body.ownerEmail)
  const ids = distinctIds(body.recordingIds)
  if (body.all !== true) {
    if (ownerEmail !== undefined) throw invalid('ownerEmail', `is for ${body.flag} alone`)
    if (ids.length === 0) throw invalid('recordingIds', `is required without ${body.flag}`)
    return { all: false, ids }
  }
  if (ids.length > 0) throw invalid('recordingIds', `must be empty with ${body.flag}`)
  if (!isAdmin && ownerEmail !== undefined) throw invalid('ownerEmail', 'is for administrators alone')
  if (isAdmin && ownerEmail === undefined) throw invalid('ownerEmail', `is required with ${body.flag}`)
  return { all: true, ids, ...(ownerEmail === undefined ? {} : { ownerEmail }) }
}

async function targetOf(services: Services, actor: Actor, wanted: Wanted): Promise<MoveTarget> {
  const { all, ids, ownerEmail } = wanted
  if (!all) return actor.as === 'user' ? { ids, ownerIds: [actor.personId] } : { ids }
  if (ownerEmail === undefined) return { allOf: actor.personId }
  const owner = await ownerIdOf(services, actor.orgId, { email: ownerEmail })
  if (owner === undefined) throw new Failure('owner_not_found', 'ownerEmail names nobody')
  return { allOf: owner }
}

/** What the owner's access settings forbid is a 403, but not before what is not there is a 404 (README §4). */
async function checkAccess(
  request: ApiRequest,
  services: Services,
  operation: MoveOperationId,
  ids: readonly string[],
): Promise<void> {
  const { caller } = request
  const access = await services.lines.recordingAccess(caller.orgId, caller.personId)
  if (access.deleteRecordingsEnabled) return
  for (const id of ids) {
    const recording = await services.recordings.get(caller.orgId, id)
    const isVisible = recording !== undefined && decide(operation, caller, recording).kind === 'allowed'
    if (!isVisible) throw failureOf({ kind: 'missing', id }) ?? new Failure('recording_not_found')
  }
  throw new Failure('access_forbidden')
}
