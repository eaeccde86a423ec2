/**
 * `GET /tandem/v1/audit/export?format=ndjson|csv`: the log oldest first, streamed. NDJSON is for the verifier, byte for
 * byte as its hashes and signatures want it (promise P17); CSV is for a spreadsheet, each cell harmless to it (case A15).
 */
import { Readable } from 'node:stream'
import { printMilliseconds } from '@tandem/contract'
import type { AuditHead, AuditRow } from '@tandem/recordings'
import { csvCell } from '../../call-records/call-record-rows.ts'
import type { Operation } from '../operation.ts'
import { requestZone } from '../request-zone.ts'
import { acting } from './acting.ts'
import { timeSpan } from './time-span.ts'

const FORMATS = ['ndjson', 'csv'] as const
const FILES = {
  ndjson: { contentType: 'application/x-ndjson;charset=UTF-8', name: 'audit.ndjson' },
  csv: { contentType: 'text/csv;charset=UTF-8;header=present', name: 'audit.csv' },
} as const
/** Characters that go out in one piece: few writes, little memory. */
const PIECE_CHARS = 64 * 1_024

/** The columns of the CSV. */
export const AUDIT_COLUMNS = [
  'seq',
  'id',
  'time',
  'actorId',
  'as',
  'action',
  'recordingId',
  'detail',
  'trackingId',
  'previousHash',
  'hash',
] as const

/** Streams the log; without `from` and `to` from its beginning until now. */
export const exportAudit: Operation = {
  id: 'exportAudit',
  async run(request, services) {
    const format = request.query.choice('format', FORMATS) ?? 'ndjson'
    const { from = 0, to = services.now() } = timeSpan(request.query, requestZone(request).zone)
    const { contentType, name } = FILES[format]
    const headers = {
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'private, no-store',
    }
    if (request.isHead) return { headers, file: { contentType, content: Readable.from([]) } }
    const { audit } = services.recordings
    const actor = acting(request, 'exportAudit')
    const detail = { format, from: printMilliseconds(from), to: printMilliseconds(to) }
    await audit.add([{ actor, action: 'audit.exported', detail }])
    const items = audit.export(actor.orgId, from, to)
    const lines = format === 'ndjson' ? ndjsonOf(items) : csvOf(items)
    return { headers, file: { contentType, content: Readable.from(inPieces(lines)) } }
  },
}

type Items = AsyncIterable<AuditRow | AuditHead>

async function* ndjsonOf(items: Items): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`
}

/** Rows alone: the signed heads are of no use without the bytes that they sign. */
async function* csvOf(items: Items): AsyncGenerator<string> {
  yield `${AUDIT_COLUMNS.map(csvCell).join(',')}\r\n`
  for await (const item of items) if ('action' in item) yield `${csvLineOf(item)}\r\n`
}

/** One row as CSV, without its end. */
export function csvLineOf(row: AuditRow): string {
  const cells: Readonly<Record<(typeof AUDIT_COLUMNS)[number], string | number | undefined>> = {
    ...row,
    time: printMilliseconds(row.at),
    recordingId: row.recordingId,
    trackingId: row.trackingId,
    detail: JSON.stringify(row.detail),
  }
  return AUDIT_COLUMNS.map((column) => csvCell(cells[column])).join(',')
}

async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = ''
  for await (const line of lines) {
    piece += line
    if (piece.length < PIECE_CHARS) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
