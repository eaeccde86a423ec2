/**
 * `GET /people` and `/people/{personId}` (auth §6). Administrators see all of it; everybody else finds people by email, name
 * or id, and sees names, emails and numbers.
 */
import { decodeWebexId, EMAIL_CHARS_MAX, ID_CHARS_MAX, rawKey, type TokenOperationId } from '@tandem/contract'
import { missing } from '../../directory/entry-change.ts'
import { filterId, namedIn, seesAll } from '../directory/acting-as.ts'
import { directoryPage, pageAnswer } from '../directory/pages.ts'
import { Failure, invalid } from '../failure.ts'
import { checkOrganization } from '../lines/line.ts'
import type { ApiRequest, Operation } from '../operation.ts'
import { readPeople } from './person-rows.ts'
import { type PersonDetail, personView } from './person-view.ts'

const TEXT_CHARS_MAX = 256
/** Most ids of one request, as Webex has it. */
const IDS_MAX = 85
const NAMES = ['email', 'displayName', 'id', 'locationId', 'roles', 'callingData']

const listPeople: Operation = {
  id: 'listPeople',
  answer: 'PersonList',
  async run(request, services) {
    checkOrganization(request)
    const { query: asked, caller } = request
    const wanted = directoryPage(request)
    const detail = detailOf(request, 'listPeople')
    const email = asked.text('email', EMAIL_CHARS_MAX)
    const name = asked.text('displayName', TEXT_CHARS_MAX)
    const ids = idsOf(request)
    if (detail === 'names' && email === undefined && name === undefined && ids === undefined)
      throw new Failure('invalid_request', 'email, displayName or id must be given')

    const rows = await readPeople(services, caller.orgId, {
      email,
      name,
      ids,
      locationId: filterId(request, 'locationId', 'location'),
      // Who has which role is for administrators; to others the filter is a parameter that nobody asks for.
      roles: detail === 'names' ? [] : rolesOf(request),
      after: wanted.cursor,
      max: wanted.max + 1,
    })
    return pageAnswer(request, services, {
      operation: 'listPeople',
      wanted,
      rows,
      names: NAMES,
      at: (row) => row.created_at,
      view: (row) => personView(row, detail),
    })
  },
}

const getPerson: Operation = {
  id: 'getPerson',
  answer: 'Person',
  async run(request, services) {
    checkOrganization(request)
    const detail = detailOf(request, 'getPerson')
    const id = namedIn(request, 'personId', 'person')
    const [row] = await readPeople(services, request.caller.orgId, { ids: [id], max: 1 })
    if (row === undefined) throw missing('person')
    return { body: personView(row, detail) }
  },
}

function detailOf(request: ApiRequest, operation: TokenOperationId): PersonDetail {
  const calling = request.query.boolean('callingData') ?? false
  if (!seesAll(request, operation)) return 'names'
  return calling ? 'calling' : 'all'
}

/** Raw ids of the comma-separated list; what is no id matches nobody. */
function idsOf({ query }: ApiRequest): readonly string[] | undefined {
  const text = query.text('id', IDS_MAX * ID_CHARS_MAX)
  if (text === undefined) return undefined
  const ids = text.split(',')
  if (ids.length > IDS_MAX) throw invalid('id', `must hold at most ${IDS_MAX} ids`)
  return ids.map((id) => rawKey(id.trim(), ['PEOPLE']) ?? '')
}

/** The roles that somebody must have, each by its id or by its name. */
function rolesOf({ query }: ApiRequest): readonly string[] {
  const names = (query.text('roles', TEXT_CHARS_MAX) ?? '').split(',').filter((name) => name !== '')
  // A name has letters only, so that nothing in it means something to the pattern.
  return names.map((name) => (decodeWebexId(name)?.key ?? name).replace(/[^A-Za-z]/g, '?'))
}

/** The reads of people. */
export const PEOPLE_OPERATIONS: readonly Operation[] = [listPeople, getPerson]
