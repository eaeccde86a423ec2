/**
 * `GET /convergedRecordings`: the caller's own recordings, newest first (converged-recordings §3). Whoever may not view
 * them by the access settings has an empty list.
 */
import type { RecordingPage } from '@tandem/recordings'
import type { Operation } from '../operation.ts'
import { actorOf } from './actor.ts'
import { filtersOf, pageAnswer, readListQuery } from './list-query.ts'

const EMPTY: RecordingPage = { items: [] }

/** Lists one page of the caller’s own recordings. */
export const listConvergedRecordings: Operation = {
  id: 'listConvergedRecordings',
  answer: 'ConvergedRecordingList',
  async run(request, services) {
    const { orgId, personId } = request.caller
    const asked = readListQuery(request, services)
    const query = { ...asked, ownerId: personId }
    // Purged ones are accepted as a filter, and never visible to a user (Ruling 8).
    const isNothing = asked.status === 'purged' || (asked.ownerId ?? personId) !== personId
    const [access, found] = await Promise.all([
      services.lines.recordingAccess(orgId, personId),
      isNothing ? EMPTY : services.recordings.list(query),
    ])
    const page = access.viewAndPlayRecordingsEnabled ? found : EMPTY
    services.recordings.audit.addSoon({
      actor: actorOf(request, 'user'),
      action: 'recording.listed',
      detail: { scope: 'own', filters: Object.fromEntries(filtersOf(request)), count: page.items.length },
    })
    return pageAnswer(request, services, { operation: 'listConvergedRecordings', query, page })
  },
}
