/**
 * The audit log, for compliance officers: what was done with recordings, by whom and when, chained by hashes.
 */
import { type Download, download } from '../http/download.ts'
import type { Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import { Pager } from '../pager/pager.ts'
import { checkPageSize } from '../recording-query.ts'
import type { AuditRecord } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

const PATH = '/audit'
/** Largest page of the log. */
const PAGE_ROWS_MAX = 1_000

/** Which time. A string passes through untouched, a `Date` goes out in UTC. */
export interface AuditRange {
  /** Inclusive. */
  readonly from?: Date | string | undefined
  /** Exclusive. */
  readonly to?: Date | string | undefined
}

/** Which rows; all of it must hold. */
export interface AuditQuery extends AuditRange {
  readonly recordingId?: string | undefined
  readonly actorId?: string | undefined
  /** Such as `recording.downloaded`; the guide to recordings lists them. */
  readonly action?: string | undefined
  /** Rows on one page, 1 to 1,000. */
  readonly max?: number | undefined
}

/** `client.tandem.audit`. */
export class Audit {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Newest first. */
  list(query: AuditQuery = {}, options: CallOptions = {}): Pager<AuditRecord> {
    const { from, to, recordingId, actorId, action, max } = query
    checkPageSize(max, PAGE_ROWS_MAX)
    const url = tandemUrl(this.#transport, PATH, { from, to, recordingId, actorId, action, max })
    return new Pager(this.#transport, url, options)
  }

  /**
   * The log as a file, oldest first: NDJSON, which `tandem verify` checks offline, or CSV for a spreadsheet.
   *
   * @example const { stream } = await client.tandem.audit.export({ from: '2026-01-01', to: '2026-02-01' })
   */
  async export(
    query: AuditRange & { readonly format?: 'ndjson' | 'csv' | (string & {}) | undefined } = {},
    options: CallOptions = {},
  ): Promise<Download> {
    const { from, to, format } = query
    const url = tandemUrl(this.#transport, `${PATH}/export`, { from, to, format })
    return download(this.#transport, { method: 'GET', url, headers: { accept: '*/*' }, options })
  }
}
