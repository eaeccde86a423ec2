/**
 * `POST /recordings/softDelete | restore | purge` (meeting-recordings §5): of named recordings, or of everything in the
 * recycle bin that the acting host has on a site. All or nothing; all on one site, by the host alone.
 */
import type { TokenOperationId } from '@tandem/contract'
import type { MoveKind, MoveTarget } from '@tandem/recordings'
import { bodyReader } from '../body.ts'
import { refused } from '../converged-recordings/actor.ts'
import { failureOf } from '../converged-recordings/outcome.ts'
import { distinctIds, given } from '../converged-recordings/recording-ids.ts'
import { Failure, invalid } from '../failure.ts'
import type { Operation, Services } from '../operation.ts'
import { type Acting, actingFor, hostEmailOf } from './acting.ts'
import { foundMeeting } from './found-meeting.ts'
import { preferredSite } from './site.ts'

/** What a body says, whichever flag it has. */
interface MoveBody {
  readonly flag?: 'restoreAll' | 'purgeAll'
  readonly all?: boolean | undefined
  readonly recordingIds?: readonly string[] | undefined
  readonly siteUrl?: string | undefined
}

const readSoftDelete = bodyReader('MeetingSoftDeleteRequest')
const readRestore = bodyReader('MeetingRestoreRequest')
const readPurge = bodyReader('MeetingPurgeRequest')

/** Moves available recordings to the recycle bin; there is no "all". */
export const softDeleteMeetingRecordings: Operation = moving(
  'softDeleteMeetingRecordings',
  'softDelete',
  readSoftDelete,
)

/** Takes recordings out of the recycle bin. */
export const restoreMeetingRecordings: Operation = moving(
  'restoreMeetingRecordings',
  'restore',
  async (body) => {
    const { restoreAll: all, ...rest } = await readRestore(body)
    return { flag: 'restoreAll', all, ...rest }
  },
)

/** Withdraws recordings of the recycle bin from users and administrators for good. */
export const purgeMeetingRecordings: Operation = moving('purgeMeetingRecordings', 'purge', async (body) => {
  const { purgeAll: all, ...rest } = await readPurge(body)
  return { flag: 'purgeAll', all, ...rest }
})

type MoveOperationId = Extract<TokenOperationId, `${'softDelete' | 'restore' | 'purge'}MeetingRecordings`>

function moving(id: MoveOperationId, kind: MoveKind, read: (body: unknown) => Promise<MoveBody>): Operation {
  return {
    id,
    async run(request, services) {
      const body = await read(request.body)
      const ids = namedIds(body)
      const hostEmail = hostEmailOf(request, id, request.query.raw('hostEmail'))
      const acting = await actingFor(request, services, id, hostEmail)
      const { actor, person } = acting
      const siteUrl = given(body.siteUrl) ?? (await preferredSite(services, actor.orgId))
      try {
        await checkHosted(services, { id, kind, acting, ids, siteUrl })
        const target: MoveTarget =
          body.all === true
            ? { only: 'meeting', allOf: person.id, siteUrl }
            : { only: 'meeting', ids, ownerIds: [person.id] }
        const failure = failureOf(await services.recordings.lifecycle.move(actor, kind, target))
        if (failure !== undefined) throw failure
        return {}
      } catch (error) {
        // What is not seen was written down where it was looked for.
        if (!(error instanceof Failure) || error.error === 'recording_not_found') throw error
        throw await refused(services, { actor, operation: id }, error)
      }
    },
  }
}

/** The ids of a body; none with the flag, 1 to 100 without it. */
function namedIds(body: MoveBody): readonly string[] {
  const ids = distinctIds(body.recordingIds)
  if (body.all === true && ids.length > 0) throw invalid('recordingIds', `must be empty with ${body.flag}`)
  if (body.all !== true && ids.length === 0)
    throw invalid(
      'recordingIds',
      body.flag === undefined ? 'is required' : `is required without ${body.flag}`,
    )
  return ids
}

/** In the contract's order: what is not there is 404, what is elsewhere 400, what is somebody else's or forbidden 403. */
async function checkHosted(
  services: Services,
  move: {
    readonly id: MoveOperationId
    readonly kind: MoveKind
    readonly acting: Acting
    readonly ids: readonly string[]
    readonly siteUrl: string
  },
): Promise<void> {
  const { id, kind, acting, ids, siteUrl } = move
  const found = await Promise.all(ids.map((each) => foundMeeting(services, id, acting, each)))
  const elsewhere = found.find(({ meeting }) => meeting.siteUrl.toLowerCase() !== siteUrl.toLowerCase())
  if (elsewhere !== undefined)
    throw invalid('siteUrl', `must be the site of every recording: one is on ${elsewhere.meeting.siteUrl}`)
  if (found.some(({ isHosted }) => !isHosted)) throw new Failure('not_the_host')
  if (kind !== 'restore' && !acting.access.deleteRecordingsEnabled) throw new Failure('access_forbidden')
}
