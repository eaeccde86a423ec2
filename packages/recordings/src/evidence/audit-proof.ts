/**
 * The audit rows about one recording, with what proves them: the stretch of the chain from the signed head before each to
 * the one after it. Rows of others in that stretch are told by the hash of their content alone. Stretches without a row
 * about the recording are left out, so that a proof stays short in a log of millions.
 */

import type { Database } from '@tandem/store'
import { contentHash } from '../audit/audit-chain.ts'
import { auditHeadOf, rowsBetween } from '../audit/audit-export.ts'
import type { AuditTables } from '../audit/tables.ts'
import { idKey } from '../catalogue/recording.ts'

/** Rows about the recording looked up at a time. */
const PAGE_ROWS = 500

/** The lines, each with its newline, oldest first. The head of the organisation must have been signed. */
export async function* auditProof(
  db: Database<AuditTables>,
  orgId: string,
  recordingId: string,
): AsyncGenerator<string> {
  const key = idKey(recordingId)
  let end = 0
  for (;;) {
    const own = await db.kysely
      .selectFrom('audit')
      .select('position')
      .where('recording_key', '=', key)
      .where('org_id', '=', orgId)
      .where('position', '>', end)
      .orderBy('position')
      .limit(PAGE_ROWS)
      .execute()
    if (own.length === 0) return
    for (const row of own) {
      const position = Number(row.position)
      if (position <= end) continue
      const before = await headBefore(db, orgId, position)
      const after = await headFrom(db, orgId, position)
      if (after === undefined) return // Written after the head was signed: not part of this export.
      if (before !== undefined && before.seq !== end) yield lineOf(before)
      for (const each of await rowsBetween(db, orgId, (before?.seq ?? 0) + 1, after.seq)) {
        const ours = each.recordingId !== undefined && idKey(each.recordingId) === key
        yield lineOf(ours ? each : { seq: each.seq, content: contentHash(each) })
      }
      yield lineOf(after)
      end = after.seq
    }
  }
}

const lineOf = (item: object): string => `${JSON.stringify(item)}\n`

async function headBefore(db: Database<AuditTables>, orgId: string, position: number) {
  const row = await db.kysely
    .selectFrom('audit_head')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('position', '<', position)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : auditHeadOf(row)
}

async function headFrom(db: Database<AuditTables>, orgId: string, position: number) {
  const row = await db.kysely
    .selectFrom('audit_head')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('position', '>=', position)
    .orderBy('position')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : auditHeadOf(row)
}
