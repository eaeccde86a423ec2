/**
 * `GET /admin/convergedRecordings`: the recordings of the organisation, newest first, for administrators and compliance
 * officers (converged-recordings §4). Purged ones are for the latter alone (Ruling 8); no link for anybody.
 */
import { ADMIN_WINDOW_DAYS_MAX, grantsOf } from '@tandem/contract'
import { Failure, invalid } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { actorOf, refused } from './actor.ts'
import { filtersOf, pageAnswer, readListQuery } from './list-query.ts'

const WINDOW_MS_MAX = ADMIN_WINDOW_DAYS_MAX * 86_400_000
const operation = 'listAdminConvergedRecordings'

/** Lists one page of an organisation’s recordings. */
export const listAdminConvergedRecordings: Operation = {
  id: operation,
  answer: 'ConvergedRecordingList',
  async run(request, services) {
    const query = readListQuery(request, services)
    if (query.to - query.from > WINDOW_MS_MAX)
      throw invalid('from', `must be at most ${ADMIN_WINDOW_DAYS_MAX} days before to`)
    const grants = grantsOf(operation, request.caller)
    const [grant] = grants.filter(({ statuses }) => statuses?.includes(query.status) ?? false)
    if (grant === undefined)
      throw await refused(
        services,
        { actor: actorOf(request, grants[0]?.as ?? 'admin'), operation },
        new Failure('purged_forbidden'),
      )
    const page = await services.recordings.list(query)
    services.recordings.audit.addSoon({
      actor: actorOf(request, grant.as),
      action: 'recording.listed',
      detail: {
        scope: 'organization',
        from: new Date(query.from).toISOString(),
        to: new Date(query.to).toISOString(),
        filters: Object.fromEntries(filtersOf(request)),
        count: page.items.length,
      },
    })
    return pageAnswer(request, services, { operation, query, page })
  },
}
