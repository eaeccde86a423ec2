/** What recordings are searched for: words in topics, parties and, for who may hear them, transcripts. */
import { requireText } from '../api.ts'
import type { Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import { Pager } from '../pager/pager.ts'
import { checkPageSize } from '../recording-query.ts'
import type { FoundRecording } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

/** What narrows a search; all of it must hold. */
export interface SearchFilters {
  /** Inclusive. Without `from` and `to` everything is searched. */
  readonly from?: Date | string | undefined
  /** Exclusive. */
  readonly to?: Date | string | undefined
  readonly status?: 'available' | 'deleted' | 'purged' | (string & {}) | undefined
  /** Only recordings of this owner. */
  readonly ownerId?: string | undefined
  /** Recordings on one page, 1 to 100. */
  readonly max?: number | undefined
}

/** Asks for what was found, newest first. */
export function search(
  transport: Transport,
  text: string,
  { from, to, status, ownerId, max }: SearchFilters,
  options: CallOptions,
): Pager<FoundRecording> {
  checkPageSize(max)
  const query = { q: requireText('text', text), from, to, status, ownerId, max }
  return new Pager(transport, tandemUrl(transport, '/recordings/search', query), options)
}
