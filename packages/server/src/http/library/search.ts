/**
 * `GET /tandem/v1/recordings/search?q=…`: recordings whose topic, parties or transcript hold all words, newest first, each
 * within the asker's own sight (contract README §11): the organisation's for compliance officers and administrators, the
 * own ones for a user. What was said is searched for those alone who may read it (README §3.1): an administrator does not
 * even learn that a word fell.
 */
import {
  type FoundRecording,
  type Grant,
  grantsOf,
  ID_CHARS_MAX,
  LIBRARY_PER_PAGE_MAX,
  SEARCH_CHARS_MAX,
  STATUSES,
} from '@tandem/contract'
import type { SearchHit, SearchQuery } from '@tandem/recordings'
import { actorOf } from '../converged-recordings/actor.ts'
import { rawOwnerId } from '../converged-recordings/list-query.ts'
import { listItems } from '../converged-recordings/recording-view.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { FULL_ACCESS, type RecordingAccess } from '../ports.ts'
import { CONTRACT_RULES } from '../recordings-port.ts'
import { requestZone } from '../request-zone.ts'
import { pageLink, wantedPage } from './list-page.ts'
import { spanParameters, timeSpan } from './time-span.ts'

const operation = 'searchRecordings'
/** What the page of a search has unless it is asked otherwise: as many as a screen shows. */
const HITS_PER_PAGE = 20
const PARAMETERS = ['q', 'status', 'ownerId', 'timezone'] as const

/** Finds recordings by the words in them. */
export const searchRecordings: Operation = {
  id: operation,
  answer: 'FoundRecordingList',
  async run(request, services) {
    const { zone } = requestZone(request)
    const span = timeSpan(request.query, zone)
    const query = {
      ...span,
      ...wantedPage(request.query, { usual: HITS_PER_PAGE, most: LIBRARY_PER_PAGE_MAX }),
    }
    const text = textOf(request)
    const asker = await askerOf(request, services)
    const statuses = statusesOf(request, asker.grant)
    const sought: SearchQuery = {
      ...query,
      ...{ orgId: request.caller.orgId, text, statuses },
      ...(asker.ownerIds === undefined ? {} : { ownerIds: asker.ownerIds }),
      withoutTranscripts: !asker.mayHear,
    }
    const isNothing = statuses.length === 0 || asker.ownerIds?.length === 0
    const page = isNothing ? { items: [] } : await services.recordings.search(sought)
    services.recordings.audit.addSoon({
      actor: actorOf(request, asker.grant.as),
      action: 'recording.searched',
      detail: { q: text, statuses, count: page.items.length, transcripts: asker.mayHear },
    })
    const shown = page.items.map(({ recording }) => recording)
    const items = await listItems({ items: shown }, request.caller.orgId, zone, services)
    const body = {
      items: items.map(
        (item, at): FoundRecording => ({ ...item, matches: matchesOf(page.items[at], asker) }),
      ),
    }
    const headers = pageLink(request, services, {
      ...{ operation, page, names: PARAMETERS },
      values: spanParameters(span),
    })
    return { body, headers }
  },
}

/** In which role somebody asks, whose recordings may be found, and whether what was said is for them. */
interface Asker {
  readonly grant: Grant
  readonly ownerIds?: readonly string[]
  readonly mayHear: boolean
}

async function askerOf(request: ApiRequest, services: Services): Promise<Asker> {
  const { caller, query } = request
  const owner = query.id('ownerId', ID_CHARS_MAX)
  const ownerId = owner === undefined ? undefined : rawOwnerId(owner)
  const grants = grantsOf(operation, caller)
  const [widest] = grants
  if (widest === undefined) throw new Failure('scope_missing')
  const rules = services.rules ?? CONTRACT_RULES
  const own = grants.find((grant) => grant.reach === 'own')
  // An administrator that asks for nothing but the own recordings asks as their owner.
  const asOwner = widest.as === 'admin' && ownerId === caller.personId && !rules.adminsWithoutLinks
  const grant = asOwner && own !== undefined ? own : widest
  if (grant.reach === 'organization') {
    const mayHear = grant.as === 'complianceOfficer'
    return {
      grant,
      mayHear,
      ...(owner === undefined ? {} : { ownerIds: ownerId === undefined ? [] : [ownerId] }),
    }
  }
  const access = await services.lines.recordingAccess(caller.orgId, caller.personId)
  const isOther = owner !== undefined && ownerId !== caller.personId
  const ownerIds = isOther || !access.viewAndPlayRecordingsEnabled ? [] : [caller.personId]
  return { grant, ownerIds, mayHear: mayHearOwn(access) }
}

function mayHearOwn(access: RecordingAccess = FULL_ACCESS): boolean {
  return access.viewAndPlayRecordingsEnabled && access.downloadRecordingsEnabled
}

/** The states that are asked for, of those that the role sees: a user finds nothing in others, as in lists (Ruling 8). */
function statusesOf(request: ApiRequest, { as, statuses: visible = [] }: Grant): SearchQuery['statuses'] {
  const status = request.query.choice('status', STATUSES)
  if (status === undefined) return visible
  if (visible.includes(status)) return [status]
  if (as === 'user') return []
  throw new Failure('purged_forbidden')
}

function textOf(request: ApiRequest): string {
  const text = request.query.text('q', SEARCH_CHARS_MAX)
  if (text === undefined) throw invalid('q', 'is required')
  if (!/[\p{L}\p{N}]/u.test(text)) throw new Failure('search_too_short')
  return text
}

/** An owner who may not download one recording is shown nothing of what was said in it. */
function matchesOf(hit: SearchHit | undefined, asker: Asker): FoundRecording['matches'] {
  const isKept = asker.grant.as === 'user' && hit?.recording.downloadPrevented === true
  return (hit?.matches ?? [])
    .filter((match) => !isKept || match.in !== 'transcript')
    .map((match) => ({ ...match }))
}
