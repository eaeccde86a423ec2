/** In which role somebody looks at the directory, and which of its things a path or a filter names. */
import { grantsOf, ID_CHARS_MAX, rawKey, type TokenOperationId, type WebexIdType } from '@tandem/contract'
import type { EntryKind } from '../../directory/directory.ts'
import { missing } from '../../directory/entry-change.ts'
import type { ApiRequest } from '../operation.ts'

/** Whether the caller looks as an administrator: others see less, or only what is theirs. */
export function seesAll(request: ApiRequest, operation: TokenOperationId): boolean {
  return grantsOf(operation, request.caller).some((grant) => grant.as === 'admin')
}

const TYPES: Readonly<Record<EntryKind, readonly WebexIdType[]>> = {
  organization: ['ORGANIZATION'],
  location: ['LOCATION'],
  person: ['PEOPLE'],
  place: ['PLACE'],
  virtualLine: ['VIRTUAL_LINE'],
  device: ['DEVICE'],
  group: [],
}

/** The raw id that a path parameter names; throws the 404 of its kind when it can name nothing. */
export function namedIn(request: ApiRequest, parameter: string, kind: EntryKind): string {
  const key = rawKey(request.params[parameter] ?? '', TYPES[kind])
  if (key === undefined) throw missing(kind)
  return key
}

/** The raw id of a filter; a text that is no id matches nothing, as an unknown id does. */
export function filterId(request: ApiRequest, name: string, kind: EntryKind): string | undefined {
  const id = request.query.id(name, ID_CHARS_MAX)
  return id === undefined ? undefined : (rawKey(id, TYPES[kind]) ?? '')
}
