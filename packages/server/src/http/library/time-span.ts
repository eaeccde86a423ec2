/** The time that our own lists are asked about: `from` inclusive, `to` exclusive, each open when it is not given. */
import type { Zone } from '@tandem/contract'
import { invalid } from '../failure.ts'
import type { Query } from '../query.ts'

/** Unix milliseconds. */
export interface TimeSpan {
  readonly from?: number
  readonly to?: number
}

/** Reads `from` and `to`; a `from` later than `to` is a 400. */
export function timeSpan(query: Query, zone: Zone): TimeSpan {
  const from = query.time('from', zone)
  const to = query.time('to', zone)
  if (from !== undefined && to !== undefined && from > to) throw invalid('from', 'must not be later than to')
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

/** The same as parameters of a link, with the offset written out. */
export function spanParameters({ from, to }: TimeSpan): Readonly<Record<'from' | 'to', string | undefined>> {
  return {
    from: from === undefined ? undefined : new Date(from).toISOString(),
    to: to === undefined ? undefined : new Date(to).toISOString(),
  }
}
