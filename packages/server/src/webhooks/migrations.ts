/** The migrations of webhooks: keys 023x. */
import type { Kysely, Migration } from '@tandem/store'

/** By key. */
export const WEBHOOK_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0230_webhooks': { up: makeWebhooks },
}

async function makeWebhooks(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('webhooks')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('creator_id', 'text', (column) => column.notNull())
    .addColumn('creator_is_app', 'integer', (column) => column.notNull())
    .addColumn('client_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('target_url', 'text', (column) => column.notNull())
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('filter', 'text', (column) => column.notNull())
    .addColumn('secret', 'blob')
    .addColumn('owned_by', 'text', (column) => column.notNull())
    .addColumn('sights', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('disabled_at', 'bigint')
    .addColumn('fragile', 'integer', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('org_slot', 'text')
    .addUniqueConstraint('webhooks_twice', ['org_id', 'fingerprint'])
    .addUniqueConstraint('webhooks_slot', ['org_id', 'org_slot'])
    .execute()
  await db.schema
    .createTable('webhook_deliveries')
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('webhook_id', 'text', (column) =>
      column.notNull().references('webhooks.id').onDelete('cascade'),
    )
    .addColumn('outbox_id', 'bigint', (column) => column.notNull())
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('event_at', 'bigint', (column) => column.notNull())
    .addColumn('queued_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('failed_at', 'bigint')
    .addColumn('log', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('webhook_cursor')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('outbox_id', 'bigint', (column) => column.notNull())
    .execute()
  const indexes: readonly (readonly [name: string, table: string, columns: readonly string[]])[] = [
    ['webhooks_by_creator', 'webhooks', ['org_id', 'creator_id', 'created_at', 'id']],
    ['webhook_deliveries_due', 'webhook_deliveries', ['state', 'due_at', 'seq']],
    ['webhook_deliveries_log', 'webhook_deliveries', ['webhook_id', 'seq']],
    ['webhook_deliveries_state', 'webhook_deliveries', ['webhook_id', 'state', 'key']],
  ]
  for (const [name, table, columns] of indexes)
    await db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute()
}
