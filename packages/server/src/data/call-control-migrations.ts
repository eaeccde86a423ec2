/**
 * The migrations that came with the call controls: lines of every kind in a table of their own, groups, history,
 * uploaded sounds, voicemail. A data folder of the first release keeps everything: people keep ids, tokens and phones.
 *
 * SQLite cannot change a key in place, and dropping a table deletes what refers to it. So the old tables are renamed,
 * children first, which takes their references with them; the new ones are filled; the old ones go, children first.
 */
import { dialectOf, type Kysely, type Migration, sql } from '@tandem/store'

/** The tables as they were and became then; no type is kept for history. */
type Db = Kysely<never>

/** The migrations of the call controls, by key. */
export const CALL_CONTROL_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0210_lines': { up: makeLines },
  '0211_groups': { up: makeGroups },
  '0212_call_history': { up: makeHistory },
  '0213_sounds': { up: makeSounds },
  '0214_voicemail': { up: makeVoicemail },
}

async function makeLines(db: Db): Promise<void> {
  for (const table of ['devices', 'tokens', 'people'])
    await db.schema.alterTable(table).renameTo(`${table}_0200`).execute()
  // Names of constraints belong to a table on SQLite; on PostgreSQL their indexes' belong to all, and must make way.
  if (dialectOf(db) === 'postgres')
    for (const [table, constraint] of await namedConstraints(db))
      await sql`alter table ${sql.ref(table)} rename constraint ${sql.ref(constraint)}
        to ${sql.ref(`${constraint}_0200`)}`.execute(db)

  await db.schema
    .createTable('lines')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind in ('person', 'place', 'virtualLine')`),
    )
    .addColumn('location_id', 'text', (column) => column.notNull())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('extension', 'text', (column) => column.notNull())
    .addColumn('numbers', 'text', (column) => column.notNull())
    .addColumn('features', 'text', (column) => column.notNull())
    .addColumn('recording', 'text', (column) => column.notNull())
    .addColumn('recording_managed', 'integer', (column) => column.notNull())
    .addColumn('voicemail_pin', 'blob')
    .addColumn('preferred_device_id', 'text')
    .addColumn('preferred_managed', 'integer', (column) => column.notNull())
    .addColumn('external_waiting', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('lines_extension', ['org_id', 'extension'])
    .addUniqueConstraint('lines_key', ['org_id', 'id'])
    // A line's location is one of the same organisation, by the key itself.
    .addForeignKeyConstraint('lines_location', ['org_id', 'location_id'], 'locations', ['org_id', 'id'])
    .execute()
  // A mode other than the default was written by a file; `Never` may have been, or not: then the API may change it.
  await sql`insert into lines
    select id, org_id, 'person', location_id, display_name, extension, numbers, '{}',
      '{"record":"' || recording || '"}', case when recording <> 'Never' then 1 else 0 end, null, null, 0, 0, managed_by
    from people_0200`.execute(db)

  await db.schema
    .createTable('people')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('email_folded', 'text', (column) => column.notNull())
    .addColumn('first_name', 'text', (column) => column.notNull())
    .addColumn('last_name', 'text', (column) => column.notNull())
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('timezone', 'text')
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('modified_at', 'integer', (column) => column.notNull())
    .addUniqueConstraint('people_email', ['org_id', 'email_folded'])
    .addUniqueConstraint('people_key', ['org_id', 'id'])
    .addForeignKeyConstraint('people_line', ['org_id', 'id'], 'lines', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await sql`insert into people
    select id, org_id, email, email_folded, first_name, last_name, roles, timezone, managed_by, created_at, modified_at
    from people_0200`.execute(db)

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
  await sql`insert into tokens
    select id, hash, org_id, person_id, scopes, note, created_at, expires_at, revoked_at from tokens_0200`.execute(
    db,
  )

  await db.schema
    .createTable('devices')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('line_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('sip_user', 'text', (column) => column.notNull())
    .addColumn('realm', 'text', (column) => column.notNull())
    .addColumn('secret', 'blob', (column) => column.notNull())
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('devices_user', ['org_id', 'sip_user'])
    .addUniqueConstraint('devices_key', ['org_id', 'id'])
    .addForeignKeyConstraint('devices_line', ['org_id', 'line_id'], 'lines', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await sql`insert into devices
    select id, org_id, person_id, name, sip_user, realm, secret, managed_by from devices_0200`.execute(db)

  for (const table of ['devices_0200', 'tokens_0200', 'people_0200'])
    await db.schema.dropTable(table).execute()

  await db.schema.alterTable('organizations').addColumn('park_recall_seconds', 'integer').execute()
  await db.schema.alterTable('locations').addColumn('hold_music', 'text').execute()
  await db.schema
    .alterTable('locations')
    .addColumn('hold_music_managed', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .alterTable('locations')
    .addColumn('services', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute()
  await db.schema.alterTable('locations').addColumn('recording_failure', 'text').execute()
}

/** The keys of the tables that were renamed, by the names that the new tables take. */
async function namedConstraints(db: Db): Promise<readonly (readonly [table: string, constraint: string])[]> {
  const found = await sql<{ table: string; constraint: string }>`
    select cast(conrelid as regclass) as "table", conname as "constraint" from pg_constraint
    where contype in ('u', 'p') and cast(cast(conrelid as regclass) as text)
      in ('devices_0200', 'tokens_0200', 'people_0200')`.execute(db)
  return found.rows.map((row) => [row.table, row.constraint])
}

async function makeGroups(db: Db): Promise<void> {
  await db.schema
    .createTable('device_lines')
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addColumn('line_id', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('device_lines_key', ['org_id', 'device_id', 'line_id'])
    .addForeignKeyConstraint(
      'device_lines_device',
      ['org_id', 'device_id'],
      'devices',
      ['org_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint('device_lines_line', ['org_id', 'line_id'], 'lines', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createTable('assistants')
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('executive_id', 'text', (column) => column.notNull())
    .addColumn('assistant_id', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('assistants_key', ['org_id', 'executive_id', 'assistant_id'])
    .addForeignKeyConstraint(
      'assistants_executive',
      ['org_id', 'executive_id'],
      'lines',
      ['org_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'assistants_assistant',
      ['org_id', 'assistant_id'],
      'lines',
      ['org_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createTable('line_groups')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('kind', 'text', (column) => column.notNull().check(sql`kind in ('pickup', 'park')`))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('managed_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('line_groups_name', ['org_id', 'kind', 'name'])
    .addUniqueConstraint('line_groups_key', ['org_id', 'id'])
    .execute()
  await db.schema
    .createTable('line_group_members')
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('group_id', 'text', (column) => column.notNull())
    .addColumn('line_id', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('line_group_members_key', ['org_id', 'group_id', 'line_id'])
    .addForeignKeyConstraint(
      'members_group',
      ['org_id', 'group_id'],
      'line_groups',
      ['org_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint('members_line', ['org_id', 'line_id'], 'lines', ['org_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .execute()
}

async function makeHistory(db: Db): Promise<void> {
  await db.schema
    .createTable('call_history')
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('line_id', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('call_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('number', 'text')
    .addColumn('privacy', 'integer', (column) => column.notNull())
    .addColumn('time', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('call_history_key', ['org_id', 'line_id', 'type', 'call_id'])
    .execute()
  await db.schema
    .createIndex('call_history_newest')
    .on('call_history')
    .columns(['org_id', 'line_id', 'type', 'time', 'call_id'])
    .execute()
}

async function makeSounds(db: Db): Promise<void> {
  await db.schema
    .createTable('sounds')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) =>
      column.notNull().references('organizations.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('duration_ms', 'integer', (column) => column.notNull())
    .addColumn('size_bytes', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addUniqueConstraint('sounds_name', ['org_id', 'name'])
    .execute()
}

async function makeVoicemail(db: Db): Promise<void> {
  await db.schema
    .createTable('voicemail')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('org_id', 'text', (column) => column.notNull())
    .addColumn('line_id', 'text', (column) => column.notNull())
    .addColumn('call_session_id', 'text', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('duration_ms', 'integer', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('number', 'text')
    .addColumn('heard', 'integer', (column) => column.notNull())
    .addColumn('deleted', 'integer', (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('voicemail_box')
    .on('voicemail')
    .columns(['org_id', 'line_id', 'at', 'id'])
    .execute()
}
