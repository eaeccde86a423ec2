/**
 * The migrations of the first release: directory, tokens, registrations, call records. They have been carried out on
 * data folders that exist, so they are never changed; what came later is in `call-control-migrations.ts`.
 */
import type { Kysely, Migration } from '@tandem/store'

/** The tables as they were then; today's rows are another shape, and no type is kept for history. */
type Db = Kysely<never>

/** The first migrations of this package, by key. */
export const FIRST_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0200_directory': { up: makeDirectory },
  '0201_tokens': { up: makeTokens },
  '0202_calls': { up: makeCalls },
}

async function makeDirectory(db: Db): Promise<void> {
  await db.schema
    .createTable('organizations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('domains')
    .addColumn('domain', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('position', 'integer', (column) => column.notNull())
    .addUniqueConstraint('domains_position', ['org_id', 'position'])
    .execute()
  await db.schema
    .createTable('locations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('locations_name', ['org_id', 'name'])
    .addUniqueConstraint('locations_key', ['org_id', 'id'])
    .execute()
  await db.schema
    .createTable('people')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('location_id', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('email_folded', 'text', (column) => column.notNull())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('first_name', 'text', (column) => column.notNull())
    .addColumn('last_name', 'text', (column) => column.notNull())
    .addColumn('extension', 'text', (column) => column.notNull())
    .addColumn('numbers', 'text', (column) => column.notNull())
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('recording', 'text', (column) => column.notNull())
    .addColumn('timezone', 'text')
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('modified_at', 'integer', (column) => column.notNull())
    .addUniqueConstraint('people_extension', ['org_id', 'extension'])
    .addUniqueConstraint('people_email', ['org_id', 'email_folded'])
    .addUniqueConstraint('people_key', ['org_id', 'id'])
    // A person's location is one of the same organisation, by the key itself.
    .addForeignKeyConstraint('people_location', ['org_id', 'location_id'], 'locations', ['org_id', 'id'])
    .execute()
  await db.schema
    .createTable('devices')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('sip_user', 'text', (column) => column.notNull())
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('secret', 'blob', (column) => column.notNull())
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('devices_user', ['org_id', 'sip_user'])
    .addForeignKeyConstraint('devices_person', ['org_id', 'person_id'], 'people', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createTable('server_state')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
}

async function makeTokens(db: Db): Promise<void> {
  await db.schema
    .createTable('tokens')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('person_id', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer')
    .addColumn('revoked_at', 'integer')
    .addForeignKeyConstraint('tokens_person', ['org_id', 'person_id'], 'people', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createTable('setup_links')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .addColumn('used_at', 'integer')
    .execute()
}

async function makeCalls(db: Db): Promise<void> {
  await db.schema
    .createTable('bindings')
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addColumn('bindings', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('bindings_key', ['org_id', 'device_id'])
    .execute()
  await db.schema
    .createTable('call_records')
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('call_session_id', 'text', (column) => column.notNull())
    .addColumn('started_at', 'integer', (column) => column.notNull())
    .addColumn('answered_at', 'integer')
    .addColumn('ended_at', 'integer', (column) => column.notNull())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('call_records_key', ['org_id', 'call_session_id'])
    .execute()
  await db.schema
    .createIndex('call_records_time')
    .on('call_records')
    .columns(['org_id', 'started_at'])
    .execute()
}
