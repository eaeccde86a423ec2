/**
 * What lists of recordings are asked for, and how a range of time that is longer than a server takes at once is cut
 * (contract, converged-recordings §3, §4; README §6).
 */
import { InvalidArgument } from './error/webex-error.ts'
import type { ClientClock } from './options.ts'

/** Filters of a list; all of them must hold. A string date passes through untouched, a `Date` goes out in UTC. */
export interface RecordingQuery {
  /** Inclusive. Without `from` and `to` the server shows the last seven days. */
  readonly from?: Date | string | undefined
  /** Exclusive. */
  readonly to?: Date | string | undefined
  readonly status?: 'available' | 'deleted' | (string & {}) | undefined
  readonly serviceType?: 'calling' | 'customerAssist' | 'meeting' | 'all' | (string & {}) | undefined
  readonly format?: 'MP3' | 'MP4' | (string & {}) | undefined
  readonly ownerType?: 'user' | 'place' | 'virtualLine' | 'callQueue' | (string & {}) | undefined
  readonly storageRegion?: string | undefined
  readonly locationId?: string | undefined
  /** Part of the topic, in any letter case. */
  readonly topic?: string | undefined
  /** Recordings on one page, 1 to 100; the server's default is 10. The pager asks for as many pages as there are. */
  readonly max?: number | undefined
}

/** Filters of a list over an organisation. */
export interface AdminRecordingQuery extends RecordingQuery {
  /** `purged` is for compliance officers alone. */
  readonly status?: 'available' | 'deleted' | 'purged' | (string & {}) | undefined
  readonly ownerId?: string | undefined
  readonly ownerEmail?: string | undefined
  /**
   * Cuts a range of more than 30 days, which the server refuses, into several that are asked one after the other. It needs
   * `from`, and times that mean the same everywhere: a `Date`, or a string with `Z` or an offset. `to` is now when absent.
   */
  readonly splitRange?: boolean | undefined
}

/** Days that one question about an organisation may reach; the contract allows exactly so many. */
const WINDOW_MS_MAX = 30 * 24 * 60 * 60 * 1_000
/** The contract's largest page; the server answers 400 beyond it. */
const PAGE_ITEMS_MAX = 100

/** Refuses a page size that the server would refuse. */
export function checkPageSize(max: number | undefined, itemsMax: number = PAGE_ITEMS_MAX): void {
  if (max !== undefined && !(Number.isInteger(max) && max >= 1 && max <= itemsMax))
    throw new InvalidArgument(`max must be a whole number from 1 to ${itemsMax}`)
}

/** One stretch of time. */
export interface TimeRange {
  readonly from: Date
  readonly to: Date
}

/** The ranges of at most 30 days that make up the whole, newest first; they neither overlap nor leave a gap. */
export function splitRange(
  { from, to }: Pick<RecordingQuery, 'from' | 'to'>,
  clock: Pick<ClientClock, 'now'>,
): TimeRange[] {
  const [start, end] = [momentOf('from', from), to === undefined ? clock.now() : momentOf('to', to)]
  if (start > end) throw new InvalidArgument('from must not be later than to')
  const ranges: TimeRange[] = []
  for (let at = end; at > start || ranges.length === 0; at -= WINDOW_MS_MAX)
    ranges.push({ from: new Date(Math.max(start, at - WINDOW_MS_MAX)), to: new Date(at) })
  return ranges
}

function momentOf(name: string, value: Date | string | undefined): number {
  const isClear = value instanceof Date || /T.*(Z|[+-]\d\d:?\d\d)$/.test(value ?? '')
  const at = isClear ? new Date(value ?? Number.NaN).getTime() : Number.NaN
  if (Number.isFinite(at)) return at
  throw new InvalidArgument(
    `splitRange needs ${name} as a Date or as a string with an offset, such as 2026-02-03T10:15:00Z`,
  )
}
