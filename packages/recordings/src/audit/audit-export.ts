/**
 * The audit log for a verifier (promise P17): the contiguous stretch of an organisation's chain that holds every row of a
 * span of time, the signed heads in it, and a signed head at its end that names how much there was and the hash of all
 * lines before it, so that neither a cut nor a line left out passes.
 */
import { createHash } from 'node:crypto'
import type { Database } from '@tandem/store'
import { auditRowOf, signHead } from './audit-chain.ts'
import type { AuditHead, AuditRow } from './audit-log.ts'
import type { Signer } from './signing-keys.ts'
import type { AuditHeadTable, AuditTables } from './tables.ts'

/** Rows read at a time: one page in memory, whatever the length of the log. */
const PAGE_ROWS = 500

/** What an export reads. */
export interface AuditExportSource {
  readonly db: Database<AuditTables>
  readonly signer: Signer
  readonly now: () => number
}

/** The items, oldest first; see the head of this file. Everything must have been sealed. */
export async function* exportAudit(
  source: AuditExportSource,
  orgId: string,
  from: number,
  to: number,
): AsyncGenerator<AuditRow | AuditHead> {
  const { db, signer, now } = source
  const lines = createHash('sha256')
  const [first, last] = await stretchOf(db, orgId, from, to)
  let [rows, seq, hash] = [0, 0, '']
  for (let after = first - 1; after < last; ) {
    const page = await rowsBetween(db, orgId, after + 1, Math.min(last, after + PAGE_ROWS))
    const pageEnd = page.at(-1)
    if (pageEnd === undefined) break
    const heads = await headsBetween(db, orgId, after + 1, pageEnd.seq)
    for (const row of page) {
      const head = heads.get(row.seq)
      for (const item of head === undefined ? [row] : [row, head]) {
        lines.update(`${JSON.stringify(item)}\n`)
        yield item
      }
    }
    rows += page.length
    after = pageEnd.seq
    ;({ seq, hash } = pageEnd)
  }
  const closes = { from, to, rows, sha256: lines.digest('hex'), keys: await signer.keys() }
  yield signHead(signer, { orgId, seq, hash, at: now(), closes })
}

/** Rows of an organisation from one place to another, both included. */
export async function rowsBetween(
  db: Database<AuditTables>,
  orgId: string,
  first: number,
  last: number,
): Promise<AuditRow[]> {
  const rows = await db.kysely
    .selectFrom('audit')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('position', '>=', first)
    .where('position', '<=', last)
    .orderBy('position')
    .execute()
  return rows.map(auditRowOf)
}

/** The head that a row of the table holds. */
export function auditHeadOf(row: AuditHeadTable): AuditHead {
  return {
    orgId: row.org_id,
    seq: Number(row.position),
    hash: row.hash,
    at: Number(row.at),
    keyId: row.key_id,
    signature: row.signature,
  }
}

async function headsBetween(
  db: Database<AuditTables>,
  orgId: string,
  first: number,
  last: number,
): Promise<ReadonlyMap<number, AuditHead>> {
  const rows = await db.kysely
    .selectFrom('audit_head')
    .selectAll()
    .where('org_id', '=', orgId)
    .where('position', '>=', first)
    .where('position', '<=', last)
    .execute()
  return new Map(rows.map((row) => [Number(row.position), auditHeadOf(row)]))
}

/** First and last place of the rows of a span; nothing when there are none. */
async function stretchOf(
  db: Database<AuditTables>,
  orgId: string,
  from: number,
  to: number,
): Promise<readonly [first: number, last: number]> {
  const found = await db.kysely
    .selectFrom('audit')
    .select(({ fn }) => [fn.min('position').as('first'), fn.max('position').as('last')])
    .where('org_id', '=', orgId)
    .where('position', 'is not', null)
    .where('at', '>=', from)
    .where('at', '<', to)
    .executeTakeFirst()
  return found?.first == null ? [1, 0] : [Number(found.first), Number(found.last)]
}
