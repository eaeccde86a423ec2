/**
 * Call history (contract, call controls §2): the last 20 calls of each type for each line, written in the same commit as
 * the event that ended the call, so that neither exists without the other.
 */
import type { EngineEvent, HistoryEntry } from '@tandem/engine'
import type { Compilable } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { HistoryPort } from '../http/ports.ts'

/** Calls of one type that are kept for each line (contract, call controls §2). */
export const HISTORY_MAX = 20

/** Whose history a call goes into. */
type EndedCall = Pick<Extract<EngineEvent, { kind: 'call' }>, 'orgId' | 'lineId' | 'call'> & {
  readonly history: HistoryEntry
}

/** The statements that keep a call and forget those that are one too many. The same event twice is one call. */
export function insertHistory(db: ServerDatabase, ended: EndedCall): readonly Compilable[] {
  const { orgId, lineId, history, call } = ended
  const { privacyEnabled, time, type } = history
  const insert = db.kysely
    .insertInto('call_history')
    .values({
      org_id: orgId,
      line_id: lineId,
      type,
      call_id: call.callId,
      // What is withheld is not even stored.
      name: privacyEnabled ? null : (history.name ?? null),
      number: privacyEnabled ? null : (history.number ?? null),
      privacy: privacyEnabled ? 1 : 0,
      time,
    })
    .onConflict((conflict) => conflict.doNothing())
  const prune = db.kysely
    .deleteFrom('call_history')
    .where('org_id', '=', orgId)
    .where('line_id', '=', lineId)
    .where('type', '=', type)
    .where('call_id', 'not in', (eb) =>
      eb
        .selectFrom('call_history as newest')
        .select('newest.call_id')
        .where('newest.org_id', '=', orgId)
        .where('newest.line_id', '=', lineId)
        .where('newest.type', '=', type)
        .orderBy('newest.time', 'desc')
        .orderBy('newest.call_id', 'desc')
        .limit(HISTORY_MAX),
    )
  return [insert, prune]
}

/** The histories of one database. */
export class History implements HistoryPort {
  readonly #db: ServerDatabase

  constructor(db: ServerDatabase) {
    this.#db = db
  }

  async list(
    owner: { readonly orgId: string; readonly lineId: string },
    type?: HistoryEntry['type'],
  ): Promise<readonly HistoryEntry[]> {
    let query = this.#db.kysely
      .selectFrom('call_history')
      .selectAll()
      .where('org_id', '=', owner.orgId)
      .where('line_id', '=', owner.lineId)
    if (type !== undefined) query = query.where('type', '=', type)
    const rows = await query.orderBy('time', 'desc').orderBy('call_id', 'desc').execute()
    return rows.map((row) => ({
      type: row.type as HistoryEntry['type'], // Written by `insertHistory`.
      ...(row.name === null ? {} : { name: row.name }),
      ...(row.number === null ? {} : { number: row.number }),
      privacyEnabled: row.privacy !== 0,
      time: row.time,
    }))
  }
}
