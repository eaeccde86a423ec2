/**
 * `GET /tandem/v1/callRecords`: one record for each conversation that has ended, oldest first, as CSV (for a spreadsheet,
 * case A15) or as NDJSON (for a program). It is streamed, so that a year of records needs no more memory than a page.
 */
import { Readable } from 'node:stream'
import { type CallRecord, printMilliseconds } from '@tandem/contract'
import type { SessionRecord } from '@tandem/engine'
import type { Operation, Services } from '../operation.ts'
import type { CallRecordsPort } from '../ports.ts'
import { requestZone } from '../request-zone.ts'
import { serializerOf } from '../serializer.ts'
import { partyOf } from '../telephony-calls/call-view.ts'
import { type Window, windowOf } from '../window.ts'

const FORMATS = ['csv', 'ndjson'] as const
const FILES = {
  csv: { contentType: 'text/csv;charset=UTF-8;header=present', name: 'call-records.csv' },
  ndjson: { contentType: 'application/x-ndjson;charset=UTF-8', name: 'call-records.ndjson' },
} as const

/** Streams the records of the window, by default the last seven days as CSV. */
export const listCallRecords: Operation = {
  id: 'listCallRecords',
  async run(request, services) {
    const format = request.query.choice('format', FORMATS) ?? 'csv'
    const window = windowOf(request.query, requestZone(request).zone, services.now())
    const lines = format === 'csv' ? csvOf : ndjsonOf
    const { contentType, name } = FILES[format]
    return {
      headers: { 'content-disposition': `attachment; filename="${name}"` },
      file: { contentType, content: Readable.from(lines(services, request.caller.orgId, window)) },
    }
  },
}

async function* csvOf(services: Services, orgId: string, window: Window): AsyncGenerator<string> {
  const { callRecords }: { readonly callRecords: CallRecordsPort } = services
  let header = `${callRecords.csvHeader}\r\n`
  for await (const record of callRecords.stream(orgId, window.from, window.to)) {
    const lines = callRecords.csvLines(record).map((line) => `${line}\r\n`)
    yield header + lines.join('')
    header = ''
  }
  if (header !== '') yield header // The columns, also when there is no row.
}

async function* ndjsonOf(services: Services, orgId: string, window: Window): AsyncGenerator<string> {
  const serialize = await serializerOf('CallRecord')
  for await (const record of services.callRecords.stream(orgId, window.from, window.to))
    yield `${serialize(callRecordOf(record))}\n`
}

/** Ids are raw, as in recordings, so that the two can be matched. */
function callRecordOf(record: SessionRecord): CallRecord {
  return {
    orgId: record.orgId,
    callSessionId: record.callSessionId,
    started: printMilliseconds(record.startedAt),
    ...(record.answeredAt === undefined ? {} : { answered: printMilliseconds(record.answeredAt) }),
    ended: printMilliseconds(record.endedAt),
    cause: record.cause,
    calls: record.halves.map(({ callId, lineId, view }) => ({
      callId,
      ownerId: lineId,
      personality: view.personality,
      remoteParty: partyOf(view.remoteParty),
      created: printMilliseconds(view.created),
      ...(view.answered === undefined ? {} : { answered: printMilliseconds(view.answered) }),
      ...(view.disconnected === undefined ? {} : { disconnected: printMilliseconds(view.disconnected) }),
    })),
    legs: record.legs.map((leg) => ({ ...leg })),
    recordings: record.recordings.map((recording) => ({ ...recording })),
    unrecorded: record.unrecorded.map(({ callId, lineId, why }) => ({ callId, ownerId: lineId, why })),
  }
}
