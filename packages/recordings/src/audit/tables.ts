/**
 * The tables of the audit log and its signatures (promise P17; style: one migration a part). A row is written unsealed in
 * the commit of what it tells; the sealer gives it its place in the chain of its organisation. The indexes for questions
 * hold sealed rows alone, so that writing a row down touches no more than its key.
 */
import { type Generated, type Kysely, type Migration, sql } from '@tandem/store'

/** One entry of the log. Times in Unix milliseconds. */
export interface AuditTable {
  /** In the order in which rows were written; on PostgreSQL a lower one may be seen later than a higher one. */
  seq: Generated<number>
  id: string
  org_id: string
  at: number
  actor_id: string
  actor_role: string
  action: string
  /** As `recording.id_key`; null when it is about no single recording. */
  recording_key: string | null
  recording_id: string | null
  /** Canonical JSON. */
  detail: string
  tracking_id: string | null
  /** Place in the chain of the organisation, from 1 without gaps; null until it is sealed. */
  position: number | null
  previous_hash: string | null
  hash: string | null
}

/** Where the chain of an organisation stands, and how far it is signed. */
export interface AuditTipTable {
  org_id: string
  position: number
  hash: string
  signed_position: number
  signed_at: number
}

/** A signed statement of where a chain stood. */
export interface AuditHeadTable {
  org_id: string
  position: number
  hash: string
  at: number
  key_id: string
  signature: string
}

/** A key that signs heads, manifests and exports. */
export interface SigningKeyTable {
  key_id: string
  /** PEM, SPKI. */
  public_key: string
  /** The private key, PEM, PKCS #8, under the key-encryption key. */
  sealed: Uint8Array
  from_at: number
  /** Null while it is the one in use. */
  until_at: number | null
}

/** The tables of this folder. */
export interface AuditTables {
  audit: AuditTable
  audit_tip: AuditTipTable
  audit_head: AuditHeadTable
  signing_key: SigningKeyTable
}

/** The migration that makes them. */
export const AUDIT_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0105_audit': {
    async up(db: Kysely<AuditTables>): Promise<void> {
      await createAudit(db)
      await db.schema
        .createTable('audit_tip')
        .addColumn('org_id', 'text', (column) => column.primaryKey())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('signed_position', 'bigint', (column) => column.notNull())
        .addColumn('signed_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('audit_head')
        .addColumn('org_id', 'text', (column) => column.notNull())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('key_id', 'text', (column) => column.notNull())
        .addColumn('signature', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('audit_head_key', ['org_id', 'position'])
        .execute()
      await db.schema
        .createTable('signing_key')
        .addColumn('key_id', 'text', (column) => column.primaryKey())
        .addColumn('public_key', 'text', (column) => column.notNull())
        .addColumn('sealed', 'blob', (column) => column.notNull())
        .addColumn('from_at', 'bigint', (column) => column.notNull())
        .addColumn('until_at', 'bigint')
        .execute()
    },
  },
}

async function createAudit(db: Kysely<AuditTables>): Promise<void> {
  let table = db.schema
    .createTable('audit')
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('position', 'bigint')
  for (const name of ['id', 'org_id', 'actor_id', 'actor_role', 'action', 'detail'])
    table = table.addColumn(name, 'text', (column) => column.notNull())
  for (const name of ['recording_key', 'recording_id', 'tracking_id', 'previous_hash', 'hash'])
    table = table.addColumn(name, 'text')
  await table.execute()
  await sql`create index audit_unsealed on audit (seq) where position is null`.execute(db)
  const sealed = sql`where position is not null`
  await sql`create unique index audit_by_position on audit (org_id, position) ${sealed}`.execute(db)
  await sql`create index audit_by_time on audit (org_id, at) ${sealed}`.execute(db)
  await sql`create index audit_by_actor on audit (org_id, actor_id, position) ${sealed}`.execute(db)
  await sql`create index audit_by_action on audit (org_id, action, position) ${sealed}`.execute(db)
  await sql`create index audit_by_recording on audit (recording_key, position) ${sealed}`.execute(db)
}
