/**
 * The line that a path names, and the organisation that a query names (contract README §2, §4): only those of the
 * caller's own organisation are there at all.
 */
import { ID_CHARS_MAX, rawKey, type WebexIdType } from '@tandem/contract'
import type { LineKind } from '@tandem/engine'
import { Failure } from '../failure.ts'
import type { ApiRequest, Services } from '../operation.ts'
import type { LineRow } from '../ports.ts'

const ID_TYPES: Readonly<Record<LineKind, WebexIdType>> = {
  person: 'PEOPLE',
  place: 'PLACE',
  virtualLine: 'VIRTUAL_LINE',
}

/** The Webex id of a line. */
export function lineIdType(kind: LineKind): WebexIdType {
  return ID_TYPES[kind]
}

/** What is looked for: by which path parameter (or query parameter), and of which kinds. */
export interface LineWanted {
  readonly parameter: string
  readonly kinds: readonly LineKind[]
  /** The id, when it is no path parameter. */
  readonly id?: string
}

/** The line; throws `line_not_found`, and `organization_forbidden` for another organisation's `orgId`. */
export async function lineOf(request: ApiRequest, services: Services, wanted: LineWanted): Promise<LineRow> {
  checkOrganization(request)
  const { orgId } = request.caller
  const id = wanted.id ?? request.params[wanted.parameter] ?? ''
  const key = rawKey(
    id,
    wanted.kinds.map((kind) => ID_TYPES[kind]),
  )
  const line = key === undefined ? undefined : await services.lines.find(orgId, key)
  if (line === undefined || !wanted.kinds.includes(line.kind)) throw new Failure('line_not_found')
  return line
}

/** An administrator may name the organisation, but only the own one. */
export function checkOrganization(request: ApiRequest): void {
  const orgId = request.query.id('orgId', ID_CHARS_MAX)
  if (orgId !== undefined && rawKey(orgId, ['ORGANIZATION']) !== request.caller.orgId)
    throw new Failure('organization_forbidden')
}
