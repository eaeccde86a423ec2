/**
 * How rows are chained and heads are signed (promise P17). A row's content is hashed apart from its link, so that a row
 * of somebody else can be stood in for by the hash of its content: the chain can be followed through it, and nothing of it
 * is told (its random id keeps anybody from guessing).
 *
 *     content = SHA-256("tandem audit row 1\n" + canonical JSON of the row without its two hashes)
 *     hash    = SHA-256("tandem audit link 1\n" + previous hash + "\n" + content)
 */
import type { AuditHead, AuditRow } from './audit-log.ts'
import { canonicalJson, sha256Hex } from './canonical-json.ts'
import type { Signer } from './signing-keys.ts'
import type { AuditTable } from './tables.ts'

/** A row as the database gives it. */
export type StoredAuditRow = Omit<AuditTable, 'seq'> & { readonly seq: number }

/** A row of somebody else in an export: its place, and the hash of its content. */
export interface AuditShadow {
  readonly seq: number
  readonly content: string
}

/** The row as it is shown. Its `seq` is the place in the chain of its organisation, 0 before it is sealed. */
export function auditRowOf(row: StoredAuditRow): AuditRow {
  return {
    seq: Number(row.position ?? 0),
    id: row.id,
    orgId: row.org_id,
    at: Number(row.at),
    actorId: row.actor_id,
    as: row.actor_role as AuditRow['as'], // Written by `Audit` from this very type.
    action: row.action as AuditRow['action'], // As above.
    ...(row.recording_id === null ? {} : { recordingId: row.recording_id }),
    detail: JSON.parse(row.detail) as AuditRow['detail'], // As above.
    ...(row.tracking_id === null ? {} : { trackingId: row.tracking_id }),
    previousHash: row.previous_hash ?? '',
    hash: row.hash ?? '',
  }
}

/** Hash of everything that a row says; its place is part of it. */
export function contentHash(row: AuditRow): string {
  const { previousHash: _, hash: __, ...content } = row
  return sha256Hex(`tandem audit row 1\n${canonicalJson(content)}`)
}

/** Hash of a row in its chain. */
export function linkHash(previousHash: string, content: string): string {
  return sha256Hex(`tandem audit link 1\n${previousHash}\n${content}`)
}

/** Signs where a chain stands. */
export function signHead(signer: Signer, head: Omit<AuditHead, 'keyId' | 'signature'>): AuditHead {
  const signed = { ...head, keyId: signer.keyId }
  return { ...signed, signature: signer.sign(`tandem audit head 1\n${canonicalJson(signed)}`) }
}
