/**
 * The time that a list is asked about (contract README §6, Ruling 11): `from` inclusive, `to` exclusive, seven days from
 * the one that is given, the last seven days when none is.
 */
import { WINDOW_DAYS, type Zone } from '@tandem/contract'
import { invalid } from './failure.ts'
import type { Query } from './query.ts'

const WINDOW_MS = WINDOW_DAYS * 86_400_000

/** Unix milliseconds; equal ends hold nothing. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** Reads `from` and `to`; a `from` later than `to` is a 400. */
export function windowOf(query: Query, zone: Zone, now: number): Window {
  const from = query.time('from', zone)
  const to = query.time('to', zone)
  if (from !== undefined && to !== undefined && from > to) throw invalid('from', 'must not be later than to')
  if (from !== undefined) return { from, to: to ?? from + WINDOW_MS }
  const end = to ?? now
  return { from: end - WINDOW_MS, to: end }
}
