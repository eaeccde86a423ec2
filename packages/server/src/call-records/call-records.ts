/**
 * Call detail records: one document for each conversation that ended, with quality for each leg and what became of every
 * recording that should have been made (promise P19). Kept once, however often its event comes; read in pages by key,
 * so that an export of a year costs as little memory as one of a minute.
 */
import type { SessionRecord } from '@tandem/engine'
import type { Compilable } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { CallRecordsPort } from '../http/ports.ts'
import { CSV_HEADER, csvLines } from './call-record-rows.ts'

/** Records in one read: some megabytes at most, a few milliseconds of the reader's time. */
export const RECORDS_PER_READ = 500

/** The statement that keeps a record. */
export function insertRecord(db: ServerDatabase, record: SessionRecord): Compilable {
  return db.kysely
    .insertInto('call_records')
    .values({
      org_id: record.orgId,
      call_session_id: record.callSessionId,
      started_at: record.startedAt,
      answered_at: record.answeredAt ?? null,
      ended_at: record.endedAt,
      cause: record.cause,
      record: JSON.stringify(record),
    })
    .onConflict((conflict) => conflict.doNothing())
}

/** The call records of one database. */
export class CallRecords implements CallRecordsPort {
  readonly csvHeader: string = CSV_HEADER
  readonly #db: ServerDatabase

  constructor(db: ServerDatabase) {
    this.#db = db
  }

  csvLines(record: SessionRecord): readonly string[] {
    return csvLines(record)
  }

  async *stream(orgId: string, from: number, to: number): AsyncIterable<SessionRecord> {
    let last = { started_at: from, call_session_id: '' }
    for (;;) {
      const { started_at, call_session_id } = last
      const rows = await this.#db.kysely
        .selectFrom('call_records')
        .select(['started_at', 'call_session_id', 'record'])
        .where('org_id', '=', orgId)
        .where('started_at', '>=', started_at)
        .where('started_at', '<', to)
        .where((eb) =>
          eb.or([eb('started_at', '>', started_at), eb('call_session_id', '>', call_session_id)]),
        )
        .orderBy('started_at')
        .orderBy('call_session_id')
        .limit(RECORDS_PER_READ)
        .execute()
      for (const row of rows) yield readRecord(row.record)
      const end = rows.at(-1)
      if (end === undefined || rows.length < RECORDS_PER_READ) return
      last = end
    }
  }

  async has(orgId: string, callSessionId: string): Promise<boolean> {
    const row = await this.#db.kysely
      .selectFrom('call_records')
      .select('call_session_id')
      .where('org_id', '=', orgId)
      .where('call_session_id', '=', callSessionId)
      .executeTakeFirst()
    return row !== undefined
  }
}

/** A record as it is today: those of the first release name people in place of lines, and no call for a leg. */
function readRecord(text: string): SessionRecord {
  const stored = JSON.parse(text) as SessionRecord | FirstRecord // Written by `insertRecord`, now or then.
  return {
    ...stored,
    halves: stored.halves.map((half) => ('personId' in half ? { ...half, lineId: half.personId } : half)),
    legs: stored.legs.map((leg) => ({ callId: '', ...leg })),
    unrecorded: 'unrecorded' in stored ? stored.unrecorded : [],
  }
}

/** What a record of the first release was. */
type FirstRecord = Omit<SessionRecord, 'halves' | 'legs' | 'unrecorded'> & {
  readonly halves: readonly {
    readonly callId: string
    readonly personId: string
    readonly view: SessionRecord['halves'][number]['view']
  }[]
  readonly legs: readonly Omit<SessionRecord['legs'][number], 'callId'>[]
}
