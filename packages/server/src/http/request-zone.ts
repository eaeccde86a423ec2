/** The zone of a request: the `timezone` header, else the query parameter, else UTC (contract README §6, Ruling 7). */
import { UTC, type Zone, zoneOf } from '@tandem/contract'
import { invalid } from './failure.ts'
import type { ApiRequest } from './operation.ts'

/** The zone, and the name that a paging link must carry on; an unknown name is a 400. */
export function requestZone(request: ApiRequest): { readonly zone: Zone; readonly name: string | undefined } {
  const name = request.timezone ?? request.query.raw('timezone')
  if (name === undefined) return { zone: UTC, name: undefined }
  const zone = zoneOf(name)
  if (zone === undefined) throw invalid('timezone', 'must be an IANA zone name such as Europe/Berlin')
  return { zone, name }
}
